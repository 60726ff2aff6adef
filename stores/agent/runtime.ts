/** The agent in Amazon Bedrock AgentCore Runtime, where each task has a session of its own. */
import { createHash } from "node:crypto";
import { BedrockAgentCoreClient, InvokeAgentRuntimeCommand } from "@aws-sdk/client-bedrock-agentcore";

/** Starting a session takes some seconds; then the worker answers at once. */
const LIMITS = { connectionTimeout: 1000, requestTimeout: 20_000, throwOnRequestTimeout: true };

class AgentRuntime {
  constructor(
    private readonly client: BedrockAgentCoreClient,
    private readonly runtimeArn: string,
  ) {}

  /** Sends a task to its session. AgentCore starts the session if there is none. Idempotent, because a task has one session. */
  async invoke(taskId: string, body: string): Promise<void> {
    const { response } = await this.client.send(
      new InvokeAgentRuntimeCommand({
        agentRuntimeArn: this.runtimeArn,
        // A session id has 33 to 256 characters; task ids may be shorter or longer.
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
