import { AwsError } from "../../kernel/aws-error";
import type { RoleCaller } from "../../kernel/caller";
import { isObject } from "../../kernel/json";
import type { Place } from "../../kernel/service";
import { checkPrefixes, type Prefixes } from "./prefix";

type Compression = "UNCOMPRESSED" | "GZIP";

/** What the program declares of a delivery stream. */
interface StreamDefinition extends Prefixes {
  name: string;
  arn: string;
  /** The role that Firehose assumes to write the objects. */
  roleArn: string;
  bucketArn: string;
  bufferingSeconds: number;
  /** MiB. */
  bufferingSize: number;
  compression: Compression;
  /** Ends the objects' keys in place of ".gz". */
  fileExtension?: string;
  transformation?: Transformation;
  tags: Record<string, string>;
}

/** The function that gets the records before they are written. */
interface Transformation {
  functionArn: string;
  /** How often a failed invocation is repeated. */
  retries: number;
  bufferingSeconds: number;
  /** MB, 0.2 to 3. */
  bufferingSize: number;
}

interface DeliveryStream extends StreamDefinition {
  /** From 1, and one more after each change of the definition. */
  version: number;
  createdMs: number;
}

/** Defaults and limits of "BufferingHints" (Firehose API reference). */
const DEFAULT_BUFFERING_SECONDS = 300;
const MAX_BUFFERING_SECONDS = 900;
const DEFAULT_BUFFERING_SIZE = 5;
const MAX_BUFFERING_SIZE = 128;

/** "ProcessorParameter" (Firehose API reference) and "Transform source data" (developer guide): defaults and ranges by parameter. */
const PARAMETERS = {
  NumberOfRetries: [3, 0, 300],
  BufferIntervalInSeconds: [60, 0, MAX_BUFFERING_SECONDS],
  BufferSizeInMBs: [1, 0.2, 3],
} as const;

/** Properties of `extendedS3Configuration`: known ones, and those without an effect on a laptop. */
const KNOWN = ["roleArn", "bucketArn", "prefix", "errorOutputPrefix", "bufferingInterval", "bufferingSize", "compressionFormat"];
const MORE_KNOWN = ["fileExtension", "customTimeZone", "kmsKeyArn", "cloudwatchLoggingOptions", "processingConfiguration"];

const streamArn = (name: string, { region, account }: Place) => `arn:aws:firehose:${region}:${account}:deliverystream/${name}`;

/** Parses the inputs of a declared stream. Throws `AwsError` InvalidArgumentException. */
const parseDefinition = (name: string, inputs: Record<string, unknown>, place: Place): StreamDefinition => {
  if (!/^[a-zA-Z0-9_.-]{1,64}$/.test(name)) throw refusal("name", name, "1 to 64 letters, digits, _ . and -");
  if (inputs["destination"] !== "extended_s3") throw refusal("destination", inputs["destination"], '"extended_s3", the only one imitated');
  const { extendedS3Configuration: s3 } = inputs as { extendedS3Configuration?: Record<string, unknown> };
  if (s3 === undefined) throw refusal("extendedS3Configuration", s3, "an object");
  const unknown = Object.keys(s3).find(key => ![...KNOWN, ...MORE_KNOWN].includes(key));
  if (unknown !== undefined)
    throw invalid(
      `The laptop cloud does not imitate extendedS3Configuration.${unknown}. It knows ${[...KNOWN, ...MORE_KNOWN].join(", ")}.`,
    );
  const { compressionFormat: compression = "UNCOMPRESSED", customTimeZone = "UTC", fileExtension } = s3;
  if (compression !== "UNCOMPRESSED" && compression !== "GZIP")
    throw refusal("compressionFormat", compression, "UNCOMPRESSED or GZIP, which are imitated");
  if (customTimeZone !== "UTC") throw refusal("customTimeZone", customTimeZone, '"UTC", the only one imitated');
  if (fileExtension !== undefined && !/^(\.[0-9a-z!_.*'()-]+)?$/.test(String(fileExtension)))
    throw refusal("fileExtension", fileExtension, "a dot and lower-case characters");
  const prefixes = { prefix: String(s3["prefix"] ?? ""), errorOutputPrefix: s3["errorOutputPrefix"] as string | undefined };
  checkPrefixes(prefixes);
  const transformation = parseTransformation(s3["processingConfiguration"]);
  if (transformation !== undefined && prefixes.errorOutputPrefix === undefined)
    throw refusal("errorOutputPrefix", undefined, "a prefix where records are transformed, which the laptop cloud needs");
  return {
    name,
    arn: streamArn(name, place),
    roleArn: parseArn("roleArn", s3["roleArn"], /^arn:aws:iam::\d{12}:role\/.+$/, "the ARN of a role"),
    bucketArn: parseArn("bucketArn", s3["bucketArn"], /^arn:aws:s3:::[^/]+$/, "the ARN of a bucket"),
    ...prefixes,
    bufferingSeconds: parseNumber("bufferingInterval", s3["bufferingInterval"] ?? DEFAULT_BUFFERING_SECONDS, 0, MAX_BUFFERING_SECONDS),
    bufferingSize: parseNumber("bufferingSize", s3["bufferingSize"] ?? DEFAULT_BUFFERING_SIZE, 1, MAX_BUFFERING_SIZE),
    compression,
    ...(fileExtension === undefined ? {} : { fileExtension: String(fileExtension) }),
    ...(transformation && { transformation }),
    tags: (inputs["tags"] ?? {}) as Record<string, string>,
  };
};

/** One function is imitated, and none of the processors that parse, decompress or append. */
const parseTransformation = (processing: unknown): Transformation | undefined => {
  if (!isObject(processing) || processing["enabled"] !== true) return undefined;
  const processors = (processing["processors"] ?? []) as Record<string, unknown>[];
  const [{ type, parameters = [] } = {}] = processors;
  if (processors.length !== 1 || type !== "Lambda")
    throw refusal(
      "processors",
      processors.map(each => each["type"]),
      '["Lambda"], the only processor imitated',
    );
  const given = Object.fromEntries(
    (parameters as Record<string, unknown>[]).map(({ parameterName, parameterValue }) => [parameterName, parameterValue]),
  );
  const known = ["LambdaArn", ...Object.keys(PARAMETERS)];
  const unknown = Object.keys(given).find(name => !known.includes(name));
  if (unknown !== undefined) throw invalid(`The laptop cloud does not imitate the parameter ${unknown}. It knows ${known.join(", ")}.`);
  const read = (name: keyof typeof PARAMETERS): number => {
    const [usual, least, most] = PARAMETERS[name];
    const value = Number(given[name] ?? usual);
    if (!(value >= least && value <= most)) throw refusal(name, given[name], `a number from ${least} to ${most}`);
    return value;
  };
  return {
    functionArn: parseArn("LambdaArn", given["LambdaArn"], /^arn:aws:lambda:[^:]+:\d{12}:function:.+$/, "the ARN of a function"),
    retries: read("NumberOfRetries"),
    bufferingSeconds: read("BufferIntervalInSeconds"),
    bufferingSize: read("BufferSizeInMBs"),
  };
};

const parseArn = (key: string, value: unknown, pattern: RegExp, what: string): string => {
  if (typeof value !== "string" || !pattern.test(value)) throw refusal(key, value, what);
  return value;
};

const parseNumber = (key: string, value: unknown, least: number, most: number): number => {
  if (!Number.isInteger(value) || Number(value) < least || Number(value) > most)
    throw refusal(key, value, `a whole number from ${least} to ${most}`);
  return Number(value);
};

const refusal = (key: string, value: unknown, what: string) => invalid(`${key} is ${JSON.stringify(value)}, but must be ${what}.`);

const invalid = (message: string) => new AwsError("InvalidArgumentException", message);

/** Firehose invokes and writes in the stream's role. */
const writerOf = ({ roleArn, arn }: DeliveryStream): RoleCaller => ({
  kind: "role",
  roleArn,
  principal: "firehose.amazonaws.com",
  sourceArn: arn,
});

export type { DeliveryStream, StreamDefinition };
export { parseDefinition, streamArn, writerOf };
