import { randomUUID } from "node:crypto";
import { AwsError } from "../../../kernel/aws-error";
import { commandWith } from "../../../kernel/command-name";
import type { Cloud, OperationOf } from "../../../kernel/service";
import type { Sessions } from "../sessions";

interface RuntimeInput {
  agentRuntimeArn: string;
  qualifier?: string;
  runtimeSessionId?: string;
}

interface Invocation extends RuntimeInput {
  contentType?: string;
  accept?: string;
  traceId?: string;
  payload: Buffer;
}

const SESSION_HEADER = "x-amzn-bedrock-agentcore-runtime-session-id";

/** The endpoint that each runtime has. */
const DEFAULT_ENDPOINT = "DEFAULT";

/** Behaves as InvokeAgentRuntime; differs: the agent is a process at the address that `--runtime` names. */
const invokeAgentRuntime: OperationOf<{ cloud: Cloud; sessions: Sessions }> = async ({ cloud, sessions }, input: Invocation, call) => {
  const { agentRuntimeArn, contentType = "application/octet-stream", accept = "*/*", traceId, payload } = input;
  call.authorize("bedrock-agentcore:InvokeAgentRuntime", agentRuntimeArn);
  const url = findAddress(cloud, input);
  const session = readSession(input.runtimeSessionId ?? randomUUID());
  const response = await sessions.send({
    url,
    session,
    headers: {
      "content-type": contentType,
      accept,
      "content-length": String(payload.length),
      [SESSION_HEADER]: session,
      ...(traceId === undefined ? {} : { "x-amzn-trace-id": traceId }),
    },
    body: payload,
    signal: call.signal,
  });
  if (response.statusCode !== 200) {
    response.resume();
    throw new AwsError("RuntimeClientError", `Received error (${response.statusCode}) from runtime. The agent at ${url} says why.`, 424);
  }
  return { contentType: response.headers["content-type"] ?? "application/octet-stream", runtimeSessionId: session, response };
};

/** Behaves as StopRuntimeSession; differs: it ends the session's connections, and the process goes on. */
const stopRuntimeSession: OperationOf<{ cloud: Cloud; sessions: Sessions }> = async ({ cloud, sessions }, input: RuntimeInput, call) => {
  call.authorize("bedrock-agentcore:StopRuntimeSession", input.agentRuntimeArn);
  findAddress(cloud, input);
  const session = readSession(input.runtimeSessionId);
  if (!sessions.stop(session)) throw notFound(`There is no session ${session}.`);
  return { runtimeSessionId: session, statusCode: 200 };
};

const findAddress = ({ place }: Cloud, { agentRuntimeArn, qualifier = DEFAULT_ENDPOINT }: RuntimeInput): string => {
  if (qualifier !== DEFAULT_ENDPOINT)
    throw notFound(`qualifier is ${JSON.stringify(qualifier)}: the laptop cloud knows ${DEFAULT_ENDPOINT} only.`);
  const url = place.runtimes?.[agentRuntimeArn];
  if (url === undefined)
    throw notFound(
      `The laptop cloud has no address of ${agentRuntimeArn}: ${commandWith(`--runtime ${agentRuntimeArn}=http://127.0.0.1:8080`)}`,
    );
  return url;
};

/** InvokeAgentRuntime, "runtimeSessionId": 33 to 256 characters. */
const readSession = (session: string | undefined): string => {
  if (session !== undefined && session.length >= 33 && session.length <= 256) return session;
  throw new AwsError("ValidationException", `runtimeSessionId is ${JSON.stringify(session)}, but must have 33 to 256 characters.`);
};

const notFound = (message: string) => new AwsError("ResourceNotFoundException", message, 404);

export { invokeAgentRuntime, SESSION_HEADER, stopRuntimeSession };
