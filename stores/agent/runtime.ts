/** The agent in Amazon Bedrock AgentCore Runtime, where each task has a session of its own. */
import { createHash } from "node:crypto";
import {
  BedrockAgentCoreClient,
  InvokeAgentRuntimeCommand,
  ResourceNotFoundException,
  StopRuntimeSessionCommand,
} from "@aws-sdk/client-bedrock-agentcore";

/** An answer as it comes, in pieces of text. */
interface RuntimeReply {
  contentType: string;
  chunks: AsyncIterable<string>;
}

/** Starting a session takes some seconds; then the worker answers at once. */
const LIMITS = { connectionTimeout: 1000, requestTimeout: 20_000, throwOnRequestTimeout: true };
/**
 * An agent of your own answers when it is done. AgentCore waits 15 minutes for it.
 * Source: https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/bedrock-agentcore-limits.html
 */
const PATIENT_LIMITS = { ...LIMITS, requestTimeout: 15 * 60 * 1000 };

/** The id of a task's session. It has 33 to 256 characters; task ids may be shorter or longer. */
const buildSessionId = (taskId: string): string => createHash("sha256").update(taskId).digest("hex");

class AgentRuntime {
  constructor(
    private readonly client: BedrockAgentCoreClient,
    private readonly runtimeArn: string,
  ) {}

  /** Sends a task to its session. AgentCore starts the session if there is none. Idempotent, because a task has one session. */
  async invoke(taskId: string, body: string): Promise<void> {
    const { response } = await this.client.send(this.buildInvocation(taskId, body, "application/json"));
    await response?.transformToString();
  }

  /** Sends a turn to its session, and returns the agent's answer as it comes. Idempotent if the agent recognises a turn that it has had. */
  async ask(taskId: string, body: string, signal: AbortSignal): Promise<RuntimeReply> {
    const command = this.buildInvocation(taskId, body, "application/json, text/event-stream");
    const { response, contentType = "" } = await this.client.send(command, { abortSignal: signal });
    const stream = response?.transformToWebStream().pipeThrough(new TextDecoderStream());
    return { contentType, chunks: (stream ?? []) as AsyncIterable<string> };
  }

  /** Ends a task's session. Does nothing if there is none. */
  async stop(taskId: string): Promise<void> {
    try {
      await this.client.send(new StopRuntimeSessionCommand({ agentRuntimeArn: this.runtimeArn, runtimeSessionId: buildSessionId(taskId) }));
    } catch (error) {
      if (!(error instanceof ResourceNotFoundException)) throw error;
    }
  }

  private buildInvocation(taskId: string, body: string, accept: string): InvokeAgentRuntimeCommand {
    return new InvokeAgentRuntimeCommand({
      agentRuntimeArn: this.runtimeArn,
      runtimeSessionId: buildSessionId(taskId),
      contentType: "application/json",
      accept,
      payload: Buffer.from(body),
    });
  }
}

/** Creates the store and its client, for a worker of ours. */
const createAgentRuntime = (runtimeArn: string): AgentRuntime =>
  new AgentRuntime(new BedrockAgentCoreClient({ maxAttempts: 2, requestHandler: LIMITS }), runtimeArn);

/** Creates the store and its client, for an agent of your own, which may be in another region. */
const createOwnAgent = (runtimeArn: string): AgentRuntime =>
  new AgentRuntime(
    new BedrockAgentCoreClient({ region: runtimeArn.split(":")[3]!, maxAttempts: 2, requestHandler: PATIENT_LIMITS }),
    runtimeArn,
  );

export { AgentRuntime, createAgentRuntime, createOwnAgent };
