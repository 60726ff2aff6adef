import { AwsError } from "../../../kernel/aws-error";
import { shownNameOf } from "../../../kernel/calls";
import type { Cloud, OperationOf, RestReply, RestRequest } from "../../../kernel/service";
import { createTraceRoot } from "../../../kernel/trace";
import type { EventQueue } from "../event-queue";
import type { Invoker } from "../invoker";
import type { Functions } from "../store";

/** The input of the SDK's command. In-process callers may pass the payload as a string. */
interface InvokeInput {
  FunctionName: string;
  Qualifier?: string;
  InvocationType?: string;
  LogType?: string;
  ClientContext?: string;
  Payload?: Uint8Array | string;
}

interface InvokeOutput {
  StatusCode: number;
  ExecutedVersion?: string;
  FunctionError?: string;
  /** base64 */
  LogResult?: string;
  Payload?: Uint8Array;
  /** Differs from AWS, where this is the header `x-amzn-requestid`. */
  RequestId: string;
}

/** Lambda quotas, "Invocation payload": 6 MB synchronous, 1 MB asynchronous. */
const MAX_PAYLOAD_BYTES = { RequestResponse: 6 * 1024 * 1024, Event: 1024 * 1024 };

const MAX_CLIENT_CONTEXT_BYTES = 3583;

/**
 * Behaves as Invoke; differs: one version, $LATEST. Calls beyond a function's environments on the laptop wait instead of being throttled.
 */
const invoke: OperationOf<{ cloud: Cloud; functions: Functions; invoker: Invoker; queue: EventQueue }> = async (
  { cloud, functions, invoker, queue },
  input: InvokeInput,
  call,
) => {
  const arn = functions.arnOf(input.FunctionName);
  const policy = functions.get(arn.split(":").at(-1)!)?.policy ?? [];
  call.authorize("lambda:InvokeFunction", arn, policy.length > 0 ? { resourcePolicy: { Statement: policy } } : {});
  const deployed = functions.find(input.FunctionName, input.Qualifier);
  const type = parseInvocationType(input.InvocationType);
  if (type === "DryRun") return { StatusCode: 204, RequestId: call.id };

  const payload = parsePayload(input.Payload, type);
  const trace = call.caller.trace ?? createTraceRoot(cloud.clock.nowMs());
  const from = shownNameOf(cloud.inventory, call.caller);
  if (type === "Event") {
    await queue.accept({ functionName: deployed.configuration.name, requestId: call.id, payload, trace, from });
    return { StatusCode: 202, RequestId: call.id };
  }
  const clientContext = parseClientContext(input.ClientContext);
  const outcome = await invoker.run(deployed, { requestId: call.id, payload, trace, clientContext }, { from, type, attempt: 1 });
  return {
    StatusCode: 200,
    ExecutedVersion: "$LATEST",
    ...(outcome.failed ? { FunctionError: "Unhandled" } : {}),
    ...(input.LogType === "Tail" ? { LogResult: Buffer.from(outcome.logTail).toString("base64") } : {}),
    Payload: Buffer.from(outcome.payload),
    RequestId: call.id,
  };
};

const parseInvocationType = (type = "RequestResponse"): "RequestResponse" | "Event" | "DryRun" => {
  if (type === "RequestResponse" || type === "Event" || type === "DryRun") return type;
  throw new AwsError(
    "InvalidParameterValueException",
    `InvocationType is ${JSON.stringify(type)}, but must be one of RequestResponse, Event, DryRun.`,
    400,
    { Type: "User" },
  );
};

/** A missing payload is an empty event. */
const parsePayload = (payload: Uint8Array | string | undefined, type: "RequestResponse" | "Event"): string => {
  const text = typeof payload === "string" ? payload : Buffer.from(payload ?? []).toString("utf8");
  const sizeBytes = Buffer.byteLength(text);
  if (sizeBytes > MAX_PAYLOAD_BYTES[type]) {
    const limit = `Request must be smaller than ${MAX_PAYLOAD_BYTES[type]} bytes for the InvokeFunction operation`;
    throw new AwsError("RequestTooLargeException", limit, 413, { Type: "User" });
  }
  if (text === "") return "{}";
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    const reason = `Could not parse request body into json: ${(error as Error).message}`;
    throw new AwsError("InvalidRequestContentException", reason, 400, { Type: "User" });
  }
};

const parseClientContext = (context: string | undefined): string | undefined => {
  if (context === undefined) return undefined;
  try {
    if (Buffer.byteLength(context) <= MAX_CLIENT_CONTEXT_BYTES) {
      JSON.parse(Buffer.from(context, "base64").toString());
      return context;
    }
  } catch {
    // Refused below, like one that is too long.
  }
  throw new AwsError("InvalidRequestContentException", "Client context must be a valid Base64-encoded JSON object.", 400, { Type: "User" });
};

const readInvoke = ({ parameters, query, headers, body }: RestRequest): InvokeInput => ({
  FunctionName: parameters["FunctionName"]!,
  Qualifier: query.get("Qualifier") ?? undefined,
  InvocationType: headers["x-amz-invocation-type"],
  LogType: headers["x-amz-log-type"],
  ClientContext: headers["x-amz-client-context"],
  Payload: body,
});

const writeInvoke = ({ StatusCode, ExecutedVersion, FunctionError, LogResult, Payload, RequestId }: InvokeOutput): RestReply => ({
  status: StatusCode,
  headers: {
    "x-amzn-requestid": RequestId,
    ...(Payload === undefined ? {} : { "content-type": "application/json" }),
    ...(ExecutedVersion === undefined ? {} : { "x-amz-executed-version": ExecutedVersion }),
    ...(FunctionError === undefined ? {} : { "x-amz-function-error": FunctionError }),
    ...(LogResult === undefined ? {} : { "x-amz-log-result": LogResult }),
  },
  body: Payload === undefined ? "" : Buffer.from(Payload),
});

export { invoke, parsePayload, readInvoke, writeInvoke };
