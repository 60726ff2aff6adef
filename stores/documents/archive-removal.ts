/**
 * Removes from the archive what it took from deleted messages (ADR 43).
 *
 * The message is marked as deleted first, then its objects are removed. Whoever writes an object looks for the mark afterwards, and
 * removes what it wrote. So nothing stays, whichever comes first.
 */
import { buildArchivePrefix, type SharingMessage } from "#core/documents/slack-files";
import { runSideBySide } from "#core/side-by-side";
import { createDynamoDB } from "#stores/aws-clients";
import { type Bucket, createBucket } from "#stores/bucket";
import { SharesTable } from "#stores/documents/shares-table";

/** A message has at most ten files in Slack's own clients. */
const FILES_AT_ONCE = 5;

class ArchiveRemoval {
  constructor(
    private readonly shares: Pick<SharesTable, "isDeleted" | "listShared">,
    private readonly archive: Pick<Bucket, "delete">,
  ) {}

  /** Undoes what was written for a file, if its message was deleted meanwhile. Returns whether it was. */
  async undoIfDeleted(message: SharingMessage, fileId: string): Promise<boolean> {
    if (!(await this.shares.isDeleted(message))) return false;
    await this.removeObjects(message, [fileId]);
    return true;
  }

  /** Removes the objects of a deleted message's files. A file that another message shared in the same channel on the same day stays. */
  async removeObjects(message: SharingMessage, fileIds: readonly string[]): Promise<void> {
    const shared = await this.shares.listShared(message);
    const { team, channel, ts } = message;
    const removed = fileIds.filter(id => !shared.has(id));
    await runSideBySide(removed, FILES_AT_ONCE, async id => {
      const prefix = buildArchivePrefix(team, channel, ts, id);
      await this.archive.delete(`${prefix}/original`);
      await this.archive.delete(`${prefix}/metadata.json`);
    });
  }
}

const createArchiveRemoval = (archiveBucket: string, sharesTable: string): ArchiveRemoval =>
  new ArchiveRemoval(new SharesTable(createDynamoDB("background"), sharesTable), createBucket(archiveBucket));

export { ArchiveRemoval, createArchiveRemoval };
