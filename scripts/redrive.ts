/** `npm run redrive -- NAME`: delivers dead letters again to the function or queue that failed on them. */
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { isJsonObject } from "#core/json";
import { defineScript, runScript } from "./command-line";
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

  /** Counts the dead letters in the queue, approximately, as SQS does. */
  async count({ deadLettersUrl: QueueUrl }: Redrivable): Promise<number> {
    const name = "ApproximateNumberOfMessages";
    const { Attributes } = await this.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [name] }));
    return Number(Attributes?.[name]);
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

const countLetters = (count: number) => `${count} dead ${count === 1 ? "letter" : "letters"}`;

const script = defineScript({
  name: "redrive",
  usage: "NAME [--stack STACK] [--dry-run] [--json]",
  help: `Delivers the dead letters of NAME again to the function or queue that failed on them. Without NAME, lists the names.

  --stack STACK  the stack; "local" (default) is the running laptop cloud
  --dry-run      counts the dead letters, and delivers none`,
  options: { stack: { type: "string", default: "local" }, "dry-run": { type: "boolean" } },
  maxArguments: 1,
  run: async ({ options, arguments: [name] }) => {
    const { outputs, client } = readStack(options.stack);
    const redrivable = findRedrivable(outputs, name);
    const redrive = new Redrive(new SQSClient(client), new LambdaClient(client));
    if (options["dry-run"]) {
      const count = await redrive.count(redrivable);
      return { text: `${countLetters(count)} of ${name} would be redriven.`, json: { dryRun: true, count } };
    }
    const { count, left } = await redrive.run(redrivable);
    return {
      text: `${countLetters(count)} of ${name} redriven.`,
      json: { dryRun: false, count, left },
      problem: left.length === 0 ? undefined : `${left.length} left in the dead-letter queue:\n${left.join("\n")}`,
    };
  },
});

if (require.main === module) void runScript(script);

export { Redrive, script };
