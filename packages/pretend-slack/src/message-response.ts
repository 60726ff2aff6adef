import type { ServerResponse } from "node:http";
import { isObject } from "@slack-fanout/laptop-cloud/kernel/json";
import { buildContent } from "./message-content";
import type { ResponseUrl } from "./response-urls";
import type { Slack } from "./slack";
import { SlackError } from "./slack-error";

/**
 * Behaves as Slack's `response_url`s (https://docs.slack.dev/interactivity/handling-user-interaction): five uses in thirty minutes;
 * posts to the person (or to the channel, with `response_type: in_channel`), or replaces or deletes the message that was clicked.
 * Throws `SlackError`.
 */
const answerResponseUrl = async (slack: Slack, id: string, body: Buffer, response: ServerResponse) => {
  const input = readInput(body);
  await respond(slack, await slack.responseUrls.use(id), input);
  response.writeHead(200, { "content-type": "text/plain; charset=utf-8" }).end("ok");
};

const respond = async (slack: Slack, url: ResponseUrl, input: Record<string, unknown>) => {
  const channel = slack.workspace.channel(url.channel);
  if (channel === undefined) throw new SlackError("channel_not_found", {}, 404);
  const original = url.messageTs === undefined ? undefined : slack.workspace.find(url.channel, url.messageTs);
  if (isTrue(input["delete_original"])) {
    if (original !== undefined) await slack.remove(channel, original);
    return;
  }
  const content = buildContent(input["text"], input["blocks"], input["attachments"]);
  if (isTrue(input["replace_original"]) && original !== undefined) {
    await slack.edit(channel, original, { ...content, blocks: content.blocks, attachments: content.attachments });
    return;
  }
  const threadTs = typeof input["thread_ts"] === "string" ? input["thread_ts"] : url.threadTs;
  const thread = threadTs === undefined ? {} : { thread_ts: threadTs };
  const message = { user: slack.bot.userId, bot_id: slack.bot.botId, app_id: slack.bot.appId, ...content, ...thread };
  await slack.post({ channel, message, ...(input["response_type"] === "in_channel" ? {} : { visibleTo: url.user }) });
};

const isTrue = (value: unknown) => value === true || value === "true";

const readInput = (body: Buffer): Record<string, unknown> => {
  const text = body.toString("utf8");
  try {
    const value: unknown = JSON.parse(text.startsWith("payload=") ? (new URLSearchParams(text).get("payload") ?? "") : text);
    if (isObject(value)) return value;
  } catch {
    // Refused below, like JSON that is not an object.
  }
  throw new SlackError("invalid_payload", {}, 400);
};

export { answerResponseUrl };
