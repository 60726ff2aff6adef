/** Carries a message's trace through all that is done because of it: one message, one trace. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { __Client as Client } from "@aws-sdk/client-dynamodb";

const TRACE_HEADER = "X-Amzn-Trace-Id";

const traces = new AsyncLocalStorage<string>();

/** Runs `work` under a trace; without a header as it is. */
const runTraced = <T>(header: string | undefined, work: () => T): T => (header === undefined ? work() : traces.run(header, work));

/** Builds the headers that continue the present trace. */
const buildTraceHeaders = (): Record<string, string> => {
  const header = traces.getStore();
  return header === undefined ? {} : { [TRACE_HEADER]: header };
};

const hasHeaders = (request: unknown): request is { headers: Record<string, string> } =>
  typeof request === "object" && request !== null && "headers" in request && typeof request.headers === "object";

// biome-ignore lint/suspicious/noExplicitAny: what a client of any service has in common; its own types are of one service.
type ClientStack = Pick<Client<any, any, any, any>["middlewareStack"], "add">;

/** Lets every call of an SDK client carry the present trace, as the SDK does by itself inside Lambda: `client.middlewareStack.use(...)`. */
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
