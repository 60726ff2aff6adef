/** `npm run replay -- SUBSCRIBER --from TIME`: publishes accepted messages again, for one subscriber only. */
import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { SNSClient } from "@aws-sdk/client-sns";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { decryptText, type Encrypted } from "#core/message/archived-message";
import { readTeamOf } from "#core/message/message";
import { MessagesTopic, type Published, type PublishedAttributes } from "#stores/message/messages-topic";
import { parseMessageMarker } from "#stores/message/seen-table";
import { ArchiveKeys } from "#stores/slack/archive-keys";
import { InstallationsTable, type WrappedKey } from "#stores/slack/installations-table";
import { defineScript, type Progress, runScript, UsageError } from "./command-line";
import { MessageArchive } from "./replay/archive";
import { parseRange, type Range } from "./replay/range";
import { findSubscriber, readStack, type StackOutputs } from "./stack-outputs";

/** Enough for the client's retries. */
const PUBLISH_MS = 30_000;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The relay may publish a message up to this much later than it was said. So the archive is read this far past the oldest marker. */
const OVERLAP_MS = HOUR_MS;

/** What is published again. */
interface Kept {
  id: string;
  envelope: string | Encrypted;
  attributes: PublishedAttributes;
}

/** How many messages were published again, and how many can't be decrypted, because their workspace is erased or the stack no longer has keys. */
interface Replayed {
  count: number;
  erased: number;
}

/** The part of the range to read from each source. The table `seen` has the last hours, private messages included; the archive has older ones. */
interface Sources {
  markers?: Range | undefined;
  archive?: Range | undefined;
}

/** Throws `UsageError`, which quotes `from`, if the range begins before the oldest message that is kept. */
const chooseSources = (range: Range, { keptHours, messageArchiveDays }: StackOutputs, nowMs: number, from?: string): Sources => {
  const { fromMs, untilMs } = range;
  const oldestMs = nowMs - keptHours * HOUR_MS;
  const archivedMs = messageArchiveDays === undefined ? oldestMs : Math.min(oldestMs, nowMs - messageArchiveDays * DAY_MS);
  if (fromMs < archivedMs) {
    const kept = archivedMs === oldestMs ? `${keptHours} hours` : `${messageArchiveDays} days`;
    const more = messageArchiveDays === undefined ? " An archive (messageArchiveDays) would keep them longer." : "";
    throw new UsageError(
      `--from ${JSON.stringify(from)} is too long ago: messages are kept for ${kept}, since ${new Date(archivedMs).toISOString()}.${more}`,
    );
  }
  return {
    archive: fromMs < oldestMs ? { fromMs, untilMs: Math.min(untilMs, oldestMs + OVERLAP_MS) } : undefined,
    markers: untilMs > oldestMs ? { fromMs: Math.max(fromMs, oldestMs), untilMs } : undefined,
  };
};

interface ReplayParts {
  dynamodb: DynamoDBClient;
  sns: SNSClient;
  s3: S3Client;
  /** Undefined where the stack serves one workspace. */
  keys?: Pick<ArchiveKeys, "find" | "unwrap"> | undefined;
  outputs: StackOutputs;
  progress: Progress;
}

class Replay {
  readonly #topic: MessagesTopic;
  /** Keys by id. Undefined if the key's workspace is erased. */
  readonly #keys = new Map<string, WrappedKey | undefined>();

  constructor(private readonly parts: ReplayParts) {
    this.#topic = new MessagesTopic(parts.sns, parts.outputs.messagesTopicArn);
  }

  /** Publishes each message of the range again, for one subscriber only, and counts them. Without a subscriber it only counts. */
  async run(sources: Sources, subscriber: string | undefined): Promise<Replayed> {
    // Both sources may have messages of the hour in which they overlap, and the archive may have a message twice.
    const done = new Set<string>();
    const erased = new Set<string>();
    for await (const { id, envelope, attributes } of this.find(sources, done)) {
      if (done.has(id)) continue;
      const read = await this.open(envelope);
      if (read !== undefined && subscriber !== undefined) await this.publish(await read(), { ...attributes, id, replayTo: subscriber });
      (read === undefined ? erased : done).add(id);
    }
    return { count: done.size, erased: erased.size };
  }

  /** Returns a function that reads, and if necessary decrypts, an envelope; undefined if its workspace is erased. */
  private async open(envelope: string | Encrypted): Promise<(() => Promise<string>) | undefined> {
    if (typeof envelope === "string") return async () => envelope;
    const { keys } = this.parts;
    const team = readTeamOf(envelope.id);
    if (!this.#keys.has(envelope.key)) this.#keys.set(envelope.key, await keys?.find(team, envelope.key));
    const key = this.#keys.get(envelope.key);
    return key && (async () => decryptText(envelope, await keys!.unwrap(team, key)));
  }

  /** `done` is only for showing the progress. */
  async *find({ archive, markers }: Sources, done: ReadonlySet<string>): AsyncGenerator<Kept> {
    if (archive !== undefined) yield* this.readArchive(archive, done);
    if (markers !== undefined) yield* this.readMarkers(markers, done);
  }

  async *readArchive(range: Range, done: ReadonlySet<string>): AsyncGenerator<Kept> {
    const archive = new MessageArchive(this.parts.s3, this.parts.outputs.messageArchiveBucket ?? "");
    const objects = await archive.list(range);
    const totalBytes = objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    let readBytes = 0;
    for (const object of objects) {
      for await (const { id, envelope, attributes } of archive.read(object, range))
        yield { id, envelope, attributes: attributes as unknown as PublishedAttributes };
      readBytes += object.sizeBytes;
      this.parts.progress(readBytes / totalBytes, `${countMessages(done.size)} from the archive`);
    }
  }

  /** Scans the whole table: replays are rare, and an index by time would add a write to every message. */
  async *readMarkers({ fromMs, untilMs }: Range, done: ReadonlySet<string>): AsyncGenerator<Kept> {
    const pages = paginateScan(
      { client: this.parts.dynamodb },
      {
        TableName: this.parts.outputs.seenTable,
        FilterExpression: "attribute_exists(envelope) AND accepted_at BETWEEN :from AND :until",
        ExpressionAttributeValues: marshall({ ":from": fromMs, ":until": untilMs }),
      },
    );
    for await (const { Items = [] } of pages) {
      for (const item of Items) {
        const { id, envelope, ...attributes } = parseMessageMarker(unmarshall(item));
        yield { id, envelope, attributes };
      }
      this.parts.progress(undefined, countMessages(done.size));
    }
  }

  async publish(envelope: string, attributes: Published): Promise<void> {
    await this.#topic.publish(envelope, attributes, AbortSignal.timeout(PUBLISH_MS));
  }
}

const countMessages = (count: number) => `${count} ${count === 1 ? "message" : "messages"}`;

const script = defineScript({
  name: "replay",
  usage: "SUBSCRIBER --from TIME [--to TIME] [--stack STACK] [--dry-run] [--json]",
  help: `Publishes the messages that were accepted in a range of time again, for one subscriber only. It skips messages that it has already handled.

  --from TIME    the beginning of the range, such as 2026-11-22T09:30:00Z
  --to TIME      the end of the range (default: now)
  --until TIME   the same as --to
  --stack STACK  the stack; "local" (default) is the running laptop cloud
  --dry-run      counts the messages, and publishes none`,
  options: {
    from: { type: "string" },
    to: { type: "string" },
    until: { type: "string" },
    stack: { type: "string", default: "local" },
    "dry-run": { type: "boolean", default: false },
  },
  maxArguments: 1,
  run: async ({ options: { from, to, until, stack, "dry-run": dryRun }, arguments: [subscriber = ""], progress }) => {
    const { outputs, client, readNowMs } = readStack(stack);
    findSubscriber(outputs, subscriber);
    const nowMs = await readNowMs();
    if (to !== undefined && until !== undefined) throw new UsageError("--to and --until mean the same: give one of them.");
    const range = parseRange(from, until === undefined ? ["--to", to] : ["--until", until], nowMs);
    const sources = chooseSources(range, outputs, nowMs, from);
    const s3 = new S3Client({ ...client, forcePathStyle: client.endpoint !== undefined });
    const dynamodb = new DynamoDBClient(client);
    const { installationsTable, messageArchiveKeyArn } = outputs;
    const keys =
      installationsTable !== undefined && messageArchiveKeyArn !== undefined
        ? new ArchiveKeys(new InstallationsTable(dynamodb, installationsTable), new KMSClient(client), messageArchiveKeyArn)
        : undefined;
    const replay = new Replay({ dynamodb, sns: new SNSClient(client), s3, keys, outputs, progress });
    const { count, erased } = await replay.run(sources, dryRun ? undefined : subscriber);
    const done = `${countMessages(count)} ${dryRun ? "would be published" : "published"} again for ${subscriber}.`;
    const skipped =
      keys === undefined
        ? `${countMessages(erased)} skipped: they are encrypted for workspaces, and this stack serves only one, so it has no keys.`
        : `${countMessages(erased)} of erased workspaces skipped: nobody can read them any more.`;
    return { text: erased === 0 ? done : `${done}\n${skipped}`, json: { dryRun, count, erased } };
  },
});

if (require.main === module) void runScript(script);

export type { ReplayParts };
export { chooseSources, Replay, script };
