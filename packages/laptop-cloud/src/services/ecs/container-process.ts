import { type ChildProcess, spawn } from "node:child_process";
import { endWithLaptop } from "../../kernel/end-with-laptop";
import { readLines } from "../../kernel/read-lines";
import type { FromContainer, Settled, ToContainer } from "./runtime/protocol";

/** How a process ended: with a code or a signal, or with neither if it could not be started. */
interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

interface ProcessOptions {
  /** The file that is loaded before the container's own code. */
  preload: string;
  /** The arguments for Node: the file and its arguments. */
  parameters: string[];
  folder: string;
  /** The complete environment. */
  variables: Record<string, string>;
  onLine(line: string, stream: "stdout" | "stderr"): void;
  /** Called for each HTTP request that is not an AWS call, with the address without its query. */
  onRequest(url: string): void;
}

/** A container's process: this machine's Node, in the image's folder. */
class ContainerProcess {
  readonly #child: ChildProcess;
  readonly #settling = new Map<number, (settled: Settled) => void>();
  #lastSettling = 0;
  /** Resolves when the process has exited and all its output has been read. */
  readonly ended: Promise<Exit>;

  constructor({ preload, parameters, folder, variables, onLine, onRequest }: ProcessOptions) {
    this.#child = spawn(process.execPath, ["--require", preload, ...parameters], {
      cwd: folder,
      env: variables,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      // Its own process group, so that a terminal's Ctrl-C reaches only the cloud, which stops its containers in order.
      detached: true,
    });
    endWithLaptop(this.#child);
    this.ended = new Promise(resolve => {
      this.#child.once("close", (code, signal) => resolve({ code, signal }));
      this.#child.once("error", error => {
        onLine(error.message, "stderr");
        resolve({ code: null, signal: null });
      });
    });
    for (const stream of ["stdout", "stderr"] as const) {
      const say = (line: string) => onLine(line, stream);
      readLines(this.#child[stream]!, say, say);
    }
    this.#child.on("message", (message: FromContainer) => {
      if (message.kind === "requested") onRequest(message.url);
      else this.#settling.get(message.id)?.(message);
    });
  }

  /** Undefined if it could not be started. */
  get pid() {
    return this.#child.pid;
  }

  followClock(offsetMs: number) {
    this.#send({ kind: "clock", offsetMs });
  }

  /** Resolves when no work is in progress or the process has exited, with the next timer's due time (epoch milliseconds of the cloud). */
  async settle(): Promise<number> {
    const id = ++this.#lastSettling;
    const settled = new Promise<Settled>(resolve => this.#settling.set(id, resolve));
    this.#send({ kind: "settle", id });
    const answer = await Promise.race([settled, this.ended.then(() => undefined)]);
    this.#settling.delete(id);
    return answer?.dueMs ?? Number.POSITIVE_INFINITY;
  }

  /** Sends SIGTERM, then SIGKILL after `limitMs` of real time. Resolves when it has exited. */
  async stop(limitMs: number): Promise<void> {
    this.#child.kill("SIGTERM");
    const limit = setTimeout(() => this.#child.kill("SIGKILL"), limitMs);
    await this.ended;
    clearTimeout(limit);
  }

  /** Sends SIGKILL. Resolves when it has exited. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended;
  }

  #send(message: ToContainer) {
    // An error here means that the process has just ended, which `ended` reports.
    if (this.#child.connected) this.#child.send(message, () => {});
  }
}

export type { Exit };
export { ContainerProcess };
