/**
 * Slack's other events on the topic: people who join, reactions, edits and deletions. Each is a CloudEvent of its own type whose `data` is
 * Slack's event.
 */
import { BadEnvelope, TooLarge } from "#core/errors";
import { isJsonObject, type JsonObject } from "#core/json";
import {
  type Envelope,
  type EventName,
  type EventType,
  isPrivateType,
  isSlackId,
  isSlackTs,
  MAX_ENVELOPE_BYTES,
  type Message,
  parseJson,
  serialize,
  verifyEnvelope,
} from "#core/message/message";
import { countTokens, type Split, type TokenCount } from "#core/message/tokens";
import { buildEditOrder, DELETED, type MessageVersion } from "#core/message/version";

/** Slack's names of these events; for edits and deletions, the subtypes of `message`. */
const EVENT_NAMES: readonly EventName[] = [
  "team_join",
  "member_joined_channel",
  "reaction_added",
  "reaction_removed",
  "message_changed",
  "message_deleted",
  "app_home_opened",
  "agent_session_stopped",
];

/** A parsed event. */
interface EventInput {
  name: EventName;
  team: string;
  /** Slack's ids and timestamps that distinguish this event from others of its team and name. */
  key: string[];
  /** What it is about: ids with slashes between them, such as `CHANNEL/TS`. */
  subject: string;
  /** When it happened, epoch seconds. */
  atSeconds: number;
  /** Slack's type of the conversation, if the event tells. */
  channelType?: string | undefined;
  /** Which tokens of an edited text count; absent if none do. */
  split?: Split | undefined;
  /** Version of the team's settings under which the text is split; absent for the stack's settings. */
  settingsVersion?: string | undefined;
  event: JsonObject;
}

/** A CloudEvents 1.0 event. */
interface EventEnvelope {
  specversion: "1.0";
  id: string;
  source: string;
  type: EventType;
  subject: string;
  time: string;
  datacontenttype: "application/json";
  /** Which tokens of an edited text count; absent if none do. */
  split?: Split;
  /** Version of the team's settings that applied; absent for the stack's settings. CloudEvents has lower-case names only. */
  settingsversion?: string;
  /** Slack's event. A large edit has no blocks or attachments here, and if it is still too large, no previous message. */
  data: JsonObject;
}

/** What a door has checked of an edit or a deletion. */
type SlackChange = {
  channel: string;
  channel_type?: string;
  message?: { subtype?: string; user?: unknown; text?: string; ts?: string; thread_ts?: unknown; edited?: { ts: string } };
  previous_message?: { text?: unknown; thread_ts?: unknown };
  deleted_ts?: string;
  event_ts?: string;
  ts?: string;
};

/** Slack puts this in the place of a deleted message that has replies. */
const TOMBSTONE = "tombstone";

const PREFIX = "slack.";

const isEventName = (name: unknown): name is EventName => EVENT_NAMES.includes(name as EventName);

/** Tells whether a type is one of Slack's other events. */
const isEventType = (type: unknown): type is EventType => typeof type === "string" && isEventName(type.slice(PREFIX.length));

/** Builds the event that a door accepts. Throws `TooLarge`. */
const buildEvent = (input: EventInput, ignoreWords: readonly string[]): Message => {
  const { name, team, key, subject, atSeconds, split, settingsVersion } = input;
  const envelope: EventEnvelope = {
    specversion: "1.0",
    id: [team, ...key, name].join("-"),
    source: `slack://${team}/events`,
    type: `${PREFIX}${name}`,
    subject,
    time: new Date(Math.floor(atSeconds * 1000)).toISOString(),
    datacontenttype: "application/json",
    ...(split === undefined ? {} : { split }),
    ...(settingsVersion === undefined ? {} : { settingsversion: settingsVersion }),
    data: input.event,
  };
  return { envelope: serializeToFit(envelope), ...readEvent(envelope, input.channelType), tokens: tokensOfEvent(envelope, ignoreWords) };
};

/** An edit has the text up to four times: twice in the messages, and twice in their blocks. Subscribers need the new text. */
const serializeToFit = (envelope: EventEnvelope): string => {
  const { data } = envelope;
  const { previous_message: _, ...withoutPrevious } = data;
  for (const build of [() => data, () => dropBlocks(data), () => dropBlocks(withoutPrevious)]) {
    const json = serialize({ ...envelope, data: build() });
    if (Buffer.byteLength(json) <= MAX_ENVELOPE_BYTES) return json;
  }
  throw new TooLarge(`The event has more than ${MAX_ENVELOPE_BYTES} bytes.`);
};

const dropBlocks = (data: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(data).map(([name, value]) => {
      if (!isJsonObject(value)) return [name, value];
      const { blocks: _, attachments: __, ...rest } = value;
      return [name, rest];
    }),
  );

/** Reads what a marker keeps of an event, so that every publisher sends the same attributes. */
const readEvent = (envelope: EventEnvelope, channelType: string | undefined): Omit<Message, "envelope"> => {
  const { id, type } = envelope;
  const version = readEventVersion(envelope);
  return {
    id,
    tokens: [],
    ...(version === undefined ? {} : { version }),
    type,
    door: "events",
    // The whole team learns that somebody joins it. Everything else happens in a conversation.
    private: type !== "slack.team_join" && isPrivateType(channelType),
    ...(channelType === undefined ? {} : { channelType }),
    ...(findThread(envelope) === undefined ? {} : { threaded: true }),
    ...(type === "slack.agent_session_stopped" ? { intent: "stop" as const } : {}),
  };
};

/** Reads which version of a message an edit or a deletion is; undefined for other events. */
const readEventVersion = ({ type, source, data }: EventEnvelope): MessageVersion | undefined => {
  if (type !== "slack.message_changed" && type !== "slack.message_deleted") return undefined;
  const { message = {}, deleted_ts, channel, channel_type, event_ts, ts: ownTs } = data as SlackChange;
  const isDeletion = type === "slack.message_deleted" || message.subtype === TOMBSTONE;
  const eventTs = event_ts ?? ownTs ?? message.edited?.ts ?? "";
  return {
    team: readTeam(source),
    channel,
    ts: deleted_ts ?? message.ts ?? "",
    ...(isSlackId(message.user) ? { user: message.user } : {}),
    private: isPrivateType(channel_type),
    order: isDeletion ? DELETED : buildEditOrder(message.edited?.ts ?? "", eventTs),
    atSeconds: Number(message.edited?.ts ?? eventTs),
  };
};

/** Reads the text of an edit; undefined for a deletion. */
const readNewText = ({ data }: EventEnvelope): string | undefined => {
  const { message } = data as SlackChange;
  return message === undefined || message.subtype === TOMBSTONE ? undefined : (message.text ?? "");
};

/** Finds the thread of a message that was edited or deleted; undefined if it is in none, and for other events. */
const findThread = ({ type, data }: EventEnvelope): string | undefined => {
  if (type !== "slack.message_changed" && type !== "slack.message_deleted") return undefined;
  const { message, previous_message: previous } = data as SlackChange;
  return [message?.thread_ts, previous?.thread_ts].find(isSlackTs);
};

/** Splits the text of an edit. */
const tokensOfEvent = ({ split, data }: EventEnvelope, ignoreWords: readonly string[]): TokenCount[] =>
  split === undefined ? [] : countTokens((data as SlackChange).message?.text ?? "", { split, ignoreWords });

/** Reads the team from `slack://TEAM/events`. */
const readTeam = (source: string): string => source.split("/")[2] ?? "";

const isEventEnvelope = (value: unknown): value is EventEnvelope => {
  const { id, source, type, data } = isJsonObject(value) ? value : {};
  return typeof id === "string" && typeof source === "string" && isEventType(type) && isJsonObject(data);
};

/** Parses the envelope of a message, or of one of Slack's other events. Throws `BadEnvelope`. */
const parseAnyEnvelope = (json: string): Envelope | EventEnvelope => {
  const value = parseJson(json);
  return isEventEnvelope(value) ? value : verifyEnvelope(value);
};

/** Parses the envelope of one of Slack's other events. Throws `BadEnvelope`. */
const parseEventEnvelope = (json: string): EventEnvelope => {
  const value = parseJson(json);
  if (!isEventEnvelope(value)) throw new BadEnvelope("The notification carries no event of Slack's.");
  return value;
};

export type { EventEnvelope, EventInput, SlackChange };
export {
  buildEvent,
  findThread,
  isEventEnvelope,
  isEventName,
  isEventType,
  parseAnyEnvelope,
  parseEventEnvelope,
  readEvent,
  readEventVersion,
  readNewText,
  readTeam,
  TOMBSTONE,
  tokensOfEvent,
};
