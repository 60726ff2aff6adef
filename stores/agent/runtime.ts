/** The agent in Amazon Bedrock AgentCore's runtime: each task has a session of its own. */
import { createHash } from "node:crypto";
import { BedrockAgentCoreClient, InvokeAgentRuntimeCommand } from "@aws-sdk/client-bedrock-agentcore";

/** A session that has to be started takes some seconds; the worker answers at once. */
const LIMITS = { connectionTimeout: 1000, requestTimeout: 20_000, throwOnRequestTimeout: true };

class AgentRuntime {
  constructor(
    private readonly client: BedrockAgentCoreClient,
    private readonly runtimeArn: string,
  ) {}

  /** Hands a task to its session, which is started where there is none; one that works on it already takes it as the same. */
  async invoke(taskId: string, body: string): Promise<void> {
    const { response } = await this.client.send(
      new InvokeAgentRuntimeCommand({
        agentRuntimeArn: this.runtimeArn,
        // Ids of sessions have 33 to 256 characters; ours vary more.
        runtimeSessionId: createHash("sha256").update(taskId).digest("hex"),
        contentType: "application/json",
        accept: "application/json",
        payload: Buffer.from(body),
      }),
    );
    await response?.transformToString();
  }
}

/** Creates the store and its client. */
const createAgentRuntime = (runtimeArn: string): AgentRuntime =>
  new AgentRuntime(new BedrockAgentCoreClient({ maxAttempts: 2, requestHandler: LIMITS }), runtimeArn);

export { AgentRuntime, createAgentRuntime };
