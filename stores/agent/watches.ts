/** Delayed copies of tasks in the queue `agent-tasks`, so that the dispatcher checks on each task later. */
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { buildTurn } from "#stores/agent/turns";
import { PATIENT_LIMITS } from "#stores/request-limits";

/** The message attribute that counts how often the task was handed over. */
const HANDOVERS = "handovers";

class AgentWatches {
  constructor(
    private readonly client: SQSClient,
    private readonly queueUrl: string,
  ) {}

  /** Sends a copy that is delivered after `delaySeconds`, at most 900. */
  async put(body: string, handovers: number, delaySeconds: number): Promise<void> {
    await this.client.send(
      new SendMessageCommand({
        QueueUrl: this.queueUrl,
        MessageBody: body,
        ...buildTurn(body),
        DelaySeconds: delaySeconds,
        MessageAttributes: { [HANDOVERS]: { DataType: "Number", StringValue: String(handovers) } },
      }),
    );
  }
}

const createAgentWatches = (queueUrl: string): AgentWatches =>
  new AgentWatches(new SQSClient({ maxAttempts: 3, requestHandler: PATIENT_LIMITS }), queueUrl);

export { AgentWatches, createAgentWatches, HANDOVERS };
