import { createHash } from "node:crypto";
import { AwsError } from "../../kernel/aws-error";
import { invalidValue } from "./errors";

/** A message attribute in the JSON protocol; binary values are base64. */
interface MessageAttribute {
  DataType: string;
  StringValue?: string;
  BinaryValue?: string;
}

type MessageAttributes = Record<string, MessageAttribute>;

/** SQS developer guide, "Message attribute components". */
const MAX_ATTRIBUTES = 10;
const namePattern = /^(?!aws\.|amazon\.)[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/i;
const MAX_NAME_LENGTH = 256;

/** Throws `AwsError` InvalidParameterValue. */
const parseMessageAttributes = (requested: unknown): MessageAttributes | undefined => {
  const entries = Object.entries((requested ?? {}) as Record<string, Partial<MessageAttribute>>);
  if (entries.length === 0) return undefined;
  if (entries.length > MAX_ATTRIBUTES)
    throw new AwsError(
      "InvalidParameterValue",
      `Number of message attributes [${entries.length}] exceeds the allowed maximum [${MAX_ATTRIBUTES}].`,
    );
  return Object.fromEntries(entries.map(([name, attribute]) => [name, parseMessageAttribute(name, attribute)]));
};

const parseMessageAttribute = (name: string, { DataType, StringValue, BinaryValue }: Partial<MessageAttribute>): MessageAttribute => {
  if (name.length > MAX_NAME_LENGTH || !namePattern.test(name))
    throw invalidValue(name, "MessageAttributeName", "Want letters, digits, hyphens, underscores and single inner periods.");
  const base = DataType?.split(".", 1)[0];
  switch (base) {
    case "String":
    case "Number":
      if (StringValue === undefined || StringValue === "") throw emptyAttribute(name, DataType);
      if (base === "Number" && !isNumber(StringValue))
        throw new AwsError("InvalidParameterValue", `Can't cast the value of message (user) attribute '${name}' to a number.`);
      return { DataType: DataType!, StringValue };
    case "Binary":
      if (BinaryValue === undefined || BinaryValue === "") throw emptyAttribute(name, DataType);
      return { DataType: DataType!, BinaryValue };
    default:
      throw new AwsError(
        "InvalidParameterValue",
        `The type of message (user) attribute '${name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String.`,
      );
  }
};

const isNumber = (text: string) => text.trim() === text && text !== "" && Number.isFinite(Number(text));

const emptyAttribute = (name: string, type: string | undefined) =>
  new AwsError(
    "InvalidParameterValue",
    `The message (user) attribute '${name}' must contain a non-empty message attribute value for type '${type}'.`,
  );

const sizeOfAttributes = (attributes: MessageAttributes = {}): number =>
  Object.entries(attributes).reduce((sum, [name, attribute]) => {
    return sum + Buffer.byteLength(name) + Buffer.byteLength(attribute.DataType) + bytesOf(attribute).length;
  }, 0);

const bytesOf = ({ StringValue, BinaryValue }: MessageAttribute) =>
  BinaryValue === undefined ? Buffer.from(StringValue ?? "") : Buffer.from(BinaryValue, "base64");

const md5Of = (data: string | Buffer) => createHash("md5").update(data).digest("hex");

/** SQS developer guide, "Calculating the MD5 message digest for message attributes". */
const md5OfAttributes = (attributes: MessageAttributes | undefined): string | undefined => {
  const names = Object.keys(attributes ?? {}).sort();
  if (names.length === 0) return undefined;
  const parts = names.flatMap(name => {
    const attribute = attributes![name]!;
    const transport = attribute.BinaryValue === undefined ? 1 : 2;
    return [
      withLength(Buffer.from(name)),
      withLength(Buffer.from(attribute.DataType)),
      Buffer.from([transport]),
      withLength(bytesOf(attribute)),
    ];
  });
  return md5Of(Buffer.concat(parts));
};

const withLength = (bytes: Buffer) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

/** The attributes that a receiver requests: by name, by `prefix.*`, or `All`. */
const selectAttributes = (attributes: MessageAttributes | undefined, patterns: readonly string[]): MessageAttributes | undefined => {
  const chosen = Object.entries(attributes ?? {}).filter(([name]) => patterns.some(pattern => matches(name, pattern)));
  return chosen.length === 0 ? undefined : Object.fromEntries(chosen);
};

const matches = (name: string, pattern: string) =>
  pattern === "All" || pattern === name || (pattern.endsWith(".*") && name.startsWith(pattern.slice(0, -2)));

export type { MessageAttribute, MessageAttributes };
export { md5Of, md5OfAttributes, parseMessageAttributes, selectAttributes, sizeOfAttributes };
