/** Reads the archive of messages: one folder a day, each object some lines of notifications. */

import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { GetObjectCommand, paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import { isJsonObject, type JsonObject } from "#core/json";
import type { Range } from "./range";

/** A message as it was published. */
interface Archived {
  id: string;
  envelope: string;
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
      const notification = parseNotification(line, key);
      const publishedMs = Date.parse(String(notification["Timestamp"]));
      if (publishedMs >= fromMs && publishedMs < untilMs) yield readArchived(notification, key);
    }
  }
}

/** Throws with a sentence that names the object. */
const parseNotification = (line: string, key: string): JsonObject => {
  try {
    const notification: unknown = JSON.parse(line);
    if (isJsonObject(notification) && typeof notification["Message"] === "string") return notification;
  } catch {
    // Refused below, like JSON that is no notification.
  }
  throw new Error(`${key} has a line that is not a notification: ${line.slice(0, 40)}`);
};

const readArchived = ({ Message, MessageAttributes }: JsonObject, key: string): Archived => {
  const envelope = String(Message);
  const { id } = JSON.parse(envelope) as { id?: unknown };
  if (typeof id !== "string") throw new Error(`${key} has a message without an id.`);
  const attributes = (MessageAttributes ?? {}) as Record<string, { Value: string }>;
  return { id, envelope, attributes: Object.fromEntries(Object.entries(attributes).map(([name, { Value }]) => [name, Value])) };
};

export { MessageArchive };
