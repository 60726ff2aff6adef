import type { StateBase } from "./definition";
import { type Data, evaluate, PathNotFound } from "./expression";
import { Failure, runtimeFailure } from "./failure";
import type { Visit } from "./journal";
import { isJsonObject, type Json } from "./json";
import { parseJsonPath, writePath } from "./json-path";
import { fillTemplate } from "./payload-template";

/** "Quotas related to state machine executions": input or output of a task, state or execution. */
const MAX_DATA_BYTES = 256 * 1024;

/**
 * The data flow of a state: InputPath and Parameters for its input; ResultSelector, ResultPath and OutputPath for its output
 * ("Processing input and output in Step Functions").
 */
class DataFlow {
  constructor(
    private readonly visit: Pick<Visit, "state" | "enteredEventId" | "input">,
    private readonly state: StateBase,
    readonly context: Json,
  ) {}

  /** The effective input of the state. Throws `Failure`. */
  effectiveInput(): Json {
    const { Parameters, Type } = this.state;
    const input = this.inputAtPath();
    // A Map state's Parameters are the older name of its ItemSelector.
    return Parameters === undefined || Type === "Map" ? input : this.fill("Parameters", Parameters, input);
  }

  inputAtPath(): Json {
    const { InputPath } = this.state;
    if (InputPath === null) return {};
    return InputPath === undefined ? this.visit.input : this.read("InputPath", InputPath, this.visit.input);
  }

  /** The output of the state for a result. Throws `Failure`. */
  output(result: Json): Json {
    const { ResultSelector, ResultPath } = this.state;
    const selected = ResultSelector === undefined ? result : this.fill("ResultSelector", ResultSelector, result);
    return this.outputAtPath(this.combine(selected, ResultPath));
  }

  outputAtPath(output: Json): Json {
    const { OutputPath } = this.state;
    if (OutputPath === null) return {};
    return this.limit(OutputPath === undefined ? output : this.read("OutputPath", OutputPath, output));
  }

  /** The output of a catcher. */
  caught(failure: Failure, resultPath: string | null | undefined): Json {
    return this.combine({ Error: failure.error, Cause: failure.cause }, resultPath);
  }

  /** A path's value. Throws `Failure` States.Runtime if there is none. */
  read(field: string, path: string, input: Json, context: Json = this.context): Json {
    return this.#explain(field, "States.Runtime", () => evaluate(path, { input, context }));
  }

  fill(field: string, template: Json, input: Json, context: Json = this.context): Json {
    const data: Data = { input, context };
    return this.#explain(field, "States.ParameterPathFailure", () => fillTemplate(template, data));
  }

  readInteger(field: string, path: string, input: Json): number {
    const value = this.read(field, path, input);
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0)
      throw this.runtime(`The ${field} '${path}' leads to ${JSON.stringify(value)}, but must lead to a whole number from 0 up.`);
    return value;
  }

  /** Throws `Failure` States.DataLimitExceeded. */
  limit(data: Json): Json {
    if (Buffer.byteLength(JSON.stringify(data)) <= MAX_DATA_BYTES) return data;
    throw new Failure(
      "States.DataLimitExceeded",
      `The state/task '${this.visit.state}' returned a result with a size exceeding the maximum number of bytes service limit.`,
    );
  }

  runtime(cause: string) {
    return runtimeFailure(this.#inState(cause));
  }

  #combine(result: Json, path: string): Json {
    const written = writePath(parseJsonPath(path), this.visit.input, result);
    if (written !== undefined) return written;
    throw new Failure(
      "States.ResultPathMatchFailure",
      this.#inState(`Unable to apply ReferencePath ${path} to input ${JSON.stringify(this.visit.input)}`),
    );
  }

  private combine(result: Json, path: string | null | undefined): Json {
    if (path === null) return this.visit.input;
    if (path === undefined || path === "$") return result;
    return this.#combine(result, path);
  }

  #explain<T>(field: string, error: string, work: () => T): T {
    try {
      return work();
    } catch (cause) {
      if (cause instanceof PathNotFound)
        throw new Failure(
          error,
          this.#inState(`The JSONPath '${cause.path}' specified for the field '${field}' could not be found in the input.`),
        );
      if (cause instanceof Failure) throw new Failure(cause.error, this.#inState(cause.cause));
      throw cause;
    }
  }

  #inState(cause: string) {
    return `An error occurred while executing the state '${this.visit.state}' (entered at the event id #${this.visit.enteredEventId}). ${cause}`;
  }
}

/** The context object of an iteration, with its item. */
const withItem = (context: Json, item: object): Json => ({ ...(isJsonObject(context) ? context : {}), Map: { Item: item as Json } });

export { DataFlow, withItem };
