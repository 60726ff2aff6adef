import { AwsError } from "../../kernel/aws-error";
import type { RoleCaller } from "../../kernel/caller";
import type { Cloud } from "../../kernel/service";
import { Failure } from "./failure";
import type { Json } from "./json";
import type { Scope } from "./scope";
import { FunctionFailure, findTaskResource, type TaskResource } from "./task-resources";

interface Limits {
  timeoutSeconds?: number;
  heartbeatSeconds?: number;
}

/** Calls the resources of Task states as the execution's role, and records the calls in the history. */
class TaskRunner {
  constructor(
    private readonly cloud: Pick<Cloud, "call" | "clock" | "place">,
    private readonly caller: RoleCaller,
  ) {}

  prepare(arn: string, parameters: Json, limits: Limits): Task {
    return new Task(this.cloud, this.caller, { resource: findTaskResource(arn).resource!, parameters, limits });
  }
}

interface TaskOptions {
  resource: TaskResource;
  parameters: Json;
  limits: Limits;
}

class Task {
  readonly #resource: TaskResource;
  readonly #parameters: Json;
  readonly #limits: Limits;

  constructor(
    private readonly cloud: Pick<Cloud, "call" | "clock" | "place">,
    private readonly caller: RoleCaller,
    { resource, parameters, limits }: TaskOptions,
  ) {
    this.#resource = resource;
    this.#parameters = parameters;
    this.#limits = limits;
  }

  announce(scope: Scope) {
    const text = JSON.stringify(this.#parameters);
    const { timeoutSeconds: timeoutInSeconds, heartbeatSeconds: heartbeatInSeconds } = this.#limits;
    const { resource } = this.#resource;
    if (this.#isFunction) {
      scope.emit("LambdaFunctionScheduled", { resource, input: text, inputDetails: { truncated: false }, timeoutInSeconds });
      scope.emit("LambdaFunctionStarted");
      return;
    }
    const { region } = this.cloud.place;
    scope.emit("TaskScheduled", { ...this.#named, region, parameters: text, timeoutInSeconds, heartbeatInSeconds });
    scope.emit("TaskStarted", this.#named);
  }

  /** The task's result. Throws `Failure`, `Abandoned`. */
  async run(scope: Scope, stateName: string): Promise<Json> {
    const over = new AbortController();
    const signal = AbortSignal.any([scope.signal, over.signal]);
    try {
      const result = await Promise.race([this.#call(), this.#timeOut(signal, stateName)]);
      scope.signal.throwIfAborted();
      const output = { output: JSON.stringify(result), outputDetails: { truncated: false } };
      if (this.#isFunction) scope.emit("LambdaFunctionSucceeded", output);
      else scope.emit("TaskSucceeded", { ...this.#named, ...output });
      return result;
    } catch (error) {
      scope.signal.throwIfAborted();
      throw this.#failed(scope, error);
    } finally {
      over.abort();
    }
  }

  async #call(): Promise<Json> {
    const { service, operation, buildInput, readOutput } = this.#resource;
    const call = this.cloud.call(service, operation, buildInput(this.#parameters), this.caller);
    // Moving the clock while a function runs does not count towards the task's timeout.
    return readOutput(await (service === "lambda" ? this.cloud.clock.hold(call) : call));
  }

  /** Rejects after the timeout, by the cloud's clock, or at once when the signal is aborted. */
  async #timeOut(signal: AbortSignal, stateName: string): Promise<never> {
    const { timeoutSeconds, heartbeatSeconds } = this.#limits;
    // No task here can send heartbeats, so the first missing heartbeat ends the task.
    const seconds = Math.min(timeoutSeconds ?? Number.POSITIVE_INFINITY, heartbeatSeconds ?? Number.POSITIVE_INFINITY);
    if (Number.isFinite(seconds)) await this.cloud.clock.wait(seconds * 1000, signal);
    else await new Promise<void>(resolve => signal.addEventListener("abort", () => resolve(), { once: true }));
    const error = seconds === timeoutSeconds ? "States.Timeout" : "States.HeartbeatTimeout";
    throw new Failure(error, `The task of the state '${stateName}' did not end within ${seconds} seconds.`);
  }

  #failed(scope: Scope, error: unknown): Failure {
    const failure = this.#toFailure(error);
    const details = { error: failure.error, cause: failure.cause };
    const timedOut = failure.error === "States.Timeout" || failure.error === "States.HeartbeatTimeout";
    if (this.#isFunction) scope.emit(timedOut ? "LambdaFunctionTimedOut" : "LambdaFunctionFailed", details);
    else scope.emit(timedOut ? "TaskTimedOut" : "TaskFailed", { ...this.#named, ...details });
    return failure;
  }

  #toFailure(error: unknown): Failure {
    if (error instanceof Failure) return error;
    if (error instanceof FunctionFailure) return new Failure(error.error, error.cause);
    if (error instanceof AwsError)
      return new Failure(
        this.#nameOf(error),
        `${error.message} (Service: ${this.#resource.service}; Status Code: ${error.status}; Error Code: ${error.code})`,
      );
    // A bug in the laptop cloud: print it, and fail the task like a server error of AWS.
    console.error(error);
    return new Failure(`${this.#resource.errorPrefix}.ServiceException`, "The laptop cloud failed on this call; its output says why.");
  }

  /** "Lambda.TooManyRequestsException"; the name of a denied call ends in that of the client's exception. */
  #nameOf({ code, status }: AwsError): string {
    const { errorPrefix } = this.#resource;
    if (errorPrefix === "Lambda" && status === 403) return "Lambda.AWSLambdaException";
    if (errorPrefix === "Lambda" && status >= 500) return "Lambda.ServiceException";
    return `${errorPrefix}.${code.endsWith("Exception") ? code : `${code}Exception`}`;
  }

  get #isFunction() {
    return this.#resource.resourceType === undefined;
  }

  get #named() {
    return { resourceType: this.#resource.resourceType, resource: this.#resource.resource };
  }
}

export { TaskRunner };
