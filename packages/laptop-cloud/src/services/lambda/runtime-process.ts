import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { dirname } from "node:path";
import type { Readable } from "node:stream";
import { endWithLaptop } from "../../kernel/end-with-laptop";
import { isObject } from "../../kernel/json";
import { readLines } from "../../kernel/read-lines";
import type { FromRuntime, ToRuntime } from "./runtime/protocol";

/** Lambda reserves a tenth of a function's memory for everything outside V8's heap. */
const HEAP_SHARE = 0.9;

/** How a process ended: with a code or a signal. */
interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A forked process of the runtime: first a spare, then assigned to one function. */
class RuntimeProcess {
  readonly #child: ChildProcess;
  readonly #gone: Promise<void>;
  /** Resolves when the process has exited and all its output has been read. */
  readonly ended: Promise<Exit>;
  onMessage: (message: FromRuntime) => void = () => {};

  constructor(
    bootstrap: string,
    readonly memoryMb: number,
  ) {
    this.#child = fork(bootstrap, [], {
      cwd: dirname(bootstrap),
      // Explicit, because a fork would inherit its parent's (ts-node, inspectors).
      execArgv: [`--max-old-space-size=${Math.floor(memoryMb * HEAP_SHARE)}`],
      env: { PATH: "/usr/local/bin:/usr/bin:/bin", LANG: "en_US.UTF-8", TZ: ":UTC" },
      stdio: ["ignore", "pipe", "pipe", "ipc", "pipe"],
    });
    endWithLaptop(this.#child);
    // "error" means that the fork failed; "exit" and "close" may not follow.
    this.#gone = new Promise(resolve => this.#child.once("exit", () => resolve()).once("error", () => resolve()));
    this.ended = new Promise(resolve => {
      this.#child.once("close", (code, signal) => resolve({ code, signal }));
      this.#child.once("error", () => resolve({ code: null, signal: null }));
    });
    this.#child.on("error", error => console.error(error));
    readLines(this.#child.stdio[4] as Readable, line => this.onMessage(parseMessage(line)));
    for (const output of [this.#child.stdout!, this.#child.stderr!]) {
      const say = (text: string) => this.onMessage({ kind: "log", text });
      readLines(output, say, say);
    }
  }

  get alive() {
    return this.#child.exitCode === null && this.#child.signalCode === null && this.#child.connected;
  }

  send(message: ToRuntime) {
    // An error here means that the process has just ended, which `ended` reports.
    this.#child.send(message, () => {});
  }

  /** Sends SIGKILL. Resolves when the process has exited. */
  kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    return this.#gone;
  }
}

/** Handles other output on the runtime's pipe: a function may write to any descriptor, which must not crash the cloud. */
const parseMessage = (line: string): FromRuntime => {
  try {
    const message: unknown = JSON.parse(line);
    if (isMessage(message)) return message;
  } catch {
    // Logged below, like JSON that is not a message.
  }
  return { kind: "log", text: line };
};

const isMessage = (message: unknown): message is FromRuntime => {
  if (!isObject(message)) return false;
  switch (message["kind"]) {
    case "ready":
      return true;
    case "init-failed":
      return isObject(message["failure"]);
    case "log":
      return typeof message["text"] === "string";
    case "done":
      return typeof message["payload"] === "string";
    default:
      return false;
  }
};

/** How many processes are forked in advance, because a fork takes 40 to 90 ms. */
const spareCount = Math.max(1, Math.min(4, availableParallelism() - 1));

/** How long no function must have started before spares are forked: in a burst of cold starts they would take processor time from the functions. */
const QUIET_MS = 200;

/** Processes that are not assigned yet, of the memory sizes that were requested last. */
class SpareProcesses {
  readonly #spares: RuntimeProcess[] = [];
  #refill: NodeJS.Timeout | undefined;

  constructor(private readonly bootstrap: string) {}

  /** A spare process of this size if there is one, otherwise a new one. */
  take(memoryMb: number): RuntimeProcess {
    const index = this.#spares.findIndex(spare => spare.memoryMb === memoryMb && spare.alive);
    return index === -1 ? new RuntimeProcess(this.bootstrap, memoryMb) : this.#spares.splice(index, 1)[0]!;
  }

  /** Forks the missing spares soon, in a quiet moment. */
  prepare(memoryMb: number) {
    clearTimeout(this.#refill);
    this.#refill = setTimeout(() => {
      const dead = this.#spares.filter(spare => !spare.alive);
      for (const spare of dead) this.#spares.splice(this.#spares.indexOf(spare), 1);
      const missing = spareCount - this.#spares.filter(spare => spare.memoryMb === memoryMb).length;
      for (let count = 0; count < missing; count++) this.#spares.push(new RuntimeProcess(this.bootstrap, memoryMb));
      for (const surplus of this.#spares.splice(0, Math.max(0, this.#spares.length - spareCount))) void surplus.kill();
    }, QUIET_MS);
  }

  async stop() {
    clearTimeout(this.#refill);
    await Promise.all(this.#spares.splice(0).map(spare => spare.kill()));
  }
}

export type { Exit };
export { RuntimeProcess, SpareProcesses };
