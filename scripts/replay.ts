/** `npm run replay -- SUBSCRIBER --from TIME`: publishes accepted messages again, for one subscriber only. */
import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { MessagesTopic } from "#stores/message/messages-topic";
import { type MessageMarker, parseMessageMarker } from "#stores/message/seen-table";
import { defineScript, runScript, UsageError } from "./command-line";
import { findSubscriber, readStack, type StackOutputs } from "./stack-outputs";

/** Enough for the client's retries. */
const PUBLISH_MS = 30_000;

interface Range {
  fromMs: number;
  untilMs: number;
}

/** Throws `UsageError`, also if the range begins before the oldest message that is kept. */
const parseRange = (from: string | undefined, until: string | undefined, nowMs: number, keptHours: number): Range => {
  const fromMs = parseTime("--from", from);
  const oldestMs = nowMs - keptHours * 3_600_000;
  if (fromMs < oldestMs) {
    throw new UsageError(
      `--from ${JSON.stringify(from)} is too long ago: messages are kept for ${keptHours} hours, since ${new Date(oldestMs).toISOString()}.`,
    );
  }
  const untilMs = until === undefined ? nowMs : parseTime("--until", until);
  if (untilMs <= fromMs) throw new UsageError(`--until ${JSON.stringify(until)} is not after --from ${JSON.stringify(from)}.`);
  return { fromMs, untilMs };
};

const parseTime = (option: string, text: string | undefined) => {
  const ms = Date.parse(text ?? "");
  if (Number.isNaN(ms))
    throw new UsageError(`${option} is ${JSON.stringify(text ?? "")}, but must be a time such as 2026-11-22T09:30:00Z.`);
  return ms;
};

class Replay {
  constructor(
    private readonly dynamodb: DynamoDBClient,
    private readonly sns: SNSClient,
  ) {}

  /** Publishes each message of the range again, for one subscriber only. */
  async *run({ seenTable, messagesTopicArn }: StackOutputs, subscriber: string, range: Range): AsyncGenerator<MessageMarker> {
    for await (const message of this.find(seenTable, range)) {
      await this.publish(messagesTopicArn, subscriber, message);
      yield message;
    }
  }

  /** Scans the whole table: replays are rare, and an index by time would add a write to every message. */
  async *find(table: string, { fromMs, untilMs }: Range): AsyncGenerator<MessageMarker> {
    const pages = paginateScan(
      { client: this.dynamodb },
      {
        TableName: table,
        FilterExpression: "attribute_exists(envelope) AND accepted_at BETWEEN :from AND :until",
        ExpressionAttributeValues: marshall({ ":from": fromMs, ":until": untilMs }),
      },
    );
    for await (const { Items = [] } of pages) yield* Items.map(item => parseMessageMarker(unmarshall(item)));
  }

  async publish(topicArn: string, subscriber: string, message: MessageMarker): Promise<void> {
    const topic = new MessagesTopic(this.sns, topicArn);
    await topic.publish(message.envelope, { ...message, replayTo: subscriber }, AbortSignal.timeout(PUBLISH_MS));
  }
}

const MESSAGES_A_REPORT = 1000;

const script = defineScript({
  name: "replay",
  usage: "SUBSCRIBER --from TIME [--until TIME] [--stack STACK] [--dry-run] [--json]",
  help: `Publishes the messages that were accepted in a range of time again, for one subscriber only.

  --from TIME    the begin of the range, such as 2026-11-22T09:30:00Z
  --until TIME   the end of the range (default: now)
  --stack STACK  the stack; "local" (default) is the running laptop cloud
  --dry-run      counts the messages, and publishes none`,
  options: {
    from: { type: "string" },
    until: { type: "string" },
    stack: { type: "string", default: "local" },
    "dry-run": { type: "boolean", default: false },
  },
  maxArguments: 1,
  run: async ({ options: { from, until, stack, "dry-run": dryRun }, arguments: [subscriber = ""], report }) => {
    const { outputs, client, readNowMs } = readStack(stack);
    const range = parseRange(from, until, await readNowMs(), outputs.keptHours);
    findSubscriber(outputs, subscriber);
    const replay = new Replay(new DynamoDBClient(client), new SNSClient(client));
    let count = 0;
    for await (const _message of dryRun ? replay.find(outputs.seenTable, range) : replay.run(outputs, subscriber, range)) {
      count += 1;
      if (count % MESSAGES_A_REPORT === 0) report(`${count} messages so far.`);
    }
    const done = dryRun ? "would be published" : "published";
    return { text: `${count} ${count === 1 ? "message" : "messages"} ${done} again for ${subscriber}.`, json: { dryRun, count } };
  },
});

if (require.main === module) void runScript(script);

export { script };
