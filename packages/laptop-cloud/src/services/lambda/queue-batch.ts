import type { InvocationOutcome } from "./execution-environment";

interface ReceivedMessage {
  MessageId: string;
  ReceiptHandle: string;
  Body: string;
  MD5OfBody: string;
  MD5OfMessageAttributes?: string;
  Attributes?: Record<string, string>;
  MessageAttributes?: Record<string, ReceivedAttribute>;
}

interface ReceivedAttribute {
  DataType: string;
  StringValue?: string;
  BinaryValue?: Uint8Array | string;
}

/** The record that a function gets for a message ("Using Lambda with Amazon SQS", example event). */
const buildRecord = (message: ReceivedMessage, queueArn: string, region: string) => ({
  messageId: message.MessageId,
  receiptHandle: message.ReceiptHandle,
  body: message.Body,
  attributes: message.Attributes ?? {},
  messageAttributes: Object.fromEntries(
    Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [name, buildAttribute(value)]),
  ),
  ...(message.MD5OfMessageAttributes === undefined ? {} : { md5OfMessageAttributes: message.MD5OfMessageAttributes }),
  md5OfBody: message.MD5OfBody,
  eventSource: "aws:sqs",
  eventSourceARN: queueArn,
  awsRegion: region,
});

const buildAttribute = ({ DataType, StringValue, BinaryValue }: ReceivedAttribute) => ({
  ...(StringValue === undefined ? {} : { stringValue: StringValue }),
  ...(BinaryValue === undefined
    ? {}
    : { binaryValue: typeof BinaryValue === "string" ? BinaryValue : Buffer.from(BinaryValue).toString("base64") }),
  stringListValues: [],
  binaryListValues: [],
  dataType: DataType,
});

/** The record that filters match: its body is parsed if it is JSON. */
const buildFiltered = (record: ReturnType<typeof buildRecord>): object => {
  try {
    return { ...record, body: JSON.parse(record.body) };
  } catch {
    return record;
  }
};

/**
 * Selects the messages of a batch that were processed ("Reporting batch item failures").
 *
 * Without such reports, the batch succeeds or fails as a whole. With them, an invalid report, or one that names an unknown message, fails it.
 */
const selectProcessed = (messages: ReceivedMessage[], outcome: InvocationOutcome, reportsFailures: boolean): ReceivedMessage[] => {
  if (outcome.failed) return [];
  if (!reportsFailures) return messages;
  const failed = parseFailures(JSON.parse(outcome.payload));
  if (failed === undefined || failed.some(id => messages.every(({ MessageId }) => MessageId !== id))) return [];
  return messages.filter(({ MessageId }) => !failed.includes(MessageId));
};

/** Undefined for an invalid report. An empty response is a report without failures. */
const parseFailures = (answer: unknown): string[] | undefined => {
  if (answer === null || answer === "") return [];
  if (typeof answer !== "object" || Array.isArray(answer)) return undefined;
  const { batchItemFailures: failures } = answer as { batchItemFailures?: unknown };
  if (failures === undefined || failures === null) return [];
  if (!Array.isArray(failures)) return undefined;
  const ids = failures.map(failure => (failure as { itemIdentifier?: unknown } | null)?.itemIdentifier);
  return ids.every((id): id is string => typeof id === "string" && id !== "") ? ids : undefined;
};

export type { ReceivedMessage };
export { buildFiltered, buildRecord, selectProcessed };
