/** An accepted Slack message: its key, and the CloudEvent that every subscriber gets. */

import { isStopText } from "#core/agent/stop-text";
import { BadEnvelope, TooLarge } from "#core/errors";
import { isJsonObject } from "#core/json";
import { countTokens, type Split, type TokenCount } from "#core/message/tokens";
import { type MessageVersion, ORIGINAL } from "#core/message/version";
import { escapeMrkdwn } from "#core/slack/mrkdwn";

type Door = "webhook" | "events";

/** A message, or Slack's additional event for a mention of the bot, which only agents handle. */
type MessageType = "slack.message" | "slack.app_mention";

/** Slack's names of the other events that are published. */
type EventName =
  | "team_join"
  | "member_joined_channel"
  | "reaction_added"
  | "reaction_removed"
  | "message_changed"
  | "message_deleted"
  | "app_home_opened"
  | "agent_session_stopped";

type EventType = `slack.${EventName}`;

/** A file of a message. Slack Connect may reveal only the id. */
interface MessageFile {
  id: string;
  name?: string;
  mimetype?: string;
  /** Bytes. */
  size?: number;
  url?: string;
}

/**
 * Attributes of a message for filter policies. Raw delivery to SQS allows at most ten, including `answered` and `replayTo`. Slack's other events
 * have those that the event tells.
 */
interface MessageAttributes {
  type: MessageType | EventType | "slack.ask";
  door: Door | "commands";
  hasFiles?: boolean;
  mentionsBot?: boolean;
  /** Whether the conversation is private. */
  private?: boolean;
  /** Whether it is in a thread. */
  threaded?: boolean;
  /** Slack's type of the conversation, if the event contains it. */
  channelType?: string;
  /** What the message asks a running agent to do; absent if nothing. */
  intent?: "stop";
}

/** A parsed delivery. Ids and timestamps are Slack's; `text` is escaped by Slack. */
interface MessageInput extends Required<Pick<MessageAttributes, "private">>, Pick<MessageAttributes, "channelType"> {
  /** Default: `slack.message`. */
  type?: MessageType;
  door: Door;
  team: string;
  channel: string;
  user: string;
  /** Whether the user belongs to another company (Slack Connect) and may not give agents tasks. */
  external?: boolean;
  text: string;
  ts: string;
  threadTs?: string;
  files: MessageFile[];
  mentionsBot: boolean;
  tokens: TokenCount[];
  /** How the text was split, if the door usually splits it in another way. */
  split?: Split | undefined;
  /** Whether the counts are to be posted as an answer. The webhook needs no post: it answers the request. */
  expectsAnswer?: boolean;
  /** Version of the team's settings under which the text was split; absent for the stack's settings. */
  settingsVersion?: string | undefined;
}

/** A CloudEvents 1.0 event. */
interface Envelope {
  specversion: "1.0";
  id: string;
  source: string;
  type: MessageType;
  subject: string;
  time: string;
  datacontenttype: "application/json";
  /** How to split the text again, in a large envelope whose door usually splits it in another way. */
  split?: Split;
  data: {
    team: string;
    channel: string;
    user: string;
    text: string;
    ts: string;
    threadTs?: string;
    /** Absent from a large envelope; `tokensOf` then splits the text again. */
    tokens?: Record<string, number>;
    files: MessageFile[];
    /** Absent from older envelopes; `isPrivate` reads it. */
    private?: boolean;
    /** Absent from older envelopes, like `private`. */
    mentionsBot?: boolean;
    /** Whether the user belongs to another company and may not give agents tasks. */
    external?: true;
    /** Version of the team's settings that the door used for counting; absent for the stack's settings. */
    settingsVersion?: string;
  };
}

/** A message, or another event of Slack, that is ready to be accepted. */
interface Message extends MessageAttributes {
  id: string;
  /** The envelope as JSON. */
  envelope: string;
  tokens: TokenCount[];
  /** The version of a message that it counts; absent if it counts nothing. */
  version?: MessageVersion;
  /** Whether the counts are to be posted as an answer. */
  expectsAnswer?: boolean;
  /** The first answer. Once it exists, everything is counted. */
  answer?: string;
}

/*
 * Sizes. SNS allows 262,144 bytes including attributes, and a DynamoDB item 409,600 including names and keys.
 * - Envelope: 40,000 characters of 3 bytes are 120,000 bytes (4 bytes: 160,000); with tokens it may have 245,760, without 256,000, which
 *   leaves SNS 6,144 for its ten short attributes.
 * - Pending marker: envelope and frozen tokens. The worst case of 40,000 characters is 20,000 different letters of 4 bytes, with spaces:
 *   100,000 of text and 20,000 x 12 (`["x",1],`) of tokens = 340,000. More than 400,000 together is refused.
 * - Settled marker: the tokens are gone; envelope 256,000 + answer 40,000 x 3 = 376,000.
 */
const MAX_ENVELOPE_WITH_TOKENS_BYTES = 240 * 1024;
const MAX_ENVELOPE_BYTES = 250 * 1024;
const MAX_MARKER_BYTES = 400_000;

/** Slack's own bot, which also posts the answers of the outgoing webhook. */
const SLACKBOT = "USLACKBOT";

const SLACK_ID = /^[A-Za-z0-9]{1,64}$/;
// Twelve digits of seconds reach beyond the year 9999, which RFC 3339 can't express in the envelope's `time`.
const SLACK_TS = /^[0-9]{1,11}(?:\.[0-9]{1,9})?$/;

const isSlackId = (value: unknown): value is string => typeof value === "string" && SLACK_ID.test(value);
const isSlackTs = (value: unknown): value is string => typeof value === "string" && SLACK_TS.test(value);

/**
 * Builds the key of a message, `TEAM-CHANNEL-TS-DOOR`, or of a mention's own event, `TEAM-CHANNEL-TS-mention`. An edited message has the same
 * key: Slack sends `app_mention` again after an edit.
 */
const buildMessageId = ({ type, team, channel, ts, door }: MessageInput): string =>
  [team, channel, ts, type === "slack.app_mention" ? "mention" : door].join("-");

/** Reads the team from the id of a message, an event or a task: `TEAM-...`. */
const readTeamOf = (id: string): string => id.slice(0, id.indexOf("-"));

const buildEnvelope = (input: MessageInput, withTokens: boolean): Envelope => ({
  specversion: "1.0",
  id: buildMessageId(input),
  source: `slack://${input.team}/${input.door}`,
  type: input.type ?? "slack.message",
  subject: `${input.channel}/${input.ts}`,
  time: new Date(Math.floor(Number(input.ts) * 1000)).toISOString(),
  datacontenttype: "application/json",
  ...(withTokens || input.split === undefined ? {} : { split: input.split }),
  data: {
    team: input.team,
    channel: input.channel,
    user: input.user,
    text: input.text,
    ts: input.ts,
    ...(input.threadTs === undefined ? {} : { threadTs: input.threadTs }),
    // fromEntries defines own properties, so that a token such as __proto__ is harmless.
    ...(withTokens ? { tokens: Object.fromEntries(input.tokens) } : {}),
    files: input.files,
    private: input.private,
    mentionsBot: input.mentionsBot,
    ...(input.external ? { external: true as const } : {}),
    ...(input.settingsVersion === undefined ? {} : { settingsVersion: input.settingsVersion }),
  },
});

// SNS and SQS use XML, which forbids U+FFFE and U+FFFF: write them as JSON escapes.
const serialize = (envelope: object): string =>
  JSON.stringify(envelope).replace(/[\uFFFE\uFFFF]/g, character => `\\u${character.charCodeAt(0).toString(16)}`);

/** Builds the message that a door accepts. Throws `TooLarge` if it does not fit into an envelope or a marker. */
const buildMessage = (input: MessageInput): Message => {
  const whole = serialize(buildEnvelope(input, true));
  // Keep an empty list of tokens: splitting the text again would find the tokens that another door counts.
  const isWhole = input.tokens.length === 0 || Buffer.byteLength(whole) <= MAX_ENVELOPE_WITH_TOKENS_BYTES;
  const envelope = isWhole ? whole : serialize(buildEnvelope(input, false));
  const envelopeBytes = Buffer.byteLength(envelope);
  if (envelopeBytes > MAX_ENVELOPE_BYTES) {
    throw new TooLarge(`The message's envelope has ${envelopeBytes} bytes; at most ${MAX_ENVELOPE_BYTES} can be published.`);
  }
  const frozenBytes = Buffer.byteLength(serializeFrozenTokens(envelope, input.tokens) ?? "");
  if (envelopeBytes + frozenBytes > MAX_MARKER_BYTES) {
    throw new TooLarge(
      `The message and its ${input.tokens.length} tokens have ${envelopeBytes + frozenBytes} bytes; at most ${MAX_MARKER_BYTES} can be kept.`,
    );
  }
  const parsed = parseEnvelope(envelope);
  return {
    id: parsed.id,
    envelope,
    tokens: input.tokens,
    ...buildVersion(parsed, input.tokens),
    ...readAttributes(parsed, input),
    ...(input.expectsAnswer ? { expectsAnswer: true } : {}),
  };
};

/** Builds a message's attributes from its envelope and the stored extras, so that every publisher sends the same ones. */
const readAttributes = (envelope: Envelope, kept: Partial<Pick<Message, "mentionsBot" | "channelType">>): MessageAttributes => ({
  type: envelope.type,
  door: doorOf(envelope),
  hasFiles: envelope.data.files.length > 0,
  mentionsBot: envelope.data.mentionsBot ?? kept.mentionsBot ?? false,
  private: isPrivate(envelope),
  threaded: envelope.data.threadTs !== undefined,
  ...(kept.channelType === undefined ? {} : { channelType: kept.channelType }),
  ...(isStopText(envelope.data.text) && !envelope.data.external ? { intent: "stop" } : {}),
});

/** Reads the tokens from an envelope. Their order may differ from the text, because an object moves keys such as `2026` to its front. */
const tokensIn = (envelope: Envelope): TokenCount[] | undefined => envelope.data.tokens && Object.entries(envelope.data.tokens);

/**
 * Serializes the tokens as JSON pairs if the envelope does not hold them in order; otherwise returns undefined. The order decides which
 * transaction a counter belongs to, so it must be the same whenever the message is finished.
 */
const serializeFrozenTokens = (envelope: string, tokens: TokenCount[]): string | undefined => {
  const pairs = JSON.stringify(tokens);
  return JSON.stringify(tokensIn(parseEnvelope(envelope))) === pairs ? undefined : pairs;
};

const isEnvelope = (value: unknown): value is Envelope => {
  const { id, source, data } = isJsonObject(value) ? value : {};
  return typeof id === "string" && typeof source === "string" && isJsonObject(data) && typeof data["text"] === "string";
};

/** Parses JSON. Throws `BadEnvelope`. */
const parseJson = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new BadEnvelope("The notification is not JSON.", { cause });
  }
};

const verifyEnvelope = (value: unknown): Envelope => {
  if (!isEnvelope(value)) throw new BadEnvelope("The notification carries no envelope with an id, a source and a text.");
  return value;
};

/** Parses an envelope. Throws `BadEnvelope`. */
const parseEnvelope = (json: string): Envelope => verifyEnvelope(parseJson(json));

const doorOf = (envelope: Envelope): Door => (envelope.source.endsWith("/webhook") ? "webhook" : "events");

/** Tells whether a conversation is private. Only the type `channel` is public; a missing type counts as private. */
const isPrivateType = (channelType: string | undefined): boolean => channelType !== "channel";

/** Tells whether a message is private. Older envelopes don't record it; of those, only the webhook's count as public. */
const isPrivate = (envelope: Envelope): boolean => envelope.data.private ?? doorOf(envelope) !== "webhook";

const readVersion = (envelope: Envelope): MessageVersion => {
  const { team, channel, user, ts, external } = envelope.data;
  const author = user === "" || external ? {} : { user };
  return { team, channel, ts, ...author, private: isPrivate(envelope), order: ORIGINAL, atSeconds: Number(ts) };
};

/** Builds the version that a message counts. Without tokens there is none: the other door may count the message. */
const buildVersion = (envelope: Envelope, tokens: readonly TokenCount[]): Pick<Message, "version"> =>
  tokens.length === 0 ? {} : { version: readVersion(envelope) };

/** Reads the tokens of an envelope, or splits its text as its door did. */
const tokensOf = (envelope: Envelope, settings: { split: Split; ignoreWords: readonly string[] }): TokenCount[] => {
  const split = envelope.split ?? (doorOf(envelope) === "events" ? "annotations" : settings.split);
  return tokensIn(envelope) ?? countTokens(envelope.data.text, { split, ignoreWords: settings.ignoreWords });
};

/** A literal would slow down each cold start (`normalize.ts`). */
const IN_WORD = "[\\p{L}\\p{N}\\p{M}_]";

/**
 * Finds the trigger word that a text begins with, as a whole word in any case, and the rest of the text. Of `hey` and `hey bot`, it is the longer one.
 * Slack escapes the text: `r&amp;d`.
 */
const findTrigger = (text: string, triggerWords: readonly string[]): { trigger: string; rest: string } | undefined => {
  const said = text.trimStart();
  const trigger = triggerWords
    .flatMap(word => [escapeMrkdwn(word), word])
    .sort((one, other) => other.length - one.length)
    .find(
      word =>
        word !== "" &&
        said.slice(0, word.length).toLowerCase() === word.toLowerCase() &&
        !new RegExp(`^${IN_WORD}`, "u").test(said.slice(word.length)),
    );
  return trigger === undefined ? undefined : { trigger, rest: said.slice(trigger.length).trim() };
};

export type { Door, Envelope, EventName, EventType, Message, MessageAttributes, MessageFile, MessageInput };
export {
  buildMessage,
  buildVersion,
  doorOf,
  findTrigger,
  isPrivate,
  isPrivateType,
  isSlackId,
  isSlackTs,
  MAX_ENVELOPE_BYTES,
  parseEnvelope,
  parseJson,
  readAttributes,
  readTeamOf,
  readVersion,
  SLACKBOT,
  serialize,
  serializeFrozenTokens,
  tokensIn,
  tokensOf,
  verifyEnvelope,
};
