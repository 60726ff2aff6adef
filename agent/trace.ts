/** Propagates the trace of a message to every call made because of it, so that one message is one trace. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { __Client as Client } from "@aws-sdk/client-dynamodb";

const TRACE_HEADER = "X-Amzn-Trace-Id";

const traces = new AsyncLocalStorage<string>();

/** Runs `work` under a trace, if there is a header. */
const runTraced = <T>(header: string | undefined, work: () => T): T => (header === undefined ? work() : traces.run(header, work));

const buildTraceHeaders = (): Record<string, string> => {
  const header = traces.getStore();
  return header === undefined ? {} : { [TRACE_HEADER]: header };
};

const hasHeaders = (request: unknown): request is { headers: Record<string, string> } =>
  typeof request === "object" && request !== null && "headers" in request && typeof request.headers === "object";

// biome-ignore lint/suspicious/noExplicitAny: the type must fit the clients of all services.
type ClientStack = Pick<Client<any, any, any, any>["middlewareStack"], "add">;

/** Adds the current trace to every call of an SDK client, as the SDK does inside Lambda. Usage: `client.middlewareStack.use(continueTrace)`. */
const continueTrace = {
  applyToStack: (stack: ClientStack): void =>
    stack.add(
      next => args => {
        if (hasHeaders(args.request)) Object.assign(args.request.headers, buildTraceHeaders());
        return next(args);
      },
      { step: "build", name: "continueTrace", override: true },
    ),
};

export type { ClientStack };
export { buildTraceHeaders, continueTrace, runTraced };
