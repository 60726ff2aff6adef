/** Streams a file from Slack into the archive bucket. */

import { createHash, type Hash } from "node:crypto";
import type { SharedFile } from "#core/documents/shared-file";
import { buildArchivePrefix, buildContentType, buildFileName, buildUnsupported, isSupported } from "#core/documents/slack-files";
import { FileRefused } from "#core/errors";
import { createLog, type Log } from "#core/log";
import type { BucketName, TableName } from "#core/named";
import { type Bucket, createBucket } from "#stores/bucket";
import { type ArchiveRemoval, createArchiveRemoval } from "#stores/documents/archive-removal";
import { createSlackFiles, type DownloadLimits, type ReadyFile, type SlackFiles } from "#stores/slack/files";
import type { TokensSettings } from "#stores/slack/tokens";
import { createSlacks } from "#stores/slack/web-api";

interface FetchFileSettings extends DownloadLimits {
  archiveBucket: BucketName;
  mimeTypes: string[];
  /** Tells which messages were deleted, if their files are removed. */
  sharesTable?: TableName;
  /** The tokens of many workspaces. Undefined where the stack serves one workspace. */
  tokens?: TokensSettings | undefined;
}

interface FetchedFile {
  /** The object's key in the archive bucket. */
  key: string;
  name: string;
  mimetype: string;
  sizeBytes: number;
  /** Hexadecimal. */
  sha256: string;
}

/** The result if the message was deleted: nothing of the file stays. */
interface DeletedFile {
  deleted: true;
}

/** The progress of a download. */
interface Passed {
  sizeBytes: number;
  hash: Hash;
}

interface FetchFileParts {
  files: Pick<SlackFiles, "find" | "download">;
  archive: Pick<Bucket, "upload">;
  /** Undefined if files are kept when their message is deleted. */
  removal?: Pick<ArchiveRemoval, "undoIfDeleted"> | undefined;
  settings: FetchFileSettings;
  log: Log;
}

class FetchFile {
  readonly #parts: FetchFileParts;

  constructor(parts: FetchFileParts) {
    this.#parts = parts;
  }

  /**
   * Stores the file, unless its message is deleted before the end: then nothing stays. Throws `FileNotReady` and `SlackBusy`, which can be
   * retried, and `FileRefused`.
   */
  async handle(shared: SharedFile): Promise<FetchedFile | DeletedFile> {
    const isDeleted = async () => (await this.#parts.removal?.undoIfDeleted(shared, shared.file.id)) === true;
    if (await isDeleted()) return { deleted: true };
    const fetched = await this.fetch(shared).catch(async error => {
      // Slack may have deleted the file with its message.
      if (await isDeleted()) return undefined;
      throw error;
    });
    return fetched === undefined || (await isDeleted()) ? { deleted: true } : fetched;
  }

  /** Downloads the file and stores it. */
  async fetch(shared: SharedFile): Promise<FetchedFile> {
    const { files, settings } = this.#parts;
    const file = await files.find(shared.team, shared.file);
    if (!isSupported(file, settings.mimeTypes)) throw new FileRefused(buildUnsupported(file, settings.mimeTypes));
    return files.download(shared.team, file, settings, (chunks, signal) => this.store(shared, file, chunks, signal));
  }

  /** Stores the file under a key that consists of ids. The file's name is metadata. */
  private async store(shared: SharedFile, file: ReadyFile, chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<FetchedFile> {
    const key = `${buildArchivePrefix(shared.team, shared.channel, shared.ts, file.id)}/original`;
    const name = buildFileName(file);
    const mimetype = buildContentType(file);
    const encodedName = encodeURIComponent(name);
    const description = {
      contentType: mimetype,
      // Browsers download the file instead of running it, whatever it contains.
      contentDisposition: `attachment; filename*=UTF-8''${encodedName.replace(/['()*]/g, encodeCharacter)}`,
      metadata: { name: encodedName, user: shared.user, message: shared.eventId },
    };
    const passed: Passed = { sizeBytes: 0, hash: createHash("sha256") };
    await this.#parts.archive.upload(key, measure(chunks, passed), description, signal);
    const { sizeBytes, hash } = passed;
    this.#parts.log.info("archived", { key, sizeBytes, messageId: shared.eventId });
    return { key, name, mimetype, sizeBytes, sha256: hash.digest("hex") };
  }
}

/** Passes a download through, and adds it to `passed`. */
async function* measure(chunks: AsyncIterable<Uint8Array>, passed: Passed): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    passed.sizeBytes += chunk.byteLength;
    passed.hash.update(chunk);
    yield chunk;
  }
}

/** Characters that encodeURIComponent keeps but header parameters don't allow. */
const encodeCharacter = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;

/** Creates the task; its secret is `ACCESS_TOKEN` where the stack serves one workspace, and its switches are `SLACK_URL` and `NODE_ENV`. */
const create = (settings: FetchFileSettings): ((shared: SharedFile) => Promise<FetchedFile | DeletedFile>) => {
  const { archiveBucket, sharesTable } = settings;
  const task = new FetchFile({
    files: createSlackFiles(createSlacks(settings.tokens)),
    archive: createBucket(archiveBucket),
    removal: sharesTable === undefined ? undefined : createArchiveRemoval(archiveBucket, sharesTable),
    settings,
    log: createLog("fetch-file"),
  });
  return shared => task.handle(shared);
};

export type { DeletedFile, FetchedFile, FetchFileSettings };
export { create, FetchFile };
