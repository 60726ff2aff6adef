/** Reads the archive of messages: one folder a day, each object some lines of records. */

import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { GetObjectCommand, paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import { type Encrypted, isPlain, parseRecord, readId } from "#core/message/archived-message";
import type { Range } from "./range";

/** A message as it was published, or encrypted. */
interface Archived {
  id: string;
  envelope: string | Encrypted;
  /** Its attributes, except for whom it was replayed. */
  attributes: Record<string, string>;
}

interface ArchivedObject {
  key: string;
  sizeBytes: number;
}

const DAY_MS = 86_400_000;

class MessageArchive {
  constructor(
    private readonly s3: S3Client,
    private readonly bucket: string,
  ) {}

  /**
   * Lists the objects that may have messages of a range. An object lies in the folder of the day on which its oldest message arrived, which may be
   * the day before. SNS may deliver, and Firehose may write, a day late.
   */
  async list({ fromMs, untilMs }: Range): Promise<ArchivedObject[]> {
    const objects: ArchivedObject[] = [];
    for (let dayMs = fromMs - DAY_MS; dayMs < untilMs + 2 * DAY_MS; dayMs += DAY_MS) {
      const Prefix = `messages/${new Date(dayMs).toISOString().slice(0, 10).replaceAll("-", "/")}/`;
      for await (const { Contents = [] } of paginateListObjectsV2({ client: this.s3 }, { Bucket: this.bucket, Prefix }))
        objects.push(...Contents.map(({ Key = "", Size = 0 }) => ({ key: Key, sizeBytes: Size })));
    }
    return objects;
  }

  /** Reads the messages that were published in a range. The same one may come twice, since Firehose writes "at least once". */
  async *read({ key }: ArchivedObject, { fromMs, untilMs }: Range): AsyncGenerator<Archived> {
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: this.bucket, Key: key }));
    const text = gunzipSync(await buffer(Body as Readable)).toString();
    for (const line of text.split("\n").filter(each => each !== "")) {
      const { publishedMs, ...archived } = readArchived(line, key);
      if (publishedMs >= fromMs && publishedMs < untilMs) yield archived;
    }
  }
}

/** Throws with a sentence that names the object. */
const readArchived = (line: string, key: string): Archived & { publishedMs: number } => {
  const record = parseRecord(line);
  if (record === undefined) throw new Error(`${key} has a line that is not a notification: ${line.slice(0, 40)}`);
  const id = readId(record);
  if (id === undefined) throw new Error(`${key} has a message without an id.`);
  const attributes = (record["MessageAttributes"] ?? {}) as Record<string, { Value: string }>;
  return {
    id,
    envelope: isPlain(record) ? record.Message : record.Encrypted,
    attributes: Object.fromEntries(Object.entries(attributes).map(([name, { Value }]) => [name, Value])),
    publishedMs: Date.parse(String(record["Timestamp"])),
  };
};

export { MessageArchive };
