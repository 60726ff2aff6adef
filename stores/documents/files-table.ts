/** The table `files`: which archived files carry which tag, and who may see them. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { runSideBySide } from "#core/side-by-side";
import { MAX_CALLS } from "#stores/aws-clients";
import { Table } from "#stores/table";

/** An archived file, as search results show it. */
interface TaggedFile {
  fileId: string;
  name: string;
  mimetype: string;
  sizeBytes: number;
  channel: string;
  /** Whether it was shared in a private conversation. */
  private: boolean;
  user: string;
  /** Timestamp of the message that shared it. */
  ts: string;
  /** Key of the object in the archive bucket. */
  key: string;
}

interface FileRow {
  tag: string;
  /** `TS#FILE`, so that the files of a tag sort by time. */
  posted: string;
  channel: string;
  name?: string;
  mimetype?: string;
  size?: number;
  private?: boolean;
  user?: string;
  key?: string;
}

/** A search for files. */
interface Search {
  team: string;
  tag: string;
  /** The conversation that shows the result. */
  channel: string;
  limit: number;
}

/** A page is larger than an answer, because the filter drops files that the conversation may not see. */
const PAGE_SIZE = 200;

const buildSort = ({ ts, fileId }: Pick<TaggedFile, "ts" | "fileId">): string => `${ts}#${fileId}`;

const buildPartition = (team: string, tag: string): string => `${team}${tag}`;

class FilesTable {
  readonly #table: Table;

  constructor(client: DynamoDBClient, table: string) {
    this.#table = new Table(client, table);
  }

  /** Puts a file under each of its tags; doing it again changes nothing. */
  async put(team: string, tags: readonly string[], file: TaggedFile): Promise<void> {
    await runSideBySide(tags, MAX_CALLS, async tag => {
      await this.#table.put({
        tag: buildPartition(team, tag),
        posted: buildSort(file),
        name: file.name,
        mimetype: file.mimetype,
        size: file.sizeBytes,
        channel: file.channel,
        private: file.private,
        user: file.user,
        key: file.key,
      } satisfies FileRow);
    });
  }

  /** Takes a file away from each of its tags. */
  async delete(team: string, tags: readonly string[], file: Pick<TaggedFile, "ts" | "fileId">): Promise<void> {
    await runSideBySide(tags, MAX_CALLS, tag => this.#table.delete({ tag: buildPartition(team, tag), posted: buildSort(file) }));
  }

  /**
   * Reads the latest files with a tag that a conversation may see: public files, and its own. Rows of earlier releases don't record whether
   * a file is private, so only its own conversation may see such a file.
   */
  async readVisible({ team, tag, channel, limit }: Search, deadline: Deadline): Promise<TaggedFile[]> {
    const files: TaggedFile[] = [];
    const rows = this.#table.queryAll<FileRow>(
      {
        KeyConditionExpression: "tag = :tag",
        FilterExpression: "#private = :no OR channel = :channel",
        ExpressionAttributeNames: { "#private": "private" },
        ExpressionAttributeValues: { ":tag": buildPartition(team, tag), ":no": false, ":channel": channel },
        ScanIndexForward: false,
        Limit: PAGE_SIZE,
      },
      deadline.signal(),
    );
    for await (const row of rows) {
      files.push(parseFile(row));
      if (files.length === limit) break;
    }
    return files;
  }
}

const parseFile = ({
  posted,
  name,
  mimetype = "",
  size = 0,
  channel,
  private: isPrivate = true,
  user = "",
  key = "",
}: FileRow): TaggedFile => {
  const [ts = "", fileId = ""] = posted.split("#");
  return { fileId, ts, name: name ?? fileId, mimetype, sizeBytes: size, channel, private: isPrivate, user, key };
};

export { FilesTable };
