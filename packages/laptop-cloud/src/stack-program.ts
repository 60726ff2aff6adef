import { join } from "node:path";
import type { Resource } from "./kernel/inventory";
import type { Program } from "./kernel/program";
import type { Place } from "./kernel/service";
import type { StartOptions } from "./options";
import { type Plugin, urlsOf } from "./plugin";
import { explainMissing, explainOverride, readStackConfig, type StackConfig } from "./program/config";
import { errorOf, ProgramProcess } from "./program/program-process";

const STACK_NAME = "local";

/** The Pulumi program of a folder: runs it, and keeps what the latest run has declared. */
class StackProgram {
  #process: ProgramProcess | undefined = new ProgramProcess();
  #latest: Program | undefined;
  #files: readonly string[] = [];

  constructor(
    private readonly options: Pick<StartOptions, "program" | "overrides">,
    /** `${NAME}` in the stack's settings stands for a plugin's URL. */
    private readonly plugins: Plugin[],
  ) {}

  /** Throws as `readStackConfig` does. */
  readConfig(pageUrl = ""): StackConfig {
    return readStackConfig(this.options.program, STACK_NAME, urlsOf(this.plugins, pageUrl), this.options.overrides);
  }

  get latest(): Program {
    if (this.#latest === undefined) throw new Error("A service called program() before the program had run.");
    return this.#latest;
  }

  /** The files that the program is made of, without packages. */
  get files(): readonly string[] {
    const { program } = this.options;
    return [...this.#files, join(program, "Pulumi.yaml"), join(program, `Pulumi.${STACK_NAME}.yaml`)];
  }

  /** Runs the program. Throws its error, and then `latest` is as before. */
  async run(place: Place): Promise<Resource[]> {
    const config = this.readConfig(place.pageUrl);
    this.#process ??= new ProgramProcess();
    try {
      const { files, ...answer } = await this.#process.run({ folder: this.options.program, config, place });
      if ("error" in answer) {
        // A run that failed early may have loaded only some of its files.
        this.#files = [...new Set([...this.#files, ...files])];
        const error = explainMissing(errorOf(answer.error), this.options.program, STACK_NAME);
        throw explainOverride(error, config.project, this.options.overrides);
      }
      this.#files = files;
      const { resources, ...outputs } = answer.result;
      this.#latest = { ...outputs, config: config.values };
      return resources;
    } finally {
      this.stop();
    }
  }

  /** Takes back the latest run, because its resources could not be applied. */
  revert(earlier: Program) {
    this.#latest = earlier;
  }

  /** Ends a run in progress, which throws then. */
  stop() {
    this.#process?.stop();
    this.#process = undefined;
  }
}

export { StackProgram };
