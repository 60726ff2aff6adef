import { AwsError } from "../../kernel/aws-error";
import type { PolicyDocument } from "../../kernel/service";

/** A queue's attributes in the API's format: strings by name. */
type Attributes = Record<string, string>;

/** The parsed attributes of a queue. */
interface QueueSettings {
  delaySeconds: number;
  maximumMessageBytes: number;
  retentionSeconds: number;
  receiveWaitSeconds: number;
  visibilitySeconds: number;
  policy?: PolicyDocument;
  redrive?: Redrive;
  redriveAllow?: RedriveAllow;
}

/** The dead-letter queue, for messages that were received more than `maxReceiveCount` times. */
interface Redrive {
  deadLetterTargetArn: string;
  maxReceiveCount: number;
}

/** The queues that may use this one as their dead-letter queue. */
interface RedriveAllow {
  redrivePermission: "allowAll" | "denyAll" | "byQueue";
  sourceQueueArns?: string[];
}

interface NumberRange {
  least: number;
  most: number;
  usual: number;
}

/** SQS API reference, SetQueueAttributes; a message may have 1 MiB since August 2025. */
const numbers: Record<string, NumberRange> = {
  DelaySeconds: { least: 0, most: 900, usual: 0 },
  MaximumMessageSize: { least: 1024, most: 1_048_576, usual: 1_048_576 },
  MessageRetentionPeriod: { least: 60, most: 1_209_600, usual: 345_600 },
  ReceiveMessageWaitTimeSeconds: { least: 0, most: 20, usual: 0 },
  VisibilityTimeout: { least: 0, most: 43_200, usual: 30 },
};

const documents = ["Policy", "RedrivePolicy", "RedriveAllowPolicy"];

/** Clients can't notice encryption at rest. */
const inert = ["KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "SqsManagedSseEnabled"];

const defaultAttributes: Attributes = {
  ...Object.fromEntries(Object.entries(numbers).map(([name, { usual }]) => [name, String(usual)])),
  SqsManagedSseEnabled: "true",
};

/**
 * Checks the attributes of a request and merges them into `before`; an empty document removes one.
 *
 * Throws `AwsError` InvalidAttributeName and InvalidAttributeValue.
 */
const parseAttributes = (requested: Record<string, unknown>, before: Attributes = defaultAttributes): Attributes => {
  const after = { ...before };
  for (const [name, value] of Object.entries(requested)) {
    const text = parseAttribute(name, String(value));
    if (text === "") delete after[name];
    else after[name] = text;
  }
  return after;
};

const parseAttribute = (name: string, value: string): string => {
  if (Object.hasOwn(numbers, name)) return parseNumber(name, value, numbers[name]!);
  if (documents.includes(name)) return value === "" ? "" : parseDocument(name, value);
  if (inert.includes(name)) return value;
  if (name.startsWith("Fifo") || name === "ContentBasedDeduplication" || name === "DeduplicationScope") {
    throw new AwsError("InvalidAttributeName", `The laptop cloud does not imitate FIFO queues (${name}).`);
  }
  throw new AwsError("InvalidAttributeName", `Unknown Attribute ${name}.`);
};

const parseNumber = (name: string, value: string, { least, most }: NumberRange): string => {
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= least && number <= most) return String(number);
  throw invalidAttribute(name, value, `must be a whole number from ${least} to ${most}`);
};

const parseDocument = (name: string, value: string): string => {
  const document = parseObject(name, value);
  if (name === "RedrivePolicy") checkRedrive(value, document);
  if (name === "RedriveAllowPolicy") checkRedriveAllow(value, document);
  if (name === "Policy" && document["Statement"] === undefined) throw invalidAttribute(name, value, "has no Statement");
  return value;
};

const parseObject = (name: string, value: string): Record<string, unknown> => {
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return parsed as Record<string, unknown>;
  } catch {
    // Refused below, like JSON that is not an object.
  }
  throw invalidAttribute(name, value, "is not a JSON object");
};

const checkRedrive = (value: string, { deadLetterTargetArn, maxReceiveCount, ...rest }: Record<string, unknown>) => {
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw invalidAttribute("RedrivePolicy", value, `has an unknown key ${unknown}`);
  if (typeof deadLetterTargetArn !== "string") throw invalidAttribute("RedrivePolicy", value, "has no deadLetterTargetArn");
  const count = Number(maxReceiveCount);
  if (!(Number.isInteger(count) && count >= 1 && count <= 1000))
    throw invalidAttribute("RedrivePolicy", value, "must have a maxReceiveCount from 1 to 1000");
};

const checkRedriveAllow = (value: string, { redrivePermission, sourceQueueArns }: Record<string, unknown>) => {
  const known = ["allowAll", "denyAll", "byQueue"];
  if (typeof redrivePermission !== "string" || !known.includes(redrivePermission))
    throw invalidAttribute("RedriveAllowPolicy", value, `must have a redrivePermission of ${known.join(", ")}`);
  if ((redrivePermission === "byQueue") !== Array.isArray(sourceQueueArns))
    throw invalidAttribute("RedriveAllowPolicy", value, "must have sourceQueueArns with byQueue, and only with byQueue");
};

const invalidAttribute = (name: string, value: string, reason: string) =>
  new AwsError("InvalidAttributeValue", `Invalid value for the parameter ${name}: ${value.slice(0, 500)} ${reason}.`);

/** The typed form of checked attributes. */
const settingsOf = (attributes: Attributes): QueueSettings => {
  const redrive = documentOf<Redrive>(attributes["RedrivePolicy"]);
  return {
    delaySeconds: Number(attributes["DelaySeconds"]),
    maximumMessageBytes: Number(attributes["MaximumMessageSize"]),
    retentionSeconds: Number(attributes["MessageRetentionPeriod"]),
    receiveWaitSeconds: Number(attributes["ReceiveMessageWaitTimeSeconds"]),
    visibilitySeconds: Number(attributes["VisibilityTimeout"]),
    policy: documentOf<PolicyDocument>(attributes["Policy"]),
    // maxReceiveCount may be a string of digits.
    redrive: redrive && { ...redrive, maxReceiveCount: Number(redrive.maxReceiveCount) },
    redriveAllow: documentOf<RedriveAllow>(attributes["RedriveAllowPolicy"]),
  };
};

const documentOf = <T>(text: string | undefined): T | undefined => (text === undefined ? undefined : (JSON.parse(text) as T));

export type { Attributes, QueueSettings, Redrive, RedriveAllow };
export { defaultAttributes, invalidAttribute, parseAttributes, settingsOf };
