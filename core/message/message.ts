/** One accepted Slack message: its key, and the CloudEvent that every subscriber gets. */

import { isStopText } from "#core/agent/stop-text";
import { BadEnvelope, TooLarge } from "#core/errors";
import { isJsonObject } from "#core/json";
import type { Scope } from "#core/message/count-keys";
import { countTokens, type Split, type TokenCount } from "#core/message/tokens";

type Door = "webhook" | "events";

/** A person's message, or Slack's additional event for a mention of the bot, which only agents handle. */
type MessageType = "slack.message" | "slack.app_mention";

/** A file of a message; Slack Connect may tell the id alone. */
interface MessageFile {
  id: string;
  name?: string;
  mimetype?: string;
  /** Bytes. */
  size?: number;
  url?: string;
}

/** What filter policies of subscriptions see of a message. SQS takes at most ten attributes with a raw delivery, `replayTo` included. */
interface MessageAttributes {
  type: MessageType;
  door: Door;
  hasFiles: boolean;
  mentionsBot: boolean;
  /** Not everybody of the team can read the conversation. */
  private: boolean;
  /** It was said in a thread. */
  threaded: boolean;
  /** Slack's word for the kind of conversation, where the event tells it. */
  channelType?: string;
  /** What the message asks a working agent to do; absent if nothing. */
  intent?: "stop";
}

/** What a door understood of a delivery. Ids and timestamps are Slack's, `text` is as Slack escaped it. */
interface Said extends Pick<MessageAttributes, "private" | "channelType"> {
  /** Default: `slack.message`. */
  type?: MessageType;
  door: Door;
  team: string;
  channel: string;
  user: string;
  /** Whether the person belongs to another company (Slack Connect) and may not give agents tasks. */
  external?: boolean;
  text: string;
  ts: string;
  threadTs?: string;
  files: MessageFile[];
  mentionsBot: boolean;
  tokens: TokenCount[];
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
  data: {
    team: string;
    channel: string;
    user: string;
    text: string;
    ts: string;
    threadTs?: string;
    /** Left out of a large envelope; `tokensOf` splits the text again then. */
    tokens?: Record<string, number>;
    files: MessageFile[];
    /** Missing in envelopes that were published before it existed; `isPrivate` reads it. */
    private?: boolean;
    /** Missing in older envelopes, like `private`. */
    mentionsBot?: boolean;
    /** A person of another company said it, who may ask nothing of agents. */
    external?: true;
    /** The version of the team's settings that the door counted with. */
    settingsVersion?: string;
  };
}

/** A message ready to be accepted. */
interface Message extends MessageAttributes {
  id: string;
  /** The envelope as JSON. */
  envelope: string;
  tokens: TokenCount[];
  /** Where its tokens are counted. */
  scope: Scope;
}

/*
 * Sizes. SNS takes 262,144 bytes with attributes, a DynamoDB item 409,600 with names and keys.
 * - Envelope: 40,000 characters of 3 bytes are 120,000 bytes (4 bytes: 160,000); with tokens it may have 245,760, without 256,000, which
 *   leaves SNS 6,144 for its nine short attributes.
 * - Pending marker: envelope and frozen tokens. The worst that 40,000 characters hold are 20,000 different letters of 4 bytes, with spaces:
 *   100,000 of text and 20,000 x 12 (`["x",1],`) of tokens = 340,000. More than 400,000 together is refused.
 * - Settled marker: the tokens are gone; envelope 256,000 + answer 40,000 x 3 = 376,000.
 */
const MAX_ENVELOPE_WITH_TOKENS_BYTES = 240 * 1024;
const MAX_ENVELOPE_BYTES = 250 * 1024;
const MAX_MARKER_BYTES = 400_000;

/** Slack's own bot, which also repeats what the outgoing webhook answers. */
const SLACKBOT = "USLACKBOT";

const SLACK_ID = /^[A-Za-z0-9]{1,64}$/;
// Twelve digits of seconds reach beyond the year 9999, which the envelope's RFC 3339 `time` can't say.
const SLACK_TS = /^[0-9]{1,11}(?:\.[0-9]{1,9})?$/;

const isSlackId = (value: unknown): value is string => typeof value === "string" && SLACK_ID.test(value);
const isSlackTs = (value: unknown): value is string => typeof value === "string" && SLACK_TS.test(value);

/**
 * Builds the key of a message, `TEAM-CHANNEL-TS-DOOR`; of a mention's own event, `TEAM-CHANNEL-TS-mention`. An edit has the same key: Slack
 * sends `app_mention` again after one.
 */
const buildMessageId = ({ type, team, channel, ts, door }: Said): string =>
  [team, channel, ts, type === "slack.app_mention" ? "mention" : door].join("-");

const buildEnvelope = (said: Said, withTokens: boolean): Envelope => ({
  specversion: "1.0",
  id: buildMessageId(said),
  source: `slack://${said.team}/${said.door}`,
  type: said.type ?? "slack.message",
  subject: `${said.channel}/${said.ts}`,
  time: new Date(Math.floor(Number(said.ts) * 1000)).toISOString(),
  datacontenttype: "application/json",
  data: {
    team: said.team,
    channel: said.channel,
    user: said.user,
    text: said.text,
    ts: said.ts,
    ...(said.threadTs === undefined ? {} : { threadTs: said.threadTs }),
    // fromEntries defines own properties, so that a token like __proto__ is only a token.
    ...(withTokens ? { tokens: Object.fromEntries(said.tokens) } : {}),
    files: said.files,
    private: said.private,
    mentionsBot: said.mentionsBot,
    ...(said.external ? { external: true as const } : {}),
  },
});

// U+FFFE and U+FFFF are no XML characters, and SNS and SQS speak XML: they travel as JSON escapes.
const serialize = (envelope: Envelope): string =>
  JSON.stringify(envelope).replace(/[\uFFFE\uFFFF]/g, character => `\\u${character.charCodeAt(0).toString(16)}`);

/** Builds the message that a door accepts. Throws `TooLarge` for what no envelope or marker holds. */
const buildMessage = (said: Said): Message => {
  const whole = serialize(buildEnvelope(said, true));
  // That there are no tokens is always said: who split the text again would find what another door counts.
  const isWhole = said.tokens.length === 0 || Buffer.byteLength(whole) <= MAX_ENVELOPE_WITH_TOKENS_BYTES;
  const envelope = isWhole ? whole : serialize(buildEnvelope(said, false));
  const envelopeBytes = Buffer.byteLength(envelope);
  if (envelopeBytes > MAX_ENVELOPE_BYTES) {
    throw new TooLarge(`The message's envelope has ${envelopeBytes} bytes; at most ${MAX_ENVELOPE_BYTES} can be published.`);
  }
  const frozenBytes = Buffer.byteLength(serializeFrozenTokens(envelope, said.tokens) ?? "");
  if (envelopeBytes + frozenBytes > MAX_MARKER_BYTES) {
    throw new TooLarge(
      `The message and its ${said.tokens.length} tokens have ${envelopeBytes + frozenBytes} bytes; at most ${MAX_MARKER_BYTES} can be kept.`,
    );
  }
  const parsed = parseEnvelope(envelope);
  return { id: parsed.id, envelope, tokens: said.tokens, scope: scopeOf(parsed), ...readAttributes(parsed, said) };
};

/** Builds a message's attributes from its envelope and the stored extras, so that every publisher sends the same attributes. */
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

/** The tokens as an envelope holds them. An object moves keys like `2026` to its front, so the order may differ from the text's. */
const tokensIn = (envelope: Envelope): TokenCount[] | undefined => envelope.data.tokens && Object.entries(envelope.data.tokens);

/**
 * Freezes the tokens beside an envelope which does not hold them in their order, as JSON pairs. The order decides which counter belongs to
 * which transaction, so it must be the same whenever the message is finished. Undefined where the envelope suffices.
 */
const serializeFrozenTokens = (envelope: string, tokens: TokenCount[]): string | undefined => {
  const pairs = JSON.stringify(tokens);
  return JSON.stringify(tokensIn(parseEnvelope(envelope))) === pairs ? undefined : pairs;
};

const isEnvelope = (value: unknown): value is Envelope => {
  const { id, source, data } = isJsonObject(value) ? value : {};
  return typeof id === "string" && typeof source === "string" && isJsonObject(data) && typeof data["text"] === "string";
};

/** Parses an envelope. Throws `BadEnvelope` when it is none. */
const parseEnvelope = (json: string): Envelope => {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new BadEnvelope("The notification is not JSON.", { cause });
  }
  if (!isEnvelope(value)) throw new BadEnvelope("The notification carries no envelope with an id, a source and a text.");
  return value;
};

/** The door that an envelope came through. */
const doorOf = (envelope: Envelope): Door => (envelope.source.endsWith("/webhook") ? "webhook" : "events");

/** Tells whether a message was said in private. Older envelopes don't record it; of those, only the webhook's count as public. */
const isPrivate = (envelope: Envelope): boolean => envelope.data.private ?? doorOf(envelope) !== "webhook";

/** Where the tokens of an envelope are counted: among everybody's, or under its own conversation where that is private. */
const scopeOf = (envelope: Envelope): Scope => {
  const { team, channel } = envelope.data;
  return isPrivate(envelope) ? { team, channel } : { team };
};

/** The tokens of an envelope: those it carries, or those its text splits into by the rules of its door. */
const tokensOf = (envelope: Envelope, settings: { split: Split; ignoreWords: readonly string[] }): TokenCount[] => {
  const split = doorOf(envelope) === "events" ? "annotations" : settings.split;
  return tokensIn(envelope) ?? countTokens(envelope.data.text, { split, ignoreWords: settings.ignoreWords });
};

/** Finds the trigger word that a text begins with, whole and in any case; the rest is what follows it. */
const findTrigger = (text: string, triggerWords: readonly string[]): { trigger: string; rest: string } | undefined => {
  const said = text.trimStart();
  const trigger = triggerWords.find(
    word =>
      word !== "" &&
      said.slice(0, word.length).toLowerCase() === word.toLowerCase() &&
      !/^[\p{L}\p{N}\p{M}_]/u.test(said.slice(word.length)),
  );
  return trigger === undefined ? undefined : { trigger, rest: said.slice(trigger.length).trim() };
};

export type { Door, Envelope, Message, MessageAttributes, MessageFile, Said };
export {
  buildMessage,
  doorOf,
  findTrigger,
  isPrivate,
  isSlackId,
  isSlackTs,
  parseEnvelope,
  readAttributes,
  SLACKBOT,
  scopeOf,
  serializeFrozenTokens,
  tokensIn,
  tokensOf,
};
