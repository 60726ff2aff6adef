/** The table `files`: which archived files carry which tag. */
import { type DynamoDBClient, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { runSideBySide } from "#core/side-by-side";
import { MAX_CALLS } from "#stores/aws-clients";

/** An archived file, as an answer shows it. */
interface TaggedFile {
  fileId: string;
  name: string;
  mimetype: string;
  sizeBytes: number;
  channel: string;
  user: string;
  /** The message's. */
  ts: string;
  /** The object in the archive bucket. */
  key: string;
}

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
            user: { S: file.user },
            key: { S: file.key },
          },
        }),
      );
    });
  }

  /** Reads the latest files with a tag. */
  async readLatest(team: string, tag: string, limit: number, deadline: Deadline): Promise<TaggedFile[]> {
    const { Items = [] } = await this.client.send(
      new QueryCommand({
        TableName: this.table,
        KeyConditionExpression: "tag = :tag",
        ExpressionAttributeValues: { ":tag": { S: buildPartition(team, tag) } },
        ScanIndexForward: false,
        Limit: limit,
      }),
      { abortSignal: deadline.signal() },
    );
    return Items.map(({ posted, name, mimetype, size, channel, user, key }) => {
      const [ts = "", fileId = ""] = (posted?.S ?? "").split("#");
      return {
        fileId,
        ts,
        name: name?.S ?? fileId,
        mimetype: mimetype?.S ?? "",
        sizeBytes: Number(size?.N ?? 0),
        channel: channel?.S ?? "",
        user: user?.S ?? "",
        key: key?.S ?? "",
      };
    });
  }
}

export type { TaggedFile };
export { FilesTable };
