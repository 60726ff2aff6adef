import { isObject } from "@slack-fanout/laptop-cloud/kernel/json";
import { readMarkdown } from "../chunks";
import type { Channel } from "../directory";
import { type Metadata, type Posted, presentMessage } from "../message";
import { buildContent } from "../message-content";
import { MESSAGES } from "../rate-limit";
import type { Slack } from "../slack";
import { SlackError } from "../slack-error";
import { isStreaming } from "../streams";
import { isTimestamp } from "../timestamp";
import type { Arguments } from "./arguments";
import { findChannel, findMessage, type Method, openChannel } from "./method";

const present = (slack: Slack, posted: Posted) => presentMessage(posted.message, slack.team.id, slack.url, { withMetadata: true });

/** Behaves as https://docs.slack.dev/reference/methods/chat.postMessage; differs: does not unfurl links, and ignores `parse` and `link_names`. */
const postMessage: Method = {
  scope: "chat:write",
  run: async (slack, given) => {
    const channel = await openChannel(slack, given);
    refuseStranger(slack, channel);
    const content = contentOf(given);
    const threadTs = findThread(slack, channel, given);
    const broadcast = threadTs !== undefined && given.flag("reply_broadcast");
    const metadata = readMetadata(given);
    const message = {
      user: slack.bot.userId,
      bot_id: slack.bot.botId,
      app_id: slack.bot.appId,
      ...content,
      ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
      ...(broadcast ? { subtype: "thread_broadcast" } : {}),
      ...(metadata === undefined ? {} : { metadata }),
      ...readCustomName(slack, given),
    };
    slack.rate.take(channel.id, MESSAGES);
    const posted = await slack.post({ channel, message });
    return { channel: channel.id, ts: posted.message.ts, message: present(slack, posted) };
  },
};

/** Behaves as https://docs.slack.dev/reference/methods/chat.postEphemeral */
const postEphemeral: Method = {
  scope: "chat:write",
  run: async (slack, given) => {
    const channel = findChannel(slack, given);
    refuseStranger(slack, channel);
    const user = given.required("user");
    if (!channel.members.includes(user)) throw new SlackError("user_not_in_channel");
    const threadTs = findThread(slack, channel, given);
    const message = {
      user: slack.bot.userId,
      bot_id: slack.bot.botId,
      app_id: slack.bot.appId,
      ...contentOf(given),
      ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
    };
    const posted = await slack.post({ channel, message, visibleTo: user });
    return { message_ts: posted.message.ts };
  },
};

/** Behaves as https://docs.slack.dev/reference/methods/chat.update */
const update: Method = {
  scope: "chat:write",
  run: async (slack, given) => {
    const channel = findChannel(slack, given);
    const posted = findMessage(slack, channel, given.required("ts"));
    if (posted.message.bot_id !== slack.bot.botId) throw new SlackError("cant_update_message");
    if (isStreaming(posted)) throw new SlackError("streaming_state_conflict");
    const metadata = readMetadata(given);
    // Blocks and attachments that are not given are removed.
    const changes = { blocks: undefined, attachments: undefined, ...contentOf(given), ...(metadata === undefined ? {} : { metadata }) };
    const edited = await slack.edit(channel, posted, changes);
    return { channel: channel.id, ts: posted.message.ts, text: edited.message.text, message: present(slack, edited) };
  },
};

/** Behaves as https://docs.slack.dev/reference/methods/chat.delete */
const remove: Method = {
  scope: "chat:write",
  run: async (slack, given) => {
    const channel = findChannel(slack, given);
    const posted = findMessage(slack, channel, given.required("ts"));
    if (posted.message.bot_id !== slack.bot.botId || isStreaming(posted)) throw new SlackError("cant_delete_message");
    await slack.remove(channel, posted);
    return { channel: channel.id, ts: posted.message.ts };
  },
};

/** Behaves as https://docs.slack.dev/reference/methods/chat.getPermalink */
const getPermalink: Method = {
  readOnly: true,
  run: async (slack, given) => {
    const channel = findChannel(slack, given);
    const { message } = findMessage(slack, channel, given.required("message_ts"));
    const permalink = new URL(`${slack.url}/archives/${channel.id}/p${message.ts.replace(".", "")}`);
    if (message.thread_ts !== undefined && message.thread_ts !== message.ts) {
      permalink.searchParams.set("thread_ts", message.thread_ts);
      permalink.searchParams.set("cid", channel.id);
    }
    return { channel: channel.id, permalink: permalink.href };
  },
};

/** `markdown_text` stands for text and blocks; the text is the Markdown as it was sent, where Slack converts it. */
const contentOf = (given: Arguments) => {
  const [markdown, text, blocks, attachments] = [
    given.text("markdown_text"),
    given.text("text"),
    given.raw("blocks"),
    given.raw("attachments"),
  ];
  if (markdown === undefined) return buildContent(text, blocks, attachments);
  if (text !== undefined || blocks !== undefined) throw new SlackError("markdown_text_conflict");
  return buildContent(readMarkdown(markdown), [{ type: "markdown", text: markdown }], attachments);
};

const refuseStranger = (slack: Slack, channel: Channel) => {
  if (!channel.members.includes(slack.bot.userId) && !slack.installation.app?.scopes.has("chat:write.public"))
    throw new SlackError("not_in_channel");
};

/**
 * Slack posts a reply to a missing message as a top-level message, without an error. Here that reply keeps its `thread_ts`,
 * so that a test that sends an event of its own can find the reply by the event's `ts`.
 */
const findThread = (slack: Slack, channel: Channel, given: Arguments): string | undefined => {
  const ts = given.text("thread_ts");
  if (ts === undefined) return undefined;
  if (!isTimestamp(ts)) throw new SlackError("invalid_thread_ts");
  const parent = slack.workspace.find(channel.id, ts);
  if (parent?.visibleTo !== undefined) throw new SlackError("thread_not_found");
  return parent?.message.thread_ts ?? ts;
};

const readMetadata = (given: Arguments): Metadata | undefined => {
  const metadata = given.object("metadata");
  if (metadata === undefined) return undefined;
  const { event_type: type, event_payload: payload } = metadata;
  if (typeof type !== "string" || type === "" || !isObject(payload)) throw new SlackError("invalid_metadata_format");
  return { event_type: type, event_payload: payload };
};

const readCustomName = (slack: Slack, given: Arguments): { username?: string } => {
  const username = given.text("username");
  return username !== undefined && slack.installation.app?.scopes.has("chat:write.customize") ? { username } : {};
};

const chatMethods: Record<string, Method> = {
  "chat.postMessage": postMessage,
  "chat.postEphemeral": postEphemeral,
  "chat.update": update,
  "chat.delete": remove,
  "chat.getPermalink": getPermalink,
};

export { chatMethods, findThread, present, readCustomName, readMetadata, refuseStranger };
