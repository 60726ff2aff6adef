/** What an operator may see of a dead letter: never a secret, and the text of private messages only if asked for. */
import type { Message } from "@aws-sdk/client-sqs";
import { isJsonObject } from "#core/json";

interface ShownLetter {
  /** The message id of SQS, which redrive and drop take. */
  id: string;
  /** When the queue got it, ISO 8601. */
  since: string;
  /** Why its consumer failed, as far as the sender told. */
  reason: string;
  /** Ids of the messages, notices or events in it. */
  about: string[];
  /** The events without what SNS and Lambda wrapped around them. */
  events: unknown[];
}

const HIDDEN = "[hidden]";

/** Names of what must not be shown, in any writing. A URL that lets its owner answer or stop is a secret, too. */
const SECRET_NAME = /token$|secret|password|authorization|signature|credential|api_?key$|responseurl|response_url|trigger_?id|unsubscribe/i;

/** Slack's tokens and hooks, our API tokens, and AWS's key ids. */
const SECRET_TEXT =
  /\bx(?:ox[a-z]|app)-[\w-]+|\bsf_[A-Za-z0-9]{40}\b|https:\/\/hooks\.slack\.com\/\S+|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bBearer\s+\S+/g;

/** Where envelopes, notices and Slack's events have what people said. */
const SAID = ["text", "blocks", "message", "previous_message"];

/** What may be shown of something that was said in private: where, when and by whom. */
const NOT_SAID = new Set(
  "specversion id source type subtype subject time datacontenttype team channel channel_type user ts threadTs thread_ts event_ts deleted_ts".split(
    " ",
  ),
);

/** Senders' attributes for the reason: Lambda and SNS, EventBridge Scheduler, the notifier. */
const CODES = ["ErrorCode", "ERROR_CODE"];
const MESSAGES = ["ErrorMessage", "ERROR_MESSAGE", "reason"];

const MAX_REASON_LENGTH = 500;

const showLetter = ({ MessageId = "", Body = "", Attributes, MessageAttributes = {} }: Message, withPrivate: boolean): ShownLetter => {
  const read = (names: string[]) => names.map(name => MessageAttributes[name]?.StringValue).find(value => value !== undefined);
  const reason = [read(CODES), read(MESSAGES)].filter(part => part !== undefined).join(": ");
  const events = unwrap(Body);
  return {
    id: MessageId,
    since: new Date(Number(Attributes?.SentTimestamp ?? 0)).toISOString(),
    reason: hideSecrets(reason.replace(/\s+/g, " ").slice(0, MAX_REASON_LENGTH)) || "unknown",
    about: events.flatMap(event => (isJsonObject(event) && typeof event["id"] === "string" ? [event["id"]] : [])),
    events: events.map(event => mask(withPrivate ? event : hidePrivate(event))),
  };
};

/** Takes the events out of a notification of SNS, an event of Lambda, or a message as it was sent. */
const unwrap = (body: string): unknown[] => {
  const value = parse(body);
  if (!isJsonObject(value)) return [value];
  if (value["Type"] === "Notification") return [parse(String(value["Message"]))];
  const { Records } = value;
  if (!Array.isArray(Records)) return [value];
  return Records.map(record => {
    const { Sns, body: queued } = record as { Sns?: { Message?: unknown }; body?: unknown };
    if (typeof Sns?.Message === "string") return parse(Sns.Message);
    return typeof queued === "string" ? parse(queued) : record;
  });
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** Hides what was said, unless the event says that the conversation is public. */
const hidePrivate = (event: unknown): unknown => {
  if (!isJsonObject(event)) return HIDDEN;
  const data = isJsonObject(event["data"]) ? event["data"] : event;
  const isPublic = data["private"] === false || data["channel_type"] === "channel";
  const isSaid = SAID.some(name => data[name] !== undefined);
  return isPublic || !isSaid
    ? event
    : hide(event, (name, value) => name === "tokens" || (typeof value === "string" && !NOT_SAID.has(name)));
};

const mask = (event: unknown): unknown => hide(event, name => SECRET_NAME.test(name));

/** Copies a value without the hidden properties, and without texts that look like secrets. Items of an array have the array's name. */
const hide = (value: unknown, isHidden: (name: string, value: unknown) => boolean, name = ""): unknown => {
  if (isHidden(name, value)) return HIDDEN;
  if (typeof value === "string") return hideSecrets(value);
  if (Array.isArray(value)) return value.map(item => hide(item, isHidden, name));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, hide(item, isHidden, key)]));
};

const hideSecrets = (text: string): string => text.replace(SECRET_TEXT, HIDDEN);

export type { ShownLetter };
export { showLetter };
