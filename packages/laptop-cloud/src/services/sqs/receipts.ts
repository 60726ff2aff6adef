import { invalidReceipt, missingParameter } from "./errors";
import { readHandle, type StoredMessage } from "./message";
import type { Queue } from "./queue";

/**
 * The message of a request's receipt handle; undefined for a stale handle.
 *
 * Throws `AwsError` MissingParameter, and ReceiptHandleIsInvalid for a handle of another queue or an invalid one.
 */
const messageOfHandle = (queue: Queue, text: unknown): StoredMessage | undefined => {
  if (typeof text !== "string" || text === "") throw missingParameter("ReceiptHandle");
  const handle = readHandle(text);
  if (handle === undefined || handle.queue !== queue.name) throw invalidReceipt(text);
  return queue.find(handle);
};

export { messageOfHandle };
