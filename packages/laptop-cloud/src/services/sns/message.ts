import { randomUUID } from "node:crypto";
import { AwsError } from "../../kernel/aws-error";
import { readCloudEventId } from "../../kernel/cloud-event";
import { isGroupId } from "../../kernel/group-id";
import { invalidParameter, invalidValue } from "./errors";

/** A message attribute; binary values are base64. */
interface MessageAttribute {
  Type: string;
  Value: string;
}

/** A published message as it is stored until every subscriber has it. */
interface PublishedMessage {
  /** The MessageId. */
  id: string;
  topicArn: string;
  /** The text for subscribers without a text of their protocol. */
  text: string;
  /** With MessageStructure json: texts by protocol. */
  byProtocol?: Record<string, string>;
  subject?: string;
  /** MessageGroupId, for queues. */
  group?: string;
  attributes: Record<string, MessageAttribute>;
  publishedMs: number;
  /** The trace's root. */
  trace: string;
  /** Id of the CloudEvent that it carries. */
  event?: string;
}

/** The parameters that Publish and the entries of PublishBatch share. */
interface Draft {
  Message?: unknown;
  Subject?: unknown;
  MessageStructure?: unknown;
  MessageAttributes?: Record<string, RequestedAttribute>;
  MessageGroupId?: unknown;
}

interface RequestedAttribute {
  DataType?: unknown;
  StringValue?: unknown;
  BinaryValue?: unknown;
}

/** SNS API reference, Publish: attributes count too. */
const MAX_MESSAGE_BYTES = 262_144;
const MAX_SUBJECT_LENGTH = 100;

/** Parses a message to publish. Throws `AwsError` InvalidParameter, ParameterValueInvalid. */
const parseDraft = (draft: Draft, topicArn: string, nowMs: number, trace: string): PublishedMessage => {
  const attributes = parseAttributes(draft.MessageAttributes);
  const texts = parseTexts(draft.Message, draft.MessageStructure);
  if (sizeOf(String(draft.Message), attributes) > MAX_MESSAGE_BYTES) throw invalidParameter("Message too long");
  return {
    ...texts,
    id: randomUUID(),
    topicArn,
    subject: parseSubject(draft.Subject),
    group: parseGroup(draft.MessageGroupId),
    attributes,
    publishedMs: nowMs,
    trace,
    event: readCloudEventId(texts.text),
  };
};

const parseTexts = (message: unknown, structure: unknown): Pick<PublishedMessage, "text" | "byProtocol"> => {
  if (typeof message !== "string" || message === "") throw invalidParameter("Empty message");
  if (structure === undefined || structure === "") return { text: message };
  if (structure !== "json") throw invalidParameter(`MessageStructure: ${String(structure)}`);
  const entries = Object.entries(parseStructure(message)).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  const byProtocol = Object.fromEntries(entries);
  const text = byProtocol["default"];
  if (text === undefined) throw invalidParameter("Message Structure - No default entry in JSON message body");
  return { text, byProtocol };
};

const parseStructure = (message: string): object => {
  try {
    const parsed: unknown = JSON.parse(message);
    if (typeof parsed === "object" && parsed !== null) return parsed;
  } catch {
    // Refused below, like JSON that is not an object.
  }
  throw invalidParameter("Message Structure - JSON message body failed to parse");
};

const parseSubject = (subject: unknown): string | undefined => {
  if (subject === undefined) return undefined;
  const text = String(subject);
  // Printable ASCII that does not begin with a space (SNS API reference, Publish).
  if (!/^[\x21-\x7e][\x20-\x7e]*$/.test(text) || text.length > MAX_SUBJECT_LENGTH) throw invalidParameter("Subject");
  return text;
};

const parseGroup = (group: unknown): string | undefined => {
  if (group === undefined) return undefined;
  if (typeof group !== "string" || !isGroupId(group)) throw invalidParameter("MessageGroupId");
  return group;
};

const parseAttributes = (requested: Record<string, RequestedAttribute> = {}): Record<string, MessageAttribute> =>
  Object.fromEntries(Object.entries(requested).map(([name, attribute]) => [name, parseAttribute(name, attribute)]));

/** SNS developer guide, "Message attribute items and validation". */
const attributeName = /^(?!aws\.|amazon\.)[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/i;

const parseAttribute = (name: string, { DataType, StringValue, BinaryValue }: RequestedAttribute): MessageAttribute => {
  if (!attributeName.test(name) || name.length > 256)
    throw invalidValue(
      `Invalid non-alphanumeric character was found in the message attribute name '${name}'. Can only include alphanumeric characters, hyphens, underscores, or dots.`,
    );
  const type = String(DataType ?? "");
  const value = type.startsWith("Binary") ? BinaryValue : StringValue;
  if (!/^(String|Number|Binary)(\.|$)/.test(type))
    throw invalidValue(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  if (typeof value !== "string" || value === "")
    throw invalidValue(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${type}'.`,
    );
  if (type.startsWith("Number") && (value.trim() !== value || !Number.isFinite(Number(value))))
    throw invalidValue(`Could not cast message attribute '${name}' value to number.`);
  if (type === "String.Array" && !isArray(value)) throw invalidValue(`The message attribute '${name}' is not a valid String.Array.`);
  return { Type: type, Value: value };
};

const isArray = (text: string) => {
  try {
    return Array.isArray(JSON.parse(text));
  } catch {
    return false;
  }
};

const sizeOf = (message: string, attributes: Record<string, MessageAttribute>): number =>
  Object.entries(attributes).reduce(
    (sum, [name, { Type, Value }]) =>
      sum + Buffer.byteLength(name) + Buffer.byteLength(Type) + Buffer.byteLength(Value, Type.startsWith("Binary") ? "base64" : "utf8"),
    Buffer.byteLength(message),
  );

/** The event that attribute filters match: numbers as numbers, String.Array as lists; binary values can only exist. */
const attributeTree = (attributes: Record<string, MessageAttribute>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(attributes).map(([name, attribute]) => [name, nodeOf(attribute)]));

/** A value that no policy can match. */
const binary = Symbol("binary");

const nodeOf = ({ Type, Value }: MessageAttribute): unknown => {
  if (Type === "String.Array") return JSON.parse(Value);
  if (Type.startsWith("Number")) return Number(Value);
  return Type.startsWith("Binary") ? binary : Value;
};

/** The error for a batch whose messages are too large together. */
const batchTooLong = (sizeBytes: number) =>
  new AwsError(
    "BatchRequestTooLong",
    `The length of all the messages put together is more than the limit of ${MAX_MESSAGE_BYTES} bytes: ${sizeBytes}.`,
  );

export type { Draft, MessageAttribute, PublishedMessage };
export { attributeTree, batchTooLong, MAX_MESSAGE_BYTES, parseDraft };
