/** Streams a file from Slack into the archive bucket. */

import { createHash, type Hash } from "node:crypto";
import type { SharedFile } from "#core/documents/shared-file";
import {
  buildArchivePrefix,
  buildContentType,
  buildFileName,
  buildUnsupported,
  isPage,
  isSupported,
  listFileOrigins,
  verifyFileUrl,
} from "#core/documents/slack-files";
import { FileNotReady, FileRefused, SlackBusy, SlackRefused } from "#core/errors";
import { createLog, type Log } from "#core/log";
import type { MessageFile } from "#core/message/message";
import type { BucketName, TableName } from "#core/named";
import { type Bucket, createBucket } from "#stores/bucket";
import { type ArchiveRemoval, createArchiveRemoval } from "#stores/documents/archive-removal";
import type { TokensSettings } from "#stores/slack/tokens";
import { createSlacks, type Slack, type Slacks } from "#stores/slack/web-api";

interface FetchFileSettings {
  archiveBucket: BucketName;
  mimeTypes: string[];
  /** The largest file to fetch, in bytes. */
  maxBytes: number;
  /** How long a download may take, in seconds. */
  limitSeconds: number;
  /** Tells which messages were deleted, if their files are removed. */
  sharesTable?: TableName;
  /** The tokens of many workspaces. Undefined where the stack serves one. */
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

/** A file with all that is needed to fetch it. */
interface ReadyFile extends MessageFile {
  url: string;
}

/** The progress of a download. */
interface Passed {
  sizeBytes: number;
  hash: Hash;
}

/** Slack redirects once, if at all. */
const MAX_REDIRECTS = 3;
const REDIRECTS = [301, 302, 303, 307, 308];
/** Slack's status codes while it is still processing a file. */
const NOT_READY = [202, 404, 409, 423, 425];
const UNFINISHED_ERRORS = ["file_not_found", "file_not_ready"];

interface FetchFileParts {
  slacks: { of(team: string): Pick<Slack, "readFile"> } & Pick<Slacks, "tokenOf">;
  archive: Pick<Bucket, "upload">;
  /** Undefined if files are kept when their message is deleted. */
  removal?: Pick<ArchiveRemoval, "undoIfDeleted"> | undefined;
  settings: FetchFileSettings;
  origins: readonly string[];
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
    const file = await this.find(shared);
    this.verify(file);
    const signal = AbortSignal.timeout(this.#parts.settings.limitSeconds * 1000);
    try {
      const response = await this.open(file, await this.#parts.slacks.tokenOf(shared.team), signal);
      return await this.store(shared, file, response, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new FileRefused(`The download took longer than ${this.#parts.settings.limitSeconds} s.`, { cause: error });
    }
  }

  /** Asks Slack for the details of a file if the message lacks them, as with Slack Connect. */
  async find({ team, file }: Pick<SharedFile, "team" | "file">): Promise<ReadyFile> {
    if (file.url !== undefined && file.mimetype !== undefined) return { ...file, url: file.url };
    const { mode, file_access: access, name, mimetype, size, url_private: url } = await this.readFile(team, file.id);
    if (mode === "tombstone" || access === "file_not_found") throw new FileRefused("The file was deleted in Slack.");
    if (mode === "external") throw new FileRefused("The file is stored outside Slack; Slack has only a link to it.");
    if (access === "access_denied") throw new FileRefused("Slack does not let this app read the file.");
    if (typeof url !== "string") throw new FileNotReady("Slack does not provide the file's address yet.");
    return {
      id: file.id,
      url,
      ...(typeof name === "string" ? { name } : {}),
      ...(typeof mimetype === "string" ? { mimetype } : {}),
      ...(typeof size === "number" ? { size } : {}),
    };
  }

  private async readFile(team: string, id: string) {
    try {
      return await this.#parts.slacks.of(team).readFile(id);
    } catch (error) {
      if (!(error instanceof SlackRefused)) throw error;
      const code = String(error.context["code"]);
      if (code === "file_deleted") throw new FileRefused("The file was deleted in Slack.", { cause: error });
      if (UNFINISHED_ERRORS.includes(code)) throw new FileNotReady("Slack does not know the file yet.", { cause: error });
      throw error;
    }
  }

  /** Throws `FileRefused` for types and sizes that are not archived. */
  verify(file: ReadyFile): void {
    const { mimeTypes, maxBytes } = this.#parts.settings;
    if (!isSupported(file, mimeTypes)) throw new FileRefused(buildUnsupported(file, mimeTypes));
    if ((file.size ?? 0) > maxBytes) throw new FileRefused(`The file has ${file.size} bytes; at most ${maxBytes} are archived.`);
  }

  /** Opens the download. Each redirect is checked like the first address, because the token may go only to Slack's file hosts. */
  async open(file: ReadyFile, token: string, signal: AbortSignal): Promise<Response> {
    let url = verifyFileUrl(file.url, this.#parts.origins);
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const response = await this.request(url, token, signal);
      const location = response.headers.get("location");
      if (REDIRECTS.includes(response.status) && location !== null) {
        await response.body?.cancel();
        url = verifyFileUrl(location, this.#parts.origins, url.href);
        continue;
      }
      try {
        this.verifyResponse(file, response);
      } catch (error) {
        await response.body?.cancel();
        throw error;
      }
      return response;
    }
    throw new FileRefused(`Slack redirects more than ${MAX_REDIRECTS} times.`);
  }

  private async request(url: URL, token: string, signal: AbortSignal): Promise<Response> {
    try {
      // Without compression, the announced length is the file's.
      const headers = { authorization: `Bearer ${token}`, "accept-encoding": "identity" };
      return await fetch(url, { headers, redirect: "manual", signal });
    } catch (cause) {
      if (signal.aborted) throw cause;
      throw new SlackBusy("Slack's file host can't be reached.", { cause });
    }
  }

  /** Throws if the response is not the file. */
  verifyResponse(file: ReadyFile, response: Response): void {
    const { status, headers } = response;
    if (status === 429 || status >= 500) throw new SlackBusy(`Slack's file host answers ${status}.`);
    if (NOT_READY.includes(status)) throw new FileNotReady(`Slack's file host answers ${status}: the file is not ready, or was deleted.`);
    if (status === 410) throw new FileRefused("The file was deleted in Slack.");
    if (status !== 200) throw new FileRefused(`Slack's file host answers ${status}.`);
    if (isPage(headers.get("content-type")) && !isPage(file.mimetype ?? null)) {
      throw new FileRefused("Slack sent a web page instead of the file. Does the app have the scope files:read?");
    }
    const length = headers.get("content-length");
    if (length !== null) this.verifySize(file, Number(length), true);
  }

  /** Throws `FileRefused` for more bytes than announced or allowed, or for fewer at the end. */
  verifySize({ size }: ReadyFile, bytes: number, isWhole: boolean): void {
    const { maxBytes } = this.#parts.settings;
    if (bytes > maxBytes) throw new FileRefused(`The file is larger than ${maxBytes} bytes, the most that is archived.`);
    if (size !== undefined && (bytes > size || (isWhole && bytes < size))) {
      throw new FileRefused(`Slack announced ${size} bytes, but the file has ${isWhole ? bytes : "more"}.`);
    }
  }

  /** Stores the file under a key that consists of ids. The file's name is metadata. */
  async store(shared: SharedFile, file: ReadyFile, response: Response, signal: AbortSignal): Promise<FetchedFile> {
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
    await this.#parts.archive.upload(key, this.watch(file, response.body ?? emptyBody(), passed), description, signal);
    const { sizeBytes, hash } = passed;
    this.#parts.log.info("archived", { key, sizeBytes, messageId: shared.eventId });
    return { key, name, mimetype, sizeBytes, sha256: hash.digest("hex") };
  }

  /** Passes a download through, checks its size and adds the progress to `passed`. Throws `FileRefused`. */
  private async *watch(file: ReadyFile, chunks: AsyncIterable<Uint8Array>, passed: Passed): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      passed.sizeBytes += chunk.byteLength;
      this.verifySize(file, passed.sizeBytes, false);
      passed.hash.update(chunk);
      yield chunk;
    }
    this.verifySize(file, passed.sizeBytes, true);
  }
}

async function* emptyBody(): AsyncGenerator<Uint8Array> {}

/** Characters that encodeURIComponent keeps but header parameters don't allow. */
const encodeCharacter = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;

/** Creates the task; its secret is `ACCESS_TOKEN` where the stack serves one workspace, and its switches are `SLACK_URL` and `NODE_ENV`. */
const create = (settings: FetchFileSettings): ((shared: SharedFile) => Promise<FetchedFile | DeletedFile>) => {
  const { SLACK_URL, NODE_ENV } = process.env;
  const origins = listFileOrigins(SLACK_URL, NODE_ENV);
  const { archiveBucket, sharesTable } = settings;
  const task = new FetchFile({
    slacks: createSlacks(settings.tokens),
    archive: createBucket(archiveBucket),
    removal: sharesTable === undefined ? undefined : createArchiveRemoval(archiveBucket, sharesTable),
    settings,
    origins,
    log: createLog("fetch-file"),
  });
  return shared => task.handle(shared);
};

export type { DeletedFile, FetchedFile, FetchFileSettings };
export { create, FetchFile };
