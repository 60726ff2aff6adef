import { type ChildProcess, fork } from "node:child_process";
import { endWithLaptop, killGroup } from "../kernel/end-with-laptop";
import type { Resource } from "../kernel/inventory";
import type { Place } from "../kernel/service";
import type { StackConfig } from "./config";

/** What the program is run with. */
interface ProgramTask {
  /** The program's folder, an absolute path. */
  folder: string;
  config: StackConfig;
  place: Place;
}

/** What a run of the program declares. */
interface ProgramResult {
  resources: Resource[];
  outputs: Record<string, unknown>;
  secretOutputs: readonly string[];
}

/** An error as it is sent to another process. */
interface SentError {
  name: string;
  message: string;
  stack?: string;
}

/** The answer to a task. `files` are the files that the program has loaded, absolute paths, also if it failed. */
type ProgramAnswer = { files: string[] } & ({ result: ProgramResult } | { error: SentError });

/** The folder from which this process was started. Its arguments may be relative to it; later, its working directory is the program's folder. */
const STARTED_FROM = process.cwd();

/** How long a run may take, milliseconds. A first run, which compiles, takes up to 60 s on a very busy machine. */
const RUN_LIMIT_MS = 180_000;

/** The environment variable that tells a process to run the program and nothing else. */
const PROGRAM_VARIABLE = "LAPTOP_CLOUD_PROGRAM";

/**
 * Runs the program in a process of its own, which ends with the run: each run begins with fresh modules, and none leaves anything in memory.
 * The process loads the same main module as this one, so that TypeScript and plugins are set up in the same way.
 */
class ProgramProcess {
  readonly #child: ChildProcess;
  readonly #answer: Promise<ProgramAnswer>;
  #hasAnswered = false;

  /** Starts the process. It loads the laptop cloud while it waits for its task. */
  constructor() {
    this.#child = fork(process.argv[1]!, process.argv.slice(2), {
      cwd: STARTED_FROM,
      env: { ...process.env, [PROGRAM_VARIABLE]: "yes" },
      serialization: "advanced",
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      // It leads a group of its own. esbuild belongs to it, and would print all its goroutines if it lost only the program.
      detached: true,
    });
    endWithLaptop(this.#child, "group");
    this.#answer = new Promise((resolve, reject) => {
      this.#child.once("message", answer => {
        this.#hasAnswered = true;
        resolve(answer as ProgramAnswer);
      });
      this.#child.once("error", reject);
      this.#child.once("exit", (code, signal) =>
        reject(new Error(`The program's process ended with ${signal ?? code} before it was done.`)),
      );
    });
    // Nobody may be waiting yet.
    this.#answer.catch(() => undefined);
  }

  /** Rejects only if the process ends early or takes too long. An error of the program is an answer. */
  async run(task: ProgramTask, limitMs = RUN_LIMIT_MS): Promise<ProgramAnswer> {
    // An error here means that the process has just ended, which `#answer` reports.
    this.#child.send(task, () => {});
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`${task.config.project} was stopped, because it had not ended after ${limitMs / 1000} s.`)),
        limitMs,
      );
    });
    return Promise.race([this.#answer, limit]).finally(() => clearTimeout(timer));
  }

  /** After its answer, the process ends by itself: Node.js 22 then writes its compiled code to disk. */
  stop() {
    if (!this.#hasAnswered) killGroup(this.#child);
  }
}

/** The error of a run, as if it had been thrown here. */
const errorOf = ({ name, message, stack }: SentError): Error => Object.assign(new Error(message), { name, stack });

export type { ProgramAnswer, ProgramResult, ProgramTask, SentError };
export { errorOf, PROGRAM_VARIABLE, ProgramProcess };
