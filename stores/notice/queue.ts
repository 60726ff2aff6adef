/** The queue of notices that the notifier consumes. */
import { ChangeMessageVisibilityCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { DeadLetters } from "#stores/dead-letters";

/** The notifier's batch must end within 3 s, and both calls may be tried twice. */
const LIMITS = { connectionTimeout: 500, requestTimeout: 1000, throwOnRequestTimeout: true };

/** SQS hides a message for at most 12 hours. */
const MAX_WAIT_SECONDS = 43_200;
/** SQS delays a message for at most 15 minutes. */
const MAX_DELAY_SECONDS = 900;

/** Message attributes of a copy: the attempt that held the notice when the copy was sent, and the number of copies so far. */
const HOLDER = "holder";
const COPIES = "copies";

/** Why a copy is sent: another attempt holds the notice. */
interface Copy {
  /** The attempt that holds the notice. */
  holder: string;
  /** The number of copies so far, including this one. */
  copies: number;
  /** The workspace that the notice belongs to. */
  team?: string | undefined;
}

class NoticesQueue {
  constructor(
    private readonly client: SQSClient,
    private readonly queueUrl: string,
    private readonly deadLettersUrl: string,
  ) {}

  /** Changes the visibility timeout, so that a message is redelivered after this time. */
  async postpone(receiptHandle: string, seconds: number): Promise<void> {
    await this.client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: this.queueUrl,
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: Math.min(seconds, MAX_WAIT_SECONDS),
      }),
    );
  }

  /** Sends a copy that is delivered after a delay of at most 900 s, and that names the attempt that held its notice. */
  async sendCopy(body: string, { holder, copies, team }: Copy, delaySeconds: number): Promise<void> {
    await this.client.send(
      new SendMessageCommand({
        QueueUrl: this.queueUrl,
        MessageBody: body,
        ...(team === undefined ? {} : { MessageGroupId: team }),
        DelaySeconds: Math.min(delaySeconds, MAX_DELAY_SECONDS),
        MessageAttributes: {
          [HOLDER]: { DataType: "String", StringValue: holder },
          [COPIES]: { DataType: "Number", StringValue: String(copies) },
        },
      }),
    );
  }

  /** Sends a message that can't be delivered to the dead-letter queue at once, with the reason. An alarm watches that queue. */
  async giveUp(body: string, reason: string): Promise<void> {
    await new DeadLetters(this.client, this.deadLettersUrl).send(body, reason);
  }
}

const createNoticesQueue = (queueUrl: string, deadLettersUrl: string): NoticesQueue =>
  new NoticesQueue(new SQSClient({ maxAttempts: 2, requestHandler: LIMITS }), queueUrl, deadLettersUrl);

export { COPIES, createNoticesQueue, HOLDER, NoticesQueue };
