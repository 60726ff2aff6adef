/** The table `files`: which archived files carry which tag, and who may see them. */
import { type DynamoDBClient, PutItemCommand, QueryCommand, type QueryCommandOutput } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { runSideBySide } from "#core/side-by-side";
import { MAX_CALLS } from "#stores/aws-clients";
import type { Item } from "#stores/count-once";

/** An archived file, as an answer shows it. */
interface TaggedFile {
  fileId: string;
  name: string;
  mimetype: string;
  sizeBytes: number;
  channel: string;
  /** Whether it was shared where not everybody can listen. */
  private: boolean;
  user: string;
  /** The message's. */
  ts: string;
  /** The object in the archive bucket. */
  key: string;
}

/** What is searched for, and the conversation in which the answer shows. */
interface Search {
  team: string;
  tag: string;
  channel: string;
  limit: number;
}

/** Files that the asker may not see are filtered out of each page, so a page is larger than an answer. */
const PAGE_SIZE = 200;

const buildPartition = (team: string, tag: string): string => `${team}${tag}`;

class FilesTable {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
  ) {}

  /** Puts a file under each of its tags; doing it again changes nothing. */
  async put(team: string, tags: readonly string[], file: TaggedFile): Promise<void> {
    await runSideBySide(tags, MAX_CALLS, async tag => {
      await this.client.send(
        new PutItemCommand({
          TableName: this.table,
          Item: {
            tag: { S: buildPartition(team, tag) },
            posted: { S: `${file.ts}#${file.fileId}` },
            name: { S: file.name },
            mimetype: { S: file.mimetype },
            size: { N: String(file.sizeBytes) },
            channel: { S: file.channel },
            private: { BOOL: file.private },
            user: { S: file.user },
            key: { S: file.key },
          },
        }),
      );
    });
  }

  /**
   * Reads the latest files with a tag that a conversation may see: files shared in public, and its own. Files of earlier releases don't
   * record how they were shared, so only their own conversation may see them.
   */
  async readVisible({ team, tag, channel, limit }: Search, deadline: Deadline): Promise<TaggedFile[]> {
    const files: TaggedFile[] = [];
    let next: Item | undefined;
    do {
      const page: QueryCommandOutput = await this.client.send(
        new QueryCommand({
          TableName: this.table,
          KeyConditionExpression: "tag = :tag",
          FilterExpression: "#private = :no OR channel = :channel",
          ExpressionAttributeNames: { "#private": "private" },
          ExpressionAttributeValues: { ":tag": { S: buildPartition(team, tag) }, ":no": { BOOL: false }, ":channel": { S: channel } },
          ScanIndexForward: false,
          Limit: PAGE_SIZE,
          ExclusiveStartKey: next,
        }),
        { abortSignal: deadline.signal() },
      );
      files.push(...(page.Items ?? []).map(parseFile));
      next = page.LastEvaluatedKey;
    } while (next !== undefined && files.length < limit);
    return files.slice(0, limit);
  }
}

const parseFile = (item: Item): TaggedFile => {
  const [ts = "", fileId = ""] = (item["posted"]?.S ?? "").split("#");
  return {
    fileId,
    ts,
    name: item["name"]?.S ?? fileId,
    mimetype: item["mimetype"]?.S ?? "",
    sizeBytes: Number(item["size"]?.N ?? 0),
    channel: item["channel"]?.S ?? "",
    private: item["private"]?.BOOL ?? true,
    user: item["user"]?.S ?? "",
    key: item["key"]?.S ?? "",
  };
};

export type { TaggedFile };
export { FilesTable };
