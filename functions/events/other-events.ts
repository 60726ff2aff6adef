/** Parses Slack's events that are not messages: people who join, reactions, edits and deletions. */
import { BadRequest } from "#core/errors";
import { buildHomeOpened } from "#core/home/home-event";
import { isJsonObject, type JsonObject } from "#core/json";
import { type EventInput, isEventName, TOMBSTONE } from "#core/message/event";
import { type EventName, isSlackId, isSlackTs, SLACKBOT } from "#core/message/message";
import { buildQuote } from "#core/quote";

/** What an event's request says about it. */
interface Context {
  team: string;
  /** The user ids of our own bots. */
  bots: readonly unknown[];
  /** Slack's type of the conversation, if the event tells. */
  channelType: string | undefined;
  /** When Slack sent it, for events that don't tell when they happened. A timestamp of Slack's. */
  sentTs: string;
}

type Parsed = Pick<EventInput, "key" | "subject"> & Partial<Pick<EventInput, "event">>;

/** Events that are subtypes of `message`. */
const CHANGES: readonly EventName[] = ["message_changed", "message_deleted"];
/** Subtypes of messages that people write. */
const WRITTEN: readonly unknown[] = [undefined, "file_share", "thread_broadcast", "me_message"];
const MAX_REACTION_CHARACTERS = 255;

/** Finds the name under which an event is published; undefined if it is a message or unknown. */
const findEventName = ({ type, subtype }: JsonObject): EventName | undefined => {
  const name = type === "message" ? subtype : type;
  return isEventName(name) && CHANGES.includes(name) === (type === "message") ? name : undefined;
};

/** Parses an event. Returns undefined if it is to be ignored, also because it lacks what it is about. Throws `BadRequest` if a part that we use is malformed. */
const parseOther = (name: EventName, event: JsonObject, context: Context): EventInput | undefined => {
  const parsed = PARSERS[name](event, context);
  const { team, channelType } = context;
  return parsed && { name, team, ...parsed, atSeconds: Number(parseTime(event, context)), channelType, event: parsed.event ?? event };
};

const parseTeamJoin = (event: JsonObject): Parsed | undefined => {
  const user = isJsonObject(event["user"]) ? event["user"] : {};
  const id = parseId("user.id", user["id"]);
  // Apps have bot users, which also join.
  return user["is_bot"] === true || id === SLACKBOT ? undefined : { key: [id], subject: id };
};

const parseMemberJoined = (event: JsonObject, context: Context): Parsed | undefined => {
  const user = parseId("user", event["user"]);
  const channel = parseId("channel", event["channel"]);
  return isBot(user, context) ? undefined : { key: [channel, user, parseTime(event, context)], subject: `${channel}/${user}` };
};

/** Slack also sends reactions on files, which are ignored. */
const parseReaction = (event: JsonObject, context: Context): Parsed | undefined => {
  const { user: given, reaction, item } = event;
  const user = parseId("user", given);
  if (!isJsonObject(item) || item["type"] !== "message" || isBot(user, context)) return undefined;
  if (typeof reaction !== "string" || reaction === "" || reaction.length > MAX_REACTION_CHARACTERS)
    throw new BadRequest(`reaction is ${buildQuote(reaction)}, not an emoji's name.`);
  const channel = parseId("item.channel", item["channel"]);
  const ts = parseTs("item.ts", item["ts"]);
  return { key: [channel, ts, user, reaction, parseTime(event, context)], subject: `${channel}/${ts}` };
};

/**
 * Slack sends the same event when it unfurls a link, when only blocks or attachments change, and when a deleted message leaves a tombstone. Edits
 * change the text, and tell when. Two edits in one second tell the same time, so the event's own timestamp is the key.
 */
const parseChange = (event: JsonObject, context: Context): Parsed | undefined => {
  const { message, previous_message: previous } = event;
  if (!isJsonObject(message)) return undefined;
  const channel = parseId("channel", event["channel"]);
  const ts = parseTs("message.ts", message["ts"]);
  const parsed = { key: [channel, ts, parseTime(event, context)], subject: `${channel}/${ts}` };
  const before = isJsonObject(previous) ? previous : undefined;
  if (message["subtype"] === TOMBSTONE) return isWritten(before, context) ? parsed : undefined;
  if (!isWritten(message, context) || message["edited"] === undefined || message["edited"] === null) return undefined;
  const { edited, text = "" } = message;
  if (!isJsonObject(edited)) throw new BadRequest(`message.edited is ${buildQuote(edited)}, not an object.`);
  parseTs("message.edited.ts", edited["ts"]);
  if (typeof text !== "string") throw new BadRequest(`message.text is ${buildQuote(text)}, not a string.`);
  return before !== undefined && (before["text"] ?? "") === text ? undefined : parsed;
};

/** Keeps `previous_message`, the deleted message, and drops `message`: a deletion has no new version. */
const parseDeletion = (event: JsonObject, context: Context): Parsed | undefined => {
  const { message: _, ...told } = event;
  const { previous_message: previous } = told;
  if (event["deleted_ts"] === undefined) return undefined;
  const channel = parseId("channel", event["channel"]);
  const ts = parseTs("deleted_ts", event["deleted_ts"]);
  return isWritten(isJsonObject(previous) ? previous : undefined, context)
    ? { key: [channel, ts], subject: `${channel}/${ts}`, event: told }
    : undefined;
};

/** Slack also sends this for the tab with messages. The view that the person saw so far is left out: it may be as large as an envelope. */
const parseHomeOpened = (event: JsonObject, context: Context): Parsed | undefined => {
  if (event["tab"] !== "home") return undefined;
  const user = parseId("user", event["user"]);
  return { ...buildHomeOpened(user, parseTime(event, context)), subject: user };
};

/** Slack's stop button of an agent session. Source: https://docs.slack.dev/reference/events/agent_session_stopped */
const parseSessionStopped = (event: JsonObject, context: Context): Parsed => {
  const channel = parseId("channel", event["channel"]);
  const threadTs = parseTs("thread_ts", event["thread_ts"]);
  parseId("user", event["user"]);
  return { key: [channel, threadTs, parseTime(event, context)], subject: `${channel}/${threadTs}` };
};

const PARSERS: Record<EventName, (event: JsonObject, context: Context) => Parsed | undefined> = {
  team_join: parseTeamJoin,
  member_joined_channel: parseMemberJoined,
  reaction_added: parseReaction,
  reaction_removed: parseReaction,
  message_changed: parseChange,
  message_deleted: parseDeletion,
  app_home_opened: parseHomeOpened,
  agent_session_stopped: parseSessionStopped,
};

const parseId = (name: string, value: unknown): string => {
  if (!isSlackId(value)) throw new BadRequest(`${name} is ${buildQuote(value)}, not a Slack id.`);
  return value;
};

const parseTs = (name: string, value: unknown): string => {
  if (!isSlackTs(value)) throw new BadRequest(`${name} is ${buildQuote(value)}, not a Slack timestamp.`);
  return value;
};

const parseTime = ({ event_ts: eventTs, ts }: JsonObject, { sentTs }: Context): string => parseTs("event_ts", eventTs ?? ts ?? sentTs);

const isBot = (user: unknown, { bots }: Context): boolean => user === SLACKBOT || bots.includes(user);

/** Tells whether a person wrote a message. An unknown one counts as written. */
const isWritten = (message: JsonObject | undefined, context: Context): boolean => {
  if (message === undefined) return true;
  const hasBotId = (message["bot_id"] ?? undefined) !== undefined;
  return !hasBotId && !isBot(message["user"], context) && WRITTEN.includes(message["subtype"] ?? undefined);
};

export { findEventName, parseOther, WRITTEN };
