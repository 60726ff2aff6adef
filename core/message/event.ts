/**
 * Slack's other events on the topic: people who join, reactions, edits and deletions. Each is a CloudEvent of its own type whose `data` is
 * Slack's event.
 */
import { TooLarge } from "#core/errors";
import { isJsonObject, type JsonObject } from "#core/json";
import {
  type Envelope,
  type EventName,
  type EventType,
  isPrivateType,
  MAX_ENVELOPE_BYTES,
  type Message,
  parseJson,
  serialize,
  verifyEnvelope,
} from "#core/message/message";

/** Slack's names of these events; for edits and deletions, the subtypes of `message`. */
const EVENT_NAMES: readonly EventName[] = [
  "team_join",
  "member_joined_channel",
  "reaction_added",
  "reaction_removed",
  "message_changed",
  "message_deleted",
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
  /** Slack's event. Of a large edit without what a message shows beside its text. */
  data: JsonObject;
}

const PREFIX = "slack.";

const isEventName = (name: unknown): name is EventName => EVENT_NAMES.includes(name as EventName);

/** Tells whether a type is one of Slack's other events. */
const isEventType = (type: unknown): type is EventType => typeof type === "string" && isEventName(type.slice(PREFIX.length));

/** Builds the event that a door accepts. Throws `TooLarge`. */
const buildEvent = (input: EventInput): Message => {
  const { name, team, key, subject, atSeconds } = input;
  const envelope: EventEnvelope = {
    specversion: "1.0",
    id: [team, ...key, name].join("-"),
    source: `slack://${team}/events`,
    type: `${PREFIX}${name}`,
    subject,
    time: new Date(Math.floor(atSeconds * 1000)).toISOString(),
    datacontenttype: "application/json",
    data: input.event,
  };
  return { envelope: serializeToFit(envelope), ...readEvent(envelope, input.channelType) };
};

/** An edit has the text up to four times: twice in the messages, and twice in their blocks. Subscribers need the new text. */
const serializeToFit = (envelope: EventEnvelope): string => {
  const { data } = envelope;
  const { previous_message: _, ...withoutPrevious } = data;
  const candidates = [data, dropBlocks(data), dropBlocks(withoutPrevious)].map(each => serialize({ ...envelope, data: each }));
  const fitting = candidates.find(json => Buffer.byteLength(json) <= MAX_ENVELOPE_BYTES);
  if (fitting === undefined) throw new TooLarge(`The event has more than ${MAX_ENVELOPE_BYTES} bytes.`);
  return fitting;
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
const readEvent = ({ id, type, source }: EventEnvelope, channelType: string | undefined): Omit<Message, "envelope"> => ({
  id,
  tokens: [],
  scope: { team: readTeam(source) },
  type,
  door: "events",
  // The whole team learns that somebody joins it. Everything else happens in a conversation.
  private: type !== "slack.team_join" && isPrivateType(channelType),
  ...(channelType === undefined ? {} : { channelType }),
});

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

export type { EventEnvelope, EventInput };
export { buildEvent, isEventEnvelope, isEventName, parseAnyEnvelope, readEvent };
