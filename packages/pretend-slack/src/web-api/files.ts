import { randomBytes } from "node:crypto";
import { isObject } from "@slack-fanout/laptop-cloud/kernel/json";
import { presentFile, type SlackFile } from "../message";
import type { Slack } from "../slack";
import { SlackError } from "../slack-error";
import { secondsOf } from "../timestamp";
import type { Arguments } from "./arguments";
import { type Method, openChannel } from "./method";

/** Source: https://docs.slack.dev/messaging/working-with-files */
const MAX_BYTES = 1024 * 1024 * 1024;

/** Behaves as https://docs.slack.dev/reference/methods/files.info; differs: has no comments. */
const info: Method = {
  readOnly: true,
  scope: "files:read",
  run: async (slack, given) => {
    const file = slack.workspace.file(given.required("file"));
    if (file === undefined || file.ticket !== undefined) throw new SlackError("file_not_found");
    return { file: presentFile(file, slack.team.id, slack.url), comments: [], response_metadata: { next_cursor: "" } };
  },
};

/** Behaves as https://docs.slack.dev/reference/methods/files.getUploadURLExternal */
const getUploadUrl: Method = {
  scope: "files:write",
  run: async (slack, given) => {
    const name = given.required("filename");
    const length = Number(given.required("length"));
    if (!Number.isInteger(length) || length < 1 || length > MAX_BYTES) throw new SlackError("invalid_arguments");
    const file: SlackFile = {
      id: slack.workspace.nextFileId(),
      name,
      title: name,
      mimetype: mimetypeOf(name),
      sizeBytes: length,
      user: slack.bot.userId,
      createdSeconds: secondsOf(slack.cloud.clock.nowMs()),
      ticket: randomBytes(18).toString("hex"),
    };
    await slack.workspace.write([slack.workspace.keepFile(file)]);
    return { upload_url: `${slack.url}/upload/${file.ticket}`, file_id: file.id };
  },
};

/** Behaves as https://docs.slack.dev/reference/methods/files.completeUploadExternal */
const completeUpload: Method = {
  scope: "files:write",
  run: async (slack, given) => {
    const files: SlackFile[] = [];
    for (const entry of given.list("files") ?? []) files.push(await findUploaded(slack, entry));
    if (files.length === 0) throw new SlackError("invalid_arguments");
    const shared = given.text("channel_id") === undefined ? await keep(slack, files) : await share(slack, given, files);
    return { files: shared.map(file => presentFile(file, slack.team.id, slack.url)) };
  },
};

const findUploaded = async (slack: Slack, entry: unknown): Promise<SlackFile> => {
  const id = isObject(entry) && typeof entry["id"] === "string" ? entry["id"] : "";
  const file = slack.workspace.file(id);
  if (file?.ticket === undefined || (await slack.files.sizeBytes(id)) === undefined) throw new SlackError("file_not_found");
  const { ticket: _done, ...complete } = file;
  const title = isObject(entry) && typeof entry["title"] === "string" && entry["title"] !== "" ? entry["title"] : file.title;
  return { ...complete, title };
};

const keep = async (slack: Slack, files: SlackFile[]): Promise<SlackFile[]> => {
  const own = files.map(file => ({ ...file, isPublic: false }));
  await slack.workspace.write(own.map(file => slack.workspace.keepFile(file)));
  return own;
};

const share = async (slack: Slack, given: Arguments, uploaded: SlackFile[]): Promise<SlackFile[]> => {
  const channel = await openChannel(slack, given.renamed("channel_id", "channel"));
  const files = uploaded.map(file => ({ ...file, isPublic: channel.kind === "channel" }));
  const threadTs = given.text("thread_ts");
  if (threadTs !== undefined && slack.workspace.find(channel.id, threadTs) === undefined) throw new SlackError("invalid_thread_ts");
  const message = {
    subtype: "file_share",
    user: slack.bot.userId,
    bot_id: slack.bot.botId,
    app_id: slack.bot.appId,
    text: given.text("initial_comment") ?? "",
    files,
    ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
  };
  await slack.post({ channel, message, changes: files.map(file => slack.workspace.keepFile(file)) });
  return files;
};

const mimetypes: Record<string, string> = {
  csv: "text/csv",
  gif: "image/gif",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  json: "application/json",
  pdf: "application/pdf",
  png: "image/png",
  txt: "text/plain",
  webp: "image/webp",
};

/** The MIME type by the name's extension. Slack detects it from the bytes. */
const mimetypeOf = (name: string) => mimetypes[/\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? ""] ?? "application/octet-stream";

const filesMethods: Record<string, Method> = {
  "files.info": info,
  "files.getUploadURLExternal": getUploadUrl,
  "files.completeUploadExternal": completeUpload,
};

export { filesMethods };
