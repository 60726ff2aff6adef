/** Copies of tasks in the queue `agent-tasks` that come back after a while, so that somebody looks after them. */
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { PATIENT_LIMITS } from "#stores/request-limits";

/** The message attribute that says how often the task was handed over. */
const HANDOVERS = "handovers";

class AgentWatches {
  constructor(
    private readonly client: SQSClient,
    private readonly queueUrl: string,
  ) {}

  /** Lets a task come back in `delaySeconds`, at most 900. */
  async put(body: string, handovers: number, delaySeconds: number): Promise<void> {
    await this.client.send(
      new SendMessageCommand({
        QueueUrl: this.queueUrl,
        MessageBody: body,
        DelaySeconds: delaySeconds,
        MessageAttributes: { [HANDOVERS]: { DataType: "Number", StringValue: String(handovers) } },
      }),
    );
  }
}

/** Creates the store and its client. */
const createAgentWatches = (queueUrl: string): AgentWatches =>
  new AgentWatches(new SQSClient({ maxAttempts: 3, requestHandler: PATIENT_LIMITS }), queueUrl);

export { AgentWatches, createAgentWatches, HANDOVERS };
