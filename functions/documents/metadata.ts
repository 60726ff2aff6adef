/** Writes an archived file's metadata beside it, lists the file under its tags, and returns the success notice. */

import type { SharedFile } from "#core/documents/shared-file";
import type { BucketName, TableName } from "#core/named";
import { buildNotification, type Notification } from "#core/notice/notice";
import type { FetchedFile } from "#functions/documents/fetch-file";
import { createDynamoDB } from "#stores/aws-clients";
import { type Bucket, createBucket } from "#stores/bucket";
import { FilesTable } from "#stores/documents/files-table";

interface MetadataSettings {
  archiveBucket: BucketName;
  filesTable: TableName;
}

interface MetadataInput extends SharedFile {
  fetchFile: FetchedFile;
}

class Metadata {
  constructor(
    private readonly archive: Pick<Bucket, "put">,
    private readonly files: Pick<FilesTable, "put">,
  ) {}

  /** Idempotent. Returns the success notice. */
  async handle(input: MetadataInput): Promise<{ key: string; notice: Notification }> {
    const key = input.fetchFile.key.replace(/original$/, "metadata.json");
    await this.archive.put(key, this.build(input), { contentType: "application/json" });
    await this.index(input);
    return { key, notice: this.buildNotice(input) };
  }

  /** Builds the metadata. Its only time is the message's, so that a repeated run writes the same. */
  build({ eventId, team, channel, user, ts, threadTs, text, tags, file, fetchFile }: MetadataInput): string {
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
  async index({ about, team, channel, user, ts, tags, file, fetchFile }: MetadataInput): Promise<void> {
    const { key, name, mimetype, sizeBytes } = fetchFile;
    // Executions that an earlier release started lack this.
    const isPrivate = about.private ?? true;
    await this.files.put(team, tags, { fileId: file.id, name, mimetype, sizeBytes, channel, private: isPrivate, user, ts, key });
  }

  buildNotice({ eventId, about, file, tags, fetchFile }: MetadataInput): Notification {
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
}

/** Creates the task. */
const create = (settings: MetadataSettings): ((input: MetadataInput) => Promise<{ key: string; notice: Notification }>) => {
  const task = new Metadata(createBucket(settings.archiveBucket), new FilesTable(createDynamoDB("background"), settings.filesTable));
  return input => task.handle(input);
};

export type { MetadataInput, MetadataSettings };
export { create, Metadata };
