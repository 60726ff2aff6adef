/** Writes an archived file's metadata beside it, lists the file under its tags, and returns the success notice. */

import type { SharedFile } from "#core/documents/shared-file";
import type { BucketName, TableName } from "#core/named";
import { buildNotification, type Notification } from "#core/notice/notice";
import type { DeletedFile, FetchedFile } from "#functions/documents/fetch-file";
import { createDynamoDB } from "#stores/aws-clients";
import { type Bucket, createBucket } from "#stores/bucket";
import { type ArchiveRemoval, createArchiveRemoval } from "#stores/documents/archive-removal";
import { FilesTable } from "#stores/documents/files-table";

interface MetadataSettings {
  archiveBucket: BucketName;
  filesTable: TableName;
  /** Tells which messages were deleted, if their files are removed. */
  sharesTable?: TableName;
}

interface MetadataInput extends SharedFile {
  fetchFile: FetchedFile | DeletedFile;
}

interface ArchivedFile extends SharedFile {
  fetchFile: FetchedFile;
}

interface Written {
  /** The key of the metadata; absent if the message was deleted. */
  key?: string;
  notice: Notification;
}

class Metadata {
  constructor(
    private readonly archive: Pick<Bucket, "put">,
    private readonly files: Pick<FilesTable, "delete" | "put">,
    /** Undefined if files are kept when their message is deleted. */
    private readonly removal?: Pick<ArchiveRemoval, "undoIfDeleted">,
  ) {}

  /** Idempotent. Returns the success notice. */
  async handle(input: MetadataInput): Promise<Written> {
    if (!isArchived(input)) return { notice: this.buildDeleted(input) };
    const { fetchFile, team, ts, tags, file } = input;
    const key = fetchFile.key.replace(/original$/, "metadata.json");
    await this.archive.put(key, this.build(input), { contentType: "application/json" });
    await this.index(input);
    if (await this.removal?.undoIfDeleted(input, file.id)) {
      await this.files.delete(team, tags, { ts, fileId: file.id });
      return { notice: this.buildDeleted(input) };
    }
    return { key, notice: this.buildNotice(input) };
  }

  /** Builds the metadata. Its only time is the message's, so that a repeated run writes the same. */
  build({ eventId, team, channel, user, ts, threadTs, text, tags, file, fetchFile }: ArchivedFile): string {
    const { key, name, mimetype, sizeBytes, sha256 } = fetchFile;
    const metadata = {
      eventId,
      message: { team, channel, ts, ...(threadTs === undefined ? {} : { threadTs }), text },
      file: { id: file.id, name, mimetype, key },
      tags,
      user,
      time: new Date(Math.floor(Number(ts) * 1000)).toISOString(),
      sha256,
      size: sizeBytes,
    };
    return `${JSON.stringify(metadata, null, 2)}\n`;
  }

  /** Puts the file under each of its tags. */
  async index({ about, team, channel, user, ts, tags, file, fetchFile }: ArchivedFile): Promise<void> {
    const { key, name, mimetype, sizeBytes } = fetchFile;
    // Executions that an earlier release started lack this.
    const isPrivate = about.private ?? true;
    await this.files.put(team, tags, { fileId: file.id, name, mimetype, sizeBytes, channel, private: isPrivate, user, ts, key });
  }

  buildNotice({ eventId, about, file, tags, fetchFile }: ArchivedFile): Notification {
    const { file: name, ...place } = about;
    return buildNotification({
      id: `${eventId}#${file.id}#archived`,
      outcome: "success",
      title: "File archived",
      text: `The file ${fetchFile.name || name} is archived (${fetchFile.mimetype}, ${fetchFile.sizeBytes} bytes).`,
      fields: { tags: tags.join(" "), key: fetchFile.key },
      ...place,
    });
  }

  /** Does not name the file, which somebody wanted to be gone. */
  buildDeleted({ eventId, about, file }: MetadataInput): Notification {
    const { file: _, ...place } = about;
    return buildNotification({
      id: `${eventId}#${file.id}#deleted`,
      outcome: "success",
      title: "File not archived",
      text: "A file is not archived, because its message was deleted.",
      ...place,
    });
  }
}

const isArchived = (input: MetadataInput): input is ArchivedFile => !("deleted" in input.fetchFile);

const create = ({ archiveBucket, filesTable, sharesTable }: MetadataSettings): ((input: MetadataInput) => Promise<Written>) => {
  const removal = sharesTable === undefined ? undefined : createArchiveRemoval(archiveBucket, sharesTable);
  const task = new Metadata(createBucket(archiveBucket), new FilesTable(createDynamoDB("background"), filesTable), removal);
  return input => task.handle(input);
};

export type { MetadataInput, MetadataSettings };
export { create, Metadata };
