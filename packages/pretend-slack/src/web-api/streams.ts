import { readChunks } from "../chunks";
import type { Channel } from "../directory";
import type { Posted } from "../message";
import { buildBlocks } from "../message-content";
import { TIER_2, TIER_4 } from "../rate-limit";
import { type SessionStatus, STATUSES } from "../session";
import type { Slack } from "../slack";
import { invalidArguments, SlackError } from "../slack-error";
import { type Chunk, DISPLAY_MODES, type DisplayMode } from "../stream";
import { isStreaming } from "../streams";
import type { Arguments } from "./arguments";
import { findThread, present, readCustomName, readMetadata, refuseStranger } from "./chat";
import { findChannel, findMessage, type Method } from "./method";

/**
 * Behaves as https://docs.slack.dev/reference/methods/chat.startStream; differs: ignores `icon_emoji` and `icon_url`, everybody in the
 * channel sees the message grow, and its `text` is the markdown as it was sent.
 */
const startStream: Method = {
  scope: "chat:write",
  rate: TIER_2,
  run: async (slack, given) => {
    const channel = findChannel(slack, given);
    refuseStranger(slack, channel);
    const threadTs = findThread(slack, channel, given);
    if (channel.kind === "im" && threadTs === undefined) throw invalidArguments("missing required field: thread_ts");
    if (channel.kind !== "im") verifyRecipient(slack, channel, given);
    const message = {
      user: slack.bot.userId,
      bot_id: slack.bot.botId,
      app_id: slack.bot.appId,
      ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
      ...readCustomName(slack, given),
    };
    const posted = await slack.streams.start(channel, message, chunksOf(given), readDisplayMode(given));
    return { channel: channel.id, ts: posted.message.ts };
  },
};

/** Behaves as https://docs.slack.dev/reference/methods/chat.appendStream */
const appendStream: Method = {
  scope: "chat:write",
  rate: TIER_4,
  run: async (slack, given) => {
    const { channel, posted } = findStream(slack, given);
    const chunks = chunksOf(given);
    if (chunks.length === 0) throw new SlackError("no_text");
    await slack.streams.append(channel, posted, chunks);
    return { channel: channel.id, ts: posted.message.ts };
  },
};

/** Behaves as https://docs.slack.dev/reference/methods/chat.stopStream */
const stopStream: Method = {
  scope: "chat:write",
  rate: TIER_2,
  run: async (slack, given) => {
    const { channel, posted } = findStream(slack, given);
    const ended = await slack.streams.end(channel, posted, {
      state: "completed",
      chunks: chunksOf(given),
      blocks: buildBlocks(given.raw("blocks")),
      metadata: readMetadata(given),
      sessionStatus: readSessionStatus(given),
    });
    return { channel: channel.id, ts: ended.message.ts, message: present(slack, ended) };
  },
};

const chunksOf = (given: Arguments): Chunk[] => readChunks(given.text("markdown_text"), given.list("chunks"));

/** Outside of direct messages a stream has one reader, who sees it grow. */
const verifyRecipient = (slack: Slack, channel: Channel, given: Arguments) => {
  const user = given.text("recipient_user_id");
  const teamId = given.text("recipient_team_id");
  if (user === undefined) throw new SlackError("missing_recipient_user_id");
  if (teamId === undefined) throw new SlackError("missing_recipient_team_id");
  if (slack.workspace.person(user) === undefined || !channel.members.includes(user)) throw new SlackError("user_not_found");
  if (teamId !== slack.team.id) throw new SlackError("team_not_found");
};

const findStream = (slack: Slack, given: Arguments): { channel: Channel; posted: Posted } => {
  const channel = findChannel(slack, given);
  const posted = findMessage(slack, channel, given.required("ts"));
  if (posted.message.bot_id !== slack.bot.botId) throw new SlackError("message_not_owned_by_app");
  if (!isStreaming(posted)) throw new SlackError("message_not_in_streaming_state");
  return { channel, posted };
};

const readDisplayMode = (given: Arguments): DisplayMode => {
  const mode = given.text("task_display_mode") ?? "timeline";
  const known = DISPLAY_MODES.find(each => each === mode);
  if (known === undefined) throw invalidArguments(`must be one of ${DISPLAY_MODES.join(", ")}`, "/task_display_mode");
  return known;
};

const readSessionStatus = (given: Arguments): SessionStatus => {
  const status = given.text("session_status") ?? "active";
  const known = STATUSES.find(each => each === status);
  if (known === undefined) throw invalidArguments(`must be one of ${STATUSES.join(", ")}`, "/session_status");
  return known;
};

const streamsMethods: Record<string, Method> = {
  "chat.startStream": startStream,
  "chat.appendStream": appendStream,
  "chat.stopStream": stopStream,
};

export { streamsMethods };
