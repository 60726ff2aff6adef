/** `npm run replay -- SUBSCRIBER --from TIME [--until TIME] [--stack STACK]`: publishes accepted messages again, for one subscriber only. */
import { parseArgs } from "node:util";
import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { MessagesTopic } from "#stores/message/messages-topic";
import { type MessageMarker, parseMessageMarker } from "#stores/message/seen-table";
import { findSubscriber, readStack, type StackOutputs } from "./stack-outputs";

/** Enough for the client's retries. */
const PUBLISH_MS = 30_000;

interface Range {
  fromMs: number;
  untilMs: number;
}

/** Throws with a sentence that quotes the input. Also throws if the range begins before the oldest message that is kept. */
const parseRange = (from: string | undefined, until: string | undefined, nowMs: number, keptHours: number): Range => {
  const fromMs = parseTime("--from", from);
  const oldestMs = nowMs - keptHours * 3_600_000;
  if (fromMs < oldestMs) {
    throw new Error(
      `--from ${JSON.stringify(from)} is too long ago: messages are kept for ${keptHours} hours, since ${new Date(oldestMs).toISOString()}.`,
    );
  }
  const untilMs = until === undefined ? nowMs : parseTime("--until", until);
  if (untilMs <= fromMs) throw new Error(`--until ${JSON.stringify(until)} is not after --from ${JSON.stringify(from)}.`);
  return { fromMs, untilMs };
};

const parseTime = (option: string, text: string | undefined) => {
  const ms = Date.parse(text ?? "");
  if (Number.isNaN(ms)) throw new Error(`${option} is ${JSON.stringify(text ?? "")}: want a time such as 2026-11-22T09:30:00Z.`);
  return ms;
};

class Replay {
  constructor(
    private readonly dynamodb: DynamoDBClient,
    private readonly sns: SNSClient,
  ) {}

  /** Publishes each message of the range again, for one subscriber only. Returns how many. */
  async run({ seenTable, messagesTopicArn }: StackOutputs, subscriber: string, range: Range): Promise<number> {
    let count = 0;
    for await (const message of this.find(seenTable, range)) {
      await this.publish(messagesTopicArn, subscriber, message);
      count += 1;
    }
    return count;
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

const main = async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { from: { type: "string" }, until: { type: "string" }, stack: { type: "string", default: "local" } },
  });
  const { outputs, client, readNowMs } = readStack(values.stack);
  const range = parseRange(values.from, values.until, await readNowMs(), outputs.keptHours);
  findSubscriber(outputs, positionals[0]);
  const count = await new Replay(new DynamoDBClient(client), new SNSClient(client)).run(outputs, positionals[0]!, range);
  console.log(`${count} ${count === 1 ? "message" : "messages"} published again for ${positionals[0]}.`);
};

if (require.main === module) {
  main().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
