/** A dead-letter queue, for what a function can't handle and Lambda would not keep. An alarm watches each such queue. */
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { PATIENT_LIMITS } from "#stores/request-limits";

class DeadLetters {
  constructor(
    private readonly client: SQSClient,
    private readonly queueUrl: string,
  ) {}

  /** The reason may be empty, as is the message of an error when no address of a host answers. SQS would refuse that. */
  async send(body: string, reason: string): Promise<void> {
    await this.client.send(
      new SendMessageCommand({
        QueueUrl: this.queueUrl,
        MessageBody: body,
        MessageAttributes: { reason: { DataType: "String", StringValue: reason || "unknown" } },
      }),
    );
  }
}

/** Creates the store and its client. */
const createDeadLetters = (queueUrl: string): DeadLetters =>
  new DeadLetters(new SQSClient({ maxAttempts: 5, requestHandler: PATIENT_LIMITS }), queueUrl);

export { createDeadLetters, DeadLetters };
