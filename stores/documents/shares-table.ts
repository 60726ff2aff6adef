/** The table `shares`: which files each message shared, and whether the message was deleted. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { buildArchiveFolder, type SharingMessage } from "#core/documents/slack-files";
import { Table } from "#stores/table";

/** What the archive takes from a message. */
interface Share {
  /** The ids of its files. */
  files: string[];
  tags: string[];
}

interface ShareRow extends Partial<Share> {
  /** `TEAM/CHANNEL/YYYY-MM-DD`, as in the archive bucket. */
  folder: string;
  ts: string;
  deleted?: boolean;
  /** Of a deleted message, epoch seconds: when nothing can be archived late any more. */
  expires_at?: number;
}

const buildKey = (message: SharingMessage) => ({ folder: buildArchiveFolder(message), ts: message.ts });

class SharesTable {
  readonly #table: Table;

  constructor(client: DynamoDBClient, table: string) {
    this.#table = new Table(client, table);
  }

  /** Records what a message shares. Returns false if the message was deleted. */
  async record(message: SharingMessage, { files, tags }: Share): Promise<boolean> {
    const { isWritten } = await this.#table.updateIf({
      Key: buildKey(message),
      UpdateExpression: "SET files = :files, tags = :tags",
      ConditionExpression: "attribute_not_exists(deleted)",
      ExpressionAttributeValues: { ":files": files, ":tags": tags },
    });
    return isWritten;
  }

  /** Marks a message as deleted. Returns what it had shared: nothing if that is not recorded yet, and then `record` refuses the message. */
  async markDeleted(message: SharingMessage, expiresAtSeconds: number): Promise<Share> {
    const row = await this.#table.update<ShareRow>({
      Key: buildKey(message),
      UpdateExpression: "SET deleted = :true, expires_at = :expires",
      ExpressionAttributeValues: { ":true": true, ":expires": expiresAtSeconds },
      ReturnValues: "ALL_NEW",
    });
    return { files: row?.files ?? [], tags: row?.tags ?? [] };
  }

  /** Tells whether a message was deleted, strongly consistent. */
  async isDeleted(message: SharingMessage): Promise<boolean> {
    return (await this.#table.get<ShareRow>(buildKey(message)))?.deleted === true;
  }

  /** Lists the files that messages share in a message's channel on its day, apart from deleted messages; strongly consistent. */
  async listShared(message: SharingMessage): Promise<Set<string>> {
    const shared = new Set<string>();
    const rows = this.#table.queryAll<ShareRow>({
      KeyConditionExpression: "folder = :folder",
      FilterExpression: "attribute_not_exists(deleted)",
      ExpressionAttributeValues: { ":folder": buildArchiveFolder(message) },
      ProjectionExpression: "files",
      ConsistentRead: true,
    });
    for await (const { files = [] } of rows) for (const file of files) shared.add(file);
    return shared;
  }
}

export type { Share };
export { SharesTable };
