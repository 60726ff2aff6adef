/** Removes a message's files from the archive when the message is deleted in Slack. */

import { createLog, type Log } from "#core/log";
import { type EventEnvelope, parseEventEnvelope, readEventVersion } from "#core/message/event";
import { DELETED } from "#core/message/version";
import type { BucketName, TableName } from "#core/named";
import { runSideBySide } from "#core/side-by-side";
import { createDynamoDB } from "#stores/aws-clients";
import { createBucket } from "#stores/bucket";
import { ArchiveRemoval } from "#stores/documents/archive-removal";
import { FilesTable } from "#stores/documents/files-table";
import { SharesTable } from "#stores/documents/shares-table";
import { createEventSubscriber, type Subscriber } from "#subscribers/records";

interface ArchiveRemoverSettings {
  archiveBucket: BucketName;
  filesTable: TableName;
  sharesTable: TableName;
  /** How long deleted messages are remembered. Nothing can be archived later than that. */
  archiveDays: number;
}

const SECONDS_A_DAY = 24 * 60 * 60;
const FILES_AT_ONCE = 5;

interface ArchiveRemoverParts {
  shares: Pick<SharesTable, "markDeleted">;
  files: Pick<FilesTable, "delete">;
  removal: Pick<ArchiveRemoval, "removeObjects">;
  settings: Pick<ArchiveRemoverSettings, "archiveDays">;
  log: Pick<Log, "info">;
  nowMs?: () => number;
}

class ArchiveRemover {
  readonly #parts: Required<ArchiveRemoverParts>;

  constructor(parts: ArchiveRemoverParts) {
    this.#parts = { nowMs: Date.now, ...parts };
  }

  /** Marks the message first, so that the pipeline removes files that are still being archived. Idempotent. Edits change nothing. */
  async handle(envelope: EventEnvelope): Promise<void> {
    const message = readEventVersion(envelope);
    if (message?.order !== DELETED) return;
    const { shares, files, removal, log } = this.#parts;
    const { files: fileIds, tags } = await shares.markDeleted(message, this.expiresAtSeconds());
    if (fileIds.length === 0) return;
    await removal.removeObjects(message, fileIds);
    await runSideBySide(fileIds, FILES_AT_ONCE, fileId => files.delete(message.team, tags, { ts: message.ts, fileId }));
    log.info("removed", { id: envelope.id, files: fileIds.length });
  }

  private expiresAtSeconds(): number {
    return Math.ceil(this.#parts.nowMs() / 1000) + this.#parts.settings.archiveDays * SECONDS_A_DAY;
  }
}

const create = (settings: ArchiveRemoverSettings): Subscriber => {
  const log = createLog("archive-remover");
  const client = createDynamoDB("background");
  const shares = new SharesTable(client, settings.sharesTable);
  const remover = new ArchiveRemover({
    shares,
    files: new FilesTable(client, settings.filesTable),
    removal: new ArchiveRemoval(shares, createBucket(settings.archiveBucket)),
    settings,
    log,
  });
  return createEventSubscriber(log, parseEventEnvelope, envelope => remover.handle(envelope));
};

export type { ArchiveRemoverSettings };
export { ArchiveRemover, create };
