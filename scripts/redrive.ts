/** `npm run redrive -- NAME`: delivers dead letters again to the function or queue that failed on them. */
import { FirehoseClient, PutRecordCommand } from "@aws-sdk/client-firehose";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { type Message, SendMessageCommand, type SendMessageCommandInput, SQSClient } from "@aws-sdk/client-sqs";
import { isJsonObject } from "#core/json";
import { defineScript, runScript } from "./command-line";
import { countLetters, Letters } from "./dead-letters/letters";
import { findRedrivable, type Redrivable, readStack } from "./stack-outputs";

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

/** Takes a message out of the notification that SNS keeps if it can't deliver it, to any protocol. Undefined if it is none. */
const publishedIn = (body: string): Pick<SendMessageCommandInput, "MessageBody" | "MessageAttributes"> | undefined => {
  const { Type, Message: text, MessageAttributes = {} } = readLetter(body);
  if (Type !== "Notification") return undefined;
  const attributes = Object.entries(MessageAttributes as Record<string, { Type: string; Value: string }>);
  return {
    MessageBody: String(text),
    MessageAttributes: Object.fromEntries(attributes.map(([name, each]) => [name, { DataType: each.Type, StringValue: each.Value }])),
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
  readonly #letters: Letters;

  constructor(
    private readonly sqs: SQSClient,
    private readonly lambda: LambdaClient,
    private readonly firehose: FirehoseClient,
  ) {
    this.#letters = new Letters(sqs);
  }

  /** Delivers the dead letters in the queue, or the one with this id. One that can't be delivered stays there, and the others continue. */
  async run(redrivable: Redrivable, id?: string): Promise<Redriven> {
    const { deadLettersUrl } = redrivable;
    const redriven: Redriven = { count: 0, left: [] };
    const kept: Message[] = [];
    for await (const letter of this.#letters.receive(deadLettersUrl)) {
      if (id !== undefined && letter.MessageId !== id) {
        kept.push(letter);
        continue;
      }
      try {
        await this.handOver(redrivable, letter);
        await this.#letters.delete(deadLettersUrl, letter);
        redriven.count += 1;
      } catch (error) {
        kept.push(letter);
        redriven.left.push(`${letter.MessageId}: ${(error as Error).message}`);
      }
      if (id !== undefined) break;
    }
    await this.#letters.release(deadLettersUrl, kept);
    return redriven;
  }

  /** Counts the dead letters in the queue, approximately, as SQS does. */
  count({ deadLettersUrl }: Redrivable): Promise<number> {
    return this.#letters.count(deadLettersUrl);
  }

  /** Invokes the function with its event, sends the message to its queue as it was published, or puts the notification into the archive. */
  async handOver(redrivable: Redrivable, letter: Message): Promise<void> {
    const { Body: body = "" } = letter;
    if ("streamName" in redrivable) return this.putRecord(redrivable.streamName, `${JSON.stringify(readLetter(body))}\n`);
    if (!("queueUrl" in redrivable)) return this.invoke(redrivable.functionName, eventOf(body));
    const { MessageGroupId } = letter.Attributes ?? {};
    const message = (redrivable.isRaw && publishedIn(body)) || { MessageBody: body, MessageAttributes: letter.MessageAttributes };
    await this.sqs.send(new SendMessageCommand({ QueueUrl: redrivable.queueUrl, ...message, MessageGroupId }));
  }

  async putRecord(streamName: string, line: string): Promise<void> {
    await this.firehose.send(new PutRecordCommand({ DeliveryStreamName: streamName, Record: { Data: Buffer.from(line) } }));
  }

  async invoke(functionName: string, event: object): Promise<void> {
    await this.lambda.send(
      new InvokeCommand({ FunctionName: functionName, InvocationType: "Event", Payload: Buffer.from(JSON.stringify(event)) }),
    );
  }
}

const script = defineScript({
  name: "redrive",
  usage: "[NAME] [--stack STACK] [--dry-run] [--json]",
  help: `Delivers the dead letters of NAME again to the function or queue that failed on them. Without NAME, lists the names.

  --stack STACK  the stack; "local" (default) is the running laptop cloud
  --dry-run      counts the dead letters, and delivers none`,
  options: { stack: { type: "string", default: "local" }, "dry-run": { type: "boolean" } },
  maxArguments: 1,
  run: async ({ options, arguments: [name] }) => {
    const { outputs, client } = readStack(options.stack);
    if (name === undefined) {
      const names = Object.keys(outputs.redrivables);
      return { text: names.join("\n"), json: { names } };
    }
    const redrivable = findRedrivable(outputs, name);
    const redrive = new Redrive(new SQSClient(client), new LambdaClient(client), new FirehoseClient(client));
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
