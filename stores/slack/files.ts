/** Downloads files from Slack. The bot's token goes to Slack's file hosts only. */

import { isPage, listFileOrigins, verifyFileUrl } from "#core/documents/slack-files";
import { FileNotReady, FileRefused, SlackBusy, SlackRefused } from "#core/errors";
import type { MessageFile } from "#core/message/message";
import type { Slack, Slacks } from "#stores/slack/web-api";

/** A file with all that is needed to download it. */
interface ReadyFile extends MessageFile {
  url: string;
}

interface DownloadLimits {
  /** The largest file, in bytes. */
  maxBytes: number;
  /** How long a download may take, in seconds. */
  limitSeconds: number;
}

/** Receives a file as a stream. Ends early if the signal aborts. */
type Take<T> = (chunks: AsyncIterable<Uint8Array>, signal: AbortSignal) => Promise<T>;

/** Slack redirects once, if at all. */
const MAX_REDIRECTS = 3;
const REDIRECTS = [301, 302, 303, 307, 308];
/** Slack's status codes while it is still processing a file. */
const NOT_READY = [202, 404, 409, 423, 425];
const UNFINISHED_ERRORS = ["file_not_found", "file_not_ready"];

class SlackFiles {
  constructor(
    private readonly slacks: { of(team: string): Pick<Slack, "readFile"> } & Pick<Slacks, "tokenOf">,
    private readonly origins: readonly string[],
  ) {}

  /**
   * Asks Slack for the details of a file if the message lacks them, as with Slack Connect. Throws `FileNotReady` and `SlackBusy`, which can be
   * retried, `FileRefused` and `SlackRefused`.
   */
  async find(team: string, file: MessageFile): Promise<ReadyFile> {
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
      return await this.slacks.of(team).readFile(id);
    } catch (error) {
      if (!(error instanceof SlackRefused)) throw error;
      const code = String(error.context["code"]);
      if (code === "file_deleted") throw new FileRefused("The file was deleted in Slack.", { cause: error });
      if (UNFINISHED_ERRORS.includes(code)) throw new FileNotReady("Slack does not know the file yet.", { cause: error });
      throw error;
    }
  }

  /** Downloads a file into `take`. Throws `FileNotReady` and `SlackBusy`, which can be retried, `FileRefused`, and what `take` throws. */
  async download<T>(team: string, file: ReadyFile, limits: DownloadLimits, take: Take<T>): Promise<T> {
    const { maxBytes, limitSeconds } = limits;
    if ((file.size ?? 0) > maxBytes) throw new FileRefused(`The file has ${file.size} bytes; at most ${maxBytes} are fetched.`);
    const signal = AbortSignal.timeout(Math.ceil(limitSeconds * 1000));
    try {
      const response = await this.open(file, await this.slacks.tokenOf(team), signal);
      await verifyResponse(file, response, maxBytes);
      return await take(watch(file, response, maxBytes), signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new FileRefused(`The download took longer than ${limitSeconds} s.`, { cause: error });
    }
  }

  /** Opens the download. Each redirect is checked like the first address, because the token may go only to Slack's file hosts. */
  private async open(file: ReadyFile, token: string, signal: AbortSignal): Promise<Response> {
    let url = verifyFileUrl(file.url, this.origins);
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const response = await this.request(url, token, signal);
      const location = response.headers.get("location");
      if (!REDIRECTS.includes(response.status) || location === null) return response;
      await response.body?.cancel();
      url = verifyFileUrl(location, this.origins, url.href);
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
}

/** Passes a download through, and checks its size. Throws `FileRefused`. */
async function* watch(file: ReadyFile, response: Response, maxBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    verifySize(file, bytes, maxBytes);
    yield chunk;
  }
  verifyWhole(file, bytes, maxBytes);
}

/** Ends the download and throws if the response is not the file. */
const verifyResponse = async (file: ReadyFile, response: Response, maxBytes: number): Promise<void> => {
  try {
    verifyHead(file, response, maxBytes);
  } catch (error) {
    await response.body?.cancel();
    throw error;
  }
};

const verifyHead = (file: ReadyFile, { status, headers }: Response, maxBytes: number): void => {
  if (status === 429 || status >= 500) throw new SlackBusy(`Slack's file host answers ${status}.`);
  if (NOT_READY.includes(status)) throw new FileNotReady(`Slack's file host answers ${status}: the file is not ready, or was deleted.`);
  if (status === 410) throw new FileRefused("The file was deleted in Slack.");
  if (status !== 200) throw new FileRefused(`Slack's file host answers ${status}.`);
  if (isPage(headers.get("content-type")) && !isPage(file.mimetype ?? null)) {
    throw new FileRefused("Slack sent a web page instead of the file. Does the app have the scope files:read?");
  }
  const length = headers.get("content-length");
  if (length !== null) verifyWhole(file, Number(length), maxBytes);
};

/** Throws `FileRefused` for more bytes than announced or allowed. */
const verifySize = ({ size }: ReadyFile, bytes: number, maxBytes: number): void => {
  if (bytes > maxBytes) throw new FileRefused(`The file is larger than ${maxBytes} bytes, the most that is fetched.`);
  if (size !== undefined && bytes > size) throw new FileRefused(`Slack announced ${size} bytes, but the file has more.`);
};

/** Throws `FileRefused` for another number of bytes than announced. */
const verifyWhole = (file: ReadyFile, bytes: number, maxBytes: number): void => {
  const { size } = file;
  if (bytes <= maxBytes && size !== undefined && bytes !== size)
    throw new FileRefused(`Slack announced ${size} bytes, but the file has ${bytes}.`);
  verifySize(file, bytes, maxBytes);
};

/** Creates the store; its switches are `SLACK_URL` and `NODE_ENV`. */
const createSlackFiles = (slacks: Slacks, environment: Record<string, string | undefined> = process.env): SlackFiles =>
  new SlackFiles(slacks, listFileOrigins(environment["SLACK_URL"], environment["NODE_ENV"]));

export type { DownloadLimits, ReadyFile };
export { createSlackFiles, SlackFiles };
