import { AwsError } from "../../kernel/aws-error";

/** Error names of the JSON protocol, with those of the older query protocol (SQS API reference, "Common errors"; Smithy model of SQS). */
const queryCodes: Record<string, string> = {
  AccessDeniedException: "AccessDenied",
  BatchEntryIdsNotDistinct: "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
  BatchRequestTooLong: "AWS.SimpleQueueService.BatchRequestTooLong",
  EmptyBatchRequest: "AWS.SimpleQueueService.EmptyBatchRequest",
  InvalidBatchEntryId: "AWS.SimpleQueueService.InvalidBatchEntryId",
  MessageNotInflight: "AWS.SimpleQueueService.MessageNotInflight",
  PurgeQueueInProgress: "AWS.SimpleQueueService.PurgeQueueInProgress",
  QueueDoesNotExist: "AWS.SimpleQueueService.NonExistentQueue",
  QueueNameExists: "QueueAlreadyExists",
  TooManyEntriesInBatchRequest: "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
  UnsupportedOperation: "AWS.SimpleQueueService.UnsupportedOperation",
};

const queueDoesNotExist = () => new AwsError("QueueDoesNotExist", "The specified queue does not exist.");

const purgeQueueInProgress = (name: string) =>
  new AwsError("PurgeQueueInProgress", `Only one PurgeQueue operation on ${name} is allowed every 60 seconds.`, 403);

const missingParameter = (name: string) => new AwsError("MissingParameter", `The request must contain the parameter ${name}.`);

const invalidValue = (value: unknown, parameter: string, reason: string) =>
  new AwsError("InvalidParameterValue", `Value ${String(value).slice(0, 200)} for parameter ${parameter} is invalid. Reason: ${reason}`);

const invalidReceipt = (handle: string) =>
  new AwsError("ReceiptHandleIsInvalid", `The input receipt handle "${handle.slice(0, 200)}" is not a valid receipt handle.`);

export { invalidReceipt, invalidValue, missingParameter, purgeQueueInProgress, queryCodes, queueDoesNotExist };
