import { randomUUID } from "node:crypto";
import { HttpError, quote, refuseUnknownFields } from "@slack-fanout/laptop-cloud/kernel/http";
import { isObject } from "@slack-fanout/laptop-cloud/kernel/json";
import type { OutgoingRequest } from "./deliveries";
import { type Channel, enterprise, nameForApps, slackbot, webhookIntegration } from "./directory";
import type { Message, SlackFile } from "./message";
import type { SayRequest } from "./protocol";
import type { Slack } from "./slack";
import { secondsOf } from "./timestamp";
import type { CommandContent } from "./transports";
import { findTriggerWord } from "./trigger";

interface Saying {
  user: string;
  channel: Channel;
  text: string;
  threadTs?: string;
  files: { name: string; mimetype: string; bytes: Buffer }[];
}

/** Source: https://docs.slack.dev/changelog/2018-truncating-really-long-messages */
const MAX_TEXT_LENGTH = 40_000;
const MAX_FILES = 10;
const fields: (keyof SayRequest)[] = ["team", "user", "channel", "text", "threadTs", "files"];
const fileFields: (keyof NonNullable<SayRequest["files"]>[number])[] = ["name", "mimetype", "base64"];

/**
 * `POST {slack}/say`: a person says something.
 *
 * `text` is in Slack's format (`<@U0001>`, `&amp;`). `channel` may also be a member's id, for direct messages.
 * Answers when the message and its requests are stored. Throws `HttpError` 400 that quotes the invalid value.
 */
const say = async (slack: Slack, input: Record<string, unknown>): Promise<{ ok: true; ts: string }> => {
  const saying = await parseSaying(slack, input);
  const command = /^\/[^\s/]\S*/.exec(saying.text)?.[0];
  const posted = command === undefined ? await sayMessage(slack, saying) : await sayCommand(slack, saying, command);
  return { ok: true, ts: posted.message.ts };
};

const sayMessage = async (slack: Slack, { user, channel, text, threadTs, files }: Saying) => {
  const nowSeconds = secondsOf(slack.cloud.clock.nowMs());
  const records: SlackFile[] = [];
  for (const { name, mimetype, bytes } of files) {
    const file = {
      id: slack.workspace.nextFileId(),
      name,
      title: name,
      mimetype,
      sizeBytes: bytes.length,
      user,
      createdSeconds: nowSeconds,
      isPublic: channel.kind === "channel",
    };
    await slack.files.put(file.id, bytes);
    records.push(file);
  }
  const message = {
    user,
    text,
    client_msg_id: randomUUID(),
    ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
    ...(records.length === 0 ? {} : { subtype: "file_share", files: records }),
  };
  return slack.post({
    channel,
    message,
    changes: records.map(file => slack.workspace.keepFile(file)),
    requests: ts => buildWebhookRequests(slack, channel, { ...message, ts }),
  });
};

/** Outgoing webhooks receive messages of public channels only. */
const buildWebhookRequests = (slack: Slack, channel: Channel, { text, ts, user = "", thread_ts }: Message) => {
  const { webhook, triggerWords } = slack.installation;
  if (webhook === undefined || channel.kind !== "channel") return [];
  const trigger = findTriggerWord(text, triggerWords);
  if (trigger === undefined) return [];
  const content = {
    ...whoAndWhere(slack, user, channel),
    service_id: webhookIntegration.serviceId,
    timestamp: ts,
    text,
    trigger_word: trigger,
    ...(thread_ts === undefined ? {} : { thread_ts }),
  };
  return [{ door: "webhook", content } satisfies Pick<OutgoingRequest, "door" | "content">];
};

/** Only the person who types a command sees it; its answer may be visible to everyone. */
const sayCommand = async (slack: Slack, { user, channel, text, threadTs, files }: Saying, command: string) => {
  if (files.length > 0) throw new HttpError(400, "invalid_arguments", `${quote(text)} is a slash command, which can't have files.`);
  const echo = { user, text, ...(threadTs === undefined ? {} : { thread_ts: threadTs }) };
  const refusal = refuseCommand(slack, command, threadTs);
  if (refusal !== undefined) {
    const posted = await slack.post({ channel, message: echo, visibleTo: user });
    await slack.post({ channel, message: { ...echo, user: slackbot.id, text: refusal }, visibleTo: user, trace: posted.trace });
    return posted;
  }
  const response = slack.responseUrls.create({ kind: "commands", channel: channel.id, user });
  const form = {
    ...whoAndWhere(slack, user, channel),
    command,
    text: text.slice(command.length).trim(),
    api_app_id: slack.bot.appId,
    trigger_id: slack.triggers.create(),
    ...(slack.isEnterpriseInstall ? { enterprise_id: enterprise.id, enterprise_name: enterprise.name } : {}),
    is_enterprise_install: String(slack.isEnterpriseInstall),
  };
  const content: CommandContent = { form, responseId: response.id };
  return slack.post({
    channel,
    message: echo,
    visibleTo: user,
    changes: [response.change],
    requests: () => [{ door: "commands", event: command, content }],
  });
};

const refuseCommand = (slack: Slack, command: string, threadTs: string | undefined): string | undefined => {
  const known = slack.installation.app?.commands;
  if (!known?.has(command))
    return `${command} is not a valid command. ${known?.size ? `There are ${[...known.keys()].join(", ")}.` : "No app has any."}`;
  return threadTs === undefined ? undefined : `${command} is not supported in threads.`;
};

const whoAndWhere = (slack: Slack, user: string, channel: Channel) => ({
  team_id: slack.team.id,
  team_domain: slack.team.domain,
  channel_id: channel.id,
  channel_name: nameForApps(channel),
  user_id: user,
  user_name: slack.workspace.person(user)?.name ?? user,
});

const parseSaying = async (slack: Slack, input: Record<string, unknown>): Promise<Saying> => {
  refuseUnknownFields(input, fields);
  const user = parsePerson(slack, input["user"]);
  const channel = await parseChannel(slack, input["channel"], user);
  const text = parseText(input["text"]);
  const files = parseFiles(input["files"]);
  if (text === "" && files.length === 0) refuse("no_text", "The message has neither text nor files.");
  return { user, channel, text, threadTs: parseThread(slack, input["threadTs"], channel), files };
};

const parseText = (text: unknown = ""): string => {
  if (typeof text !== "string") return refuse("invalid_arguments", `text is ${quote(text)}, but must be a string.`);
  if (text.length > MAX_TEXT_LENGTH)
    refuse("msg_too_long", `text has ${text.length} characters, but must have at most ${MAX_TEXT_LENGTH}.`);
  return text;
};

const parsePerson = (slack: Slack, user: unknown): string =>
  typeof user === "string" && slack.workspace.person(user) !== undefined
    ? user
    : refuse(
        "user_not_found",
        `user is ${quote(user)}, but must be one of ${slack.workspace
          .people()
          .map(({ id }) => id)
          .join(", ")}.`,
      );

const parseChannel = async (slack: Slack, id: unknown, user: string): Promise<Channel> => {
  if (typeof id === "string" && (slack.workspace.person(id) !== undefined || (id === slack.bot.userId && slack.grant !== undefined)))
    return slack.workspace.openDirect(user, id);
  const channel = typeof id === "string" ? slack.workspace.channel(id) : undefined;
  if (channel?.members.includes(user)) return channel;
  const known = slack.workspace.channels().filter(({ members }) => members.includes(user));
  return refuse(
    "channel_not_found",
    `channel is ${quote(id)}, but must be a conversation of ${user}: ${known.map(each => each.id).join(", ")}.`,
  );
};

/** A reply to a reply is in the same thread. */
const parseThread = (slack: Slack, threadTs: unknown, channel: Channel): string | undefined => {
  if (threadTs === undefined || threadTs === null) return undefined;
  const parent = typeof threadTs === "string" ? slack.workspace.find(channel.id, threadTs) : undefined;
  if (parent === undefined || parent.visibleTo !== undefined)
    return refuse("thread_not_found", `threadTs is ${quote(threadTs)}, but must be a message in ${channel.id}.`);
  return parent.message.thread_ts ?? parent.message.ts;
};

const parseFiles = (files: unknown): Saying["files"] => {
  if (files === undefined || files === null) return [];
  if (!Array.isArray(files) || files.length > MAX_FILES)
    return refuse("invalid_arguments", `files is ${quote(files)}, but must be a list of at most ${MAX_FILES} files.`);
  return files.map((file: unknown, index) => {
    if (!isObject(file))
      return refuse("invalid_arguments", `files[${index}] is ${quote(file)}, but must be an object with {${fileFields.join(", ")}}.`);
    refuseUnknownFields(file, fileFields);
    const { name, mimetype, base64 } = file;
    if (typeof name !== "string") return refuse("invalid_arguments", `files[${index}].name is ${quote(name)}, but must be a string.`);
    if (typeof mimetype !== "string" || !/^[\w.+-]+\/[\w.+-]+$/.test(mimetype))
      return refuse("invalid_arguments", `files[${index}].mimetype is ${quote(mimetype)}, but must be a media type such as image/png.`);
    if (typeof base64 !== "string" || base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64))
      return refuse("invalid_arguments", `files[${index}].base64 is ${quote(base64)}, but must be base64.`);
    return { name, mimetype, bytes: Buffer.from(base64, "base64") };
  });
};

const refuse = (code: string, sentence: string): never => {
  throw new HttpError(400, code, sentence);
};

export { parseChannel, parsePerson, parseText, refuse, say };
