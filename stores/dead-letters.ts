/** A dead-letter queue, for what a function can't handle and Lambda would not keep. An alarm watches each such queue. */
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { PATIENT_LIMITS } from "#stores/request-limits";

class DeadLetters {
  constructor(
    private readonly client: SQSClient,
    private readonly queueUrl: string,
  ) {}

  async send(body: string, reason: string): Promise<void> {
    await this.client.send(
      new SendMessageCommand({
        QueueUrl: this.queueUrl,
        MessageBody: body,
        MessageAttributes: { reason: { DataType: "String", StringValue: reason } },
      }),
    );
  }
}

/** Creates the store and its client. */
const createDeadLetters = (queueUrl: string): DeadLetters =>
  new DeadLetters(new SQSClient({ maxAttempts: 5, requestHandler: PATIENT_LIMITS }), queueUrl);

export { createDeadLetters, DeadLetters };
