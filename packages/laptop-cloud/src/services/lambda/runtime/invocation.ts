import { send } from "./channel";
import { toFailure, toRuntimeFailure } from "./failure";
import type { Handler } from "./handler";
import type { Failure, Invoke } from "./protocol";

/** Maximum size of a synchronous response (Lambda quotas: 6 MB, as the service counts it). */
const MAX_ANSWER_BYTES = 6_291_556;

/**
 * One invocation: calls the handler, in promise or callback style, and reports the result to the cloud.
 *
 * As in Lambda's Node runtime, the result is null if the event loop empties before the handler returns a result. The result of a callback
 * is held until the event loop is empty, unless `context.callbackWaitsForEmptyEventLoop` is false.
 */
class Invocation {
  #answered: { result: unknown } | undefined;
  #ended = false;
  readonly #startedMs = performance.now();
  readonly #loopIsEmpty = () => this.#succeed(this.#answered?.result);

  constructor(
    private readonly invoke: Invoke,
    private readonly variables: Record<string, string>,
    private readonly onEnd: () => void,
  ) {}

  run(handler: Handler) {
    // Without this the channel to the cloud would keep the loop from ever running empty.
    process.channel?.unref();
    process.once("beforeExit", this.#loopIsEmpty);
    try {
      const context = this.#createContext();
      const returned = handler(JSON.parse(this.invoke.payload), context, (error, result) => this.#callBack(context, error, result));
      if (isThenable(returned)) {
        returned.then(
          result => this.#succeed(result),
          (error: unknown) => this.fail(toFailure(error)),
        );
      }
    } catch (error) {
      this.fail(toFailure(error));
    }
  }

  fail(failure: Failure) {
    if (this.#ended) return;
    console.error("Invoke Error", JSON.stringify({ ...failure, trace: undefined, stack: failure.trace }));
    this.#end(JSON.stringify(failure), true);
  }

  /** Ends without a log line: the caller has logged the reason and ends the process. */
  abandon(failure: Failure) {
    if (!this.#ended) this.#end(JSON.stringify(failure), true);
  }

  #callBack(context: { callbackWaitsForEmptyEventLoop: boolean }, error: unknown, result: unknown) {
    if (this.#ended || this.#answered !== undefined) return;
    if (error !== null && error !== undefined) return this.fail(toFailure(error));
    if (!context.callbackWaitsForEmptyEventLoop) return this.#succeed(result);
    this.#answered = { result };
  }

  #succeed(result: unknown) {
    if (this.#ended) return;
    let payload: string;
    try {
      payload = JSON.stringify(result) ?? "null";
    } catch (error) {
      return this.fail(toRuntimeFailure("Runtime.MarshalError", error));
    }
    const sizeBytes = Buffer.byteLength(payload);
    if (sizeBytes > MAX_ANSWER_BYTES) {
      const errorMessage = `Response payload size (${sizeBytes} bytes) exceeded maximum allowed payload size (${MAX_ANSWER_BYTES} bytes).`;
      return this.fail({ errorType: "Function.ResponseSizeTooLarge", errorMessage, trace: [] });
    }
    this.#end(payload, false);
  }

  #end(payload: string, failed: boolean) {
    this.#ended = true;
    process.removeListener("beforeExit", this.#loopIsEmpty);
    process.channel?.ref();
    send({ kind: "done", requestId: this.invoke.requestId, payload, failed, maxMemoryKb: process.resourceUsage().maxRSS });
    this.onEnd();
  }

  #createContext() {
    const { requestId, functionArn, timeoutMs, clientContext } = this.invoke;
    const context = {
      callbackWaitsForEmptyEventLoop: true,
      functionVersion: this.variables["AWS_LAMBDA_FUNCTION_VERSION"],
      functionName: this.variables["AWS_LAMBDA_FUNCTION_NAME"],
      memoryLimitInMB: this.variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
      logGroupName: this.variables["AWS_LAMBDA_LOG_GROUP_NAME"],
      logStreamName: this.variables["AWS_LAMBDA_LOG_STREAM_NAME"],
      invokedFunctionArn: functionArn,
      awsRequestId: requestId,
      clientContext: clientContext === undefined ? undefined : JSON.parse(Buffer.from(clientContext, "base64").toString()),
      identity: undefined,
      getRemainingTimeInMillis: () => Math.max(0, Math.round(timeoutMs - (performance.now() - this.#startedMs))),
      done: (error: unknown, result: unknown) => this.#callBack(context, error, result),
      succeed: (result: unknown) => this.#callBack(context, null, result),
      fail: (error: unknown) => this.#callBack(context, error ?? "handled", undefined),
    };
    return context;
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown> | undefined)?.then === "function";

export { Invocation };
