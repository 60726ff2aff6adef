/** The rules for archiving files from Slack: which files, from which hosts, under which key. */
import { FileRefused } from "#core/errors";
import type { MessageFile } from "#core/message/message";
import { composeText } from "#core/normalize";
import { buildQuote } from "#core/quote";
import { buildShownName } from "#core/shown-name";

/** Slack's host for files. Its other hosts, such as hooks.slack.com, have none. */
const SLACK_FILE_ORIGIN = "https://files.slack.com";

/** S3 allows 2 KB of user-defined metadata per object. */
const MAX_ENCODED_NAME_BYTES = 1024;

const MIME_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/;

/** Lists the allowed origins of files: Slack's, and in tests that of the configured API. */
const listFileOrigins = (slackUrl: string | undefined, nodeEnv: string | undefined): string[] =>
  nodeEnv === "test" && slackUrl ? [SLACK_FILE_ORIGIN, new URL(slackUrl).origin] : [SLACK_FILE_ORIGIN];

/** Verifies the URL of a file, because the bot's token must not go anywhere else. Throws `FileRefused`. */
const verifyFileUrl = (address: string, origins: readonly string[], base?: string): URL => {
  const url = URL.canParse(address, base) ? new URL(address, base) : undefined;
  if (url === undefined) throw new FileRefused(`The file's address ${buildQuote(address)} is not a URL.`);
  // The origin alone is not enough: the origin of blob:https://files.slack.com/x is https://files.slack.com.
  const isHttp = url.protocol === "https:" || url.protocol === "http:";
  if (!isHttp || url.username !== "" || url.password !== "" || !origins.includes(url.origin)) {
    throw new FileRefused(
      `The file lies at ${buildQuote(isHttp ? url.host : url.href)}, not where Slack keeps files (${origins.join(", ")}).`,
    );
  }
  return url;
};

/** Tells whether files of a type are archived. Slack Connect may not reveal the type yet. */
const isSupported = ({ mimetype }: Pick<MessageFile, "mimetype">, mimeTypes: readonly string[]): boolean =>
  mimetype === undefined || mimeTypes.includes(mimetype.toLowerCase());

/** Builds the sentence that lists the archived types. */
const buildUnsupported = (file: MessageFile, mimeTypes: readonly string[]): string =>
  `The file ${buildFileName(file)} has the type ${buildQuote(file.mimetype)}, which is not archived. Supported: ${mimeTypes.join(", ")}.`;

/** Builds the content type to store a file with. Anything invalid becomes a stream of bytes. */
const buildContentType = ({ mimetype = "" }: Pick<MessageFile, "mimetype">): string =>
  MIME_TYPE.test(mimetype.toLowerCase()) ? mimetype.toLowerCase() : "application/octet-stream";

/** Tells whether a content type is a web page: Slack answers with its login page if the token may not read the file. */
const isPage = (contentType: string | null): boolean => /^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(contentType ?? "");

/** Builds a name that is safe to show: well-formed, on one line, without direction overrides. Without a name, uses the id. */
const buildFileName = ({ id, name = "" }: Pick<MessageFile, "id" | "name">): string => {
  const shown = buildShownName(composeText(name.toWellFormed()));
  return shown === "" ? id : cutEncoded(shown);
};

/** Cuts a name so that its percent-encoding fits into the metadata. */
const cutEncoded = (name: string): string => {
  if (encodeURIComponent(name).length <= MAX_ENCODED_NAME_BYTES) return name;
  let kept = "";
  let bytes = 0;
  for (const character of name) {
    bytes += encodeURIComponent(character).length;
    if (bytes > MAX_ENCODED_NAME_BYTES) break;
    kept += character;
  }
  return kept;
};

/** A message that shares files, by Slack's ids. */
interface SharingMessage {
  team: string;
  channel: string;
  ts: string;
}

/** Builds the folder of the files that are shared in a channel on a UTC day: `TEAM/CHANNEL/YYYY-MM-DD`. */
const buildArchiveFolder = ({ team, channel, ts }: SharingMessage): string =>
  [team, channel, new Date(Math.floor(Number(ts)) * 1000).toISOString().slice(0, 10)].join("/");

/** Builds the prefix of a file's keys: `TEAM/CHANNEL/YYYY-MM-DD/FILE_ID`. A file that is shared again on that day has the same keys. */
const buildArchivePrefix = (team: string, channel: string, ts: string, fileId: string): string =>
  `${buildArchiveFolder({ team, channel, ts })}/${fileId}`;

export type { SharingMessage };
export {
  buildArchiveFolder,
  buildArchivePrefix,
  buildContentType,
  buildFileName,
  buildUnsupported,
  isPage,
  isSupported,
  listFileOrigins,
  verifyFileUrl,
};
