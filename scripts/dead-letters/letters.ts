/** The dead letters in one queue: read without taking them, delivered elsewhere, or deleted. */
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";

/** How long a dead letter stays hidden after it is received. Nobody else reads these queues. */
const visibilitySeconds = 60;

class Letters {
  constructor(private readonly sqs: SQSClient) {}

  /** Receives each dead letter once, hidden from others for a minute. Ends when no other is left, which may take several requests. */
  async *receive(queueUrl: string): AsyncGenerator<Message> {
    const seen = new Set<string | undefined>();
    for (;;) {
      const letters = (await this.receiveSome(queueUrl)).filter(({ MessageId }) => !seen.has(MessageId));
      // Those that were not deleted become visible again after the visibility timeout.
      if (letters.length === 0) return;
      for (const letter of letters) {
        seen.add(letter.MessageId);
        yield letter;
      }
    }
  }

  /** Reads up to `limit` dead letters, and makes them visible again. */
  async peek(queueUrl: string, limit: number): Promise<Message[]> {
    const letters: Message[] = [];
    try {
      for await (const letter of this.receive(queueUrl)) {
        letters.push(letter);
        if (letters.length === limit) break;
      }
    } finally {
      await this.release(queueUrl, letters);
    }
    return letters;
  }

  /** Makes received dead letters visible at once. */
  async release(queueUrl: string, letters: readonly Message[]): Promise<void> {
    for (const { ReceiptHandle } of letters)
      await this.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
  }

  /** Counts the dead letters in the queue, approximately, as SQS does. */
  async count(queueUrl: string): Promise<number> {
    const name = "ApproximateNumberOfMessages";
    const { Attributes } = await this.sqs.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [name] }));
    return Number(Attributes?.[name]);
  }

  async delete(queueUrl: string, { ReceiptHandle }: Message): Promise<void> {
    await this.sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
  }

  private async receiveSome(queueUrl: string): Promise<Message[]> {
    const { Messages = [] } = await this.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: visibilitySeconds,
        WaitTimeSeconds: 1,
        MessageAttributeNames: ["All"],
        MessageSystemAttributeNames: ["SentTimestamp", "MessageGroupId"],
      }),
    );
    return Messages;
  }
}

const countLetters = (count: number) => `${count} dead ${count === 1 ? "letter" : "letters"}`;

export { countLetters, Letters };
