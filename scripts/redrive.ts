/** `npm run redrive -- NAME [--stack STACK]`: delivers dead letters again to the function or queue that failed on them. */
import { parseArgs } from "node:util";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { DeleteMessageCommand, type Message, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { isJsonObject } from "#core/json";
import { findRedrivable, type Redrivable, readStack } from "./stack-outputs";

/** How long a dead letter stays hidden while it is delivered. Nobody else reads these queues. */
const visibilitySeconds = 60;

/**
 * Turns a dead letter back into the event that the function failed on.
 *
 * Lambda keeps the whole event. SNS keeps only the notification, so the record around it is rebuilt.
 */
const eventOf = (body: string): object => {
  const letter = readLetter(body);
  return letter["Type"] === "Notification" ? { Records: [recordOf(letter)] } : letter;
};

const readLetter = (body: string): Record<string, unknown> => {
  try {
    const letter: unknown = JSON.parse(body);
    if (isJsonObject(letter)) return letter;
  } catch {
    // Refused below, like JSON that is not an object.
  }
  throw new Error(`A dead letter is neither an event nor a notification: ${body.slice(0, 200)}`);
};

const recordOf = (notification: Record<string, unknown>) => {
  const { SigningCertURL, UnsubscribeURL, ...rest } = notification;
  return {
    EventSource: "aws:sns",
    EventVersion: "1.0",
    EventSubscriptionArn: notification["TopicArn"],
    Sns: { ...rest, SigningCertUrl: SigningCertURL, UnsubscribeUrl: UnsubscribeURL },
  };
};

/** The result of a redrive. */
interface Redriven {
  /** How many dead letters were delivered. */
  count: number;
  /** Why each of the others stays in the queue. */
  left: string[];
}

class Redrive {
  constructor(
    private readonly sqs: SQSClient,
    private readonly lambda: LambdaClient,
  ) {}

  /** Delivers the dead letters in the queue. One that can't be delivered stays there, and the others continue. */
  async run(redrivable: Redrivable): Promise<Redriven> {
    const { deadLettersUrl } = redrivable;
    const left = new Map<string | undefined, string>();
    for (let count = 0; ; ) {
      const letters = (await this.receive(deadLettersUrl)).filter(({ MessageId }) => !left.has(MessageId));
      // Those that are left become visible again after the visibility timeout.
      if (letters.length === 0) return { count, left: [...left.values()] };
      for (const letter of letters) {
        try {
          await this.handOver(redrivable, letter.Body ?? "");
          await this.delete(deadLettersUrl, letter);
          count += 1;
        } catch (error) {
          left.set(letter.MessageId, `${letter.MessageId}: ${(error as Error).message}`);
        }
      }
    }
  }

  async receive(queueUrl: string): Promise<Message[]> {
    const { Messages = [] } = await this.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: visibilitySeconds, WaitTimeSeconds: 1 }),
    );
    return Messages;
  }

  /** Invokes the function with its event, or sends the message to its queue as it was published. */
  async handOver(redrivable: Redrivable, body: string): Promise<void> {
    if ("functionName" in redrivable) return this.invoke(redrivable.functionName, eventOf(body));
    await this.sqs.send(new SendMessageCommand({ QueueUrl: redrivable.queueUrl, MessageBody: body }));
  }

  async invoke(functionName: string, event: object): Promise<void> {
    await this.lambda.send(
      new InvokeCommand({ FunctionName: functionName, InvocationType: "Event", Payload: Buffer.from(JSON.stringify(event)) }),
    );
  }

  async delete(queueUrl: string, { ReceiptHandle }: Message): Promise<void> {
    await this.sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
  }
}

const main = async () => {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { stack: { type: "string", default: "local" } } });
  const { outputs, client } = readStack(values.stack);
  const redrivable = findRedrivable(outputs, positionals[0]);
  const { count, left } = await new Redrive(new SQSClient(client), new LambdaClient(client)).run(redrivable);
  console.log(`${count} dead ${count === 1 ? "letter" : "letters"} of ${positionals[0]} redriven.`);
  if (left.length > 0) throw new Error(`${left.length} left in the dead-letter queue:\n${left.join("\n")}`);
};

if (require.main === module) {
  main().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}

export { Redrive };
