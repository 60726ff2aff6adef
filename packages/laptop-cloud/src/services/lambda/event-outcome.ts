import type { InvocationOutcome } from "./execution-environment";

/** An event of an asynchronous invocation, as it is stored until it is finished. */
interface QueuedEvent {
  requestId: string;
  functionName: string;
  /** JSON. */
  payload: string;
  trace: string;
  /** The caller, for display: a Pulumi name or a principal. */
  from: string;
  acceptedMs: number;
  /** Attempts that ran and failed. */
  failedAttempts: number;
  /** Attempts that were throttled, for the backoff. */
  throttledAttempts: number;
  /** When it is due. */
  dueMs: number;
}

type Condition = "Success" | "RetriesExhausted" | "EventAgeExceeded";

interface FinishedInvocation {
  event: QueuedEvent;
  functionArn: string;
  condition: Condition;
  outcome: InvocationOutcome | undefined;
  nowMs: number;
}

/** The record that Lambda sends to a destination ("Adding a destination", example record). */
const buildInvocationRecord = ({ event, functionArn, condition, outcome, nowMs }: FinishedInvocation) => ({
  version: "1.0",
  timestamp: new Date(nowMs).toISOString(),
  requestContext: {
    requestId: event.requestId,
    functionArn: `${functionArn}:$LATEST`,
    condition,
    approximateInvokeCount: event.failedAttempts + (condition === "Success" ? 1 : 0),
  },
  requestPayload: JSON.parse(event.payload),
  ...(outcome === undefined
    ? {}
    : {
        responseContext: {
          statusCode: 200,
          executedVersion: "$LATEST",
          ...(outcome.failed ? { functionError: "Unhandled" } : {}),
        },
        responsePayload: JSON.parse(outcome.payload),
      }),
});

/** The message attributes that Lambda adds to a failed event in a dead-letter queue ("Dead-letter queues"). */
const buildDeadLetterAttributes = (event: QueuedEvent, outcome: InvocationOutcome | undefined) => {
  const message: string | undefined = outcome === undefined ? undefined : (JSON.parse(outcome.payload).errorMessage ?? "");
  const attribute = (type: string, value: string) => ({ DataType: type, StringValue: value });
  return {
    RequestID: attribute("String", event.requestId),
    ErrorCode: attribute("Number", outcome === undefined ? "429" : "200"),
    // The first kilobyte; an attribute may not be empty.
    ErrorMessage: attribute("String", (message ?? "The event was not processed before its maximum age.").slice(0, 1024) || "-"),
  };
};

export type { Condition, QueuedEvent };
export { buildDeadLetterAttributes, buildInvocationRecord };
