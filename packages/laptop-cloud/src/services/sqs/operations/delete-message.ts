import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { Call, OperationOf } from "../../../kernel/service";
import { type BatchEntry, runBatch } from "../batch";
import type { Queue } from "../queue";
import { messageOfHandle } from "../receipts";
import type { Queues } from "../store";

/** Behaves as DeleteMessage: a stale receipt handle succeeds and deletes nothing. */
const deleteMessage: OperationOf<Queues> = async (queues, input, call) => {
  refuseUnknownParameters(call, input, ["QueueUrl", "ReceiptHandle"]);
  const queue = queues.byUrl(input.QueueUrl);
  authorizeDelete(call, queue);
  return deleteOne(queues, queue, input.ReceiptHandle);
};

const deleteMessageBatch: OperationOf<Queues> = async (queues, input, call) => {
  refuseUnknownParameters(call, input, ["QueueUrl", "Entries"]);
  const queue = queues.byUrl(input.QueueUrl);
  authorizeDelete(call, queue);
  return runBatch<BatchEntry & { ReceiptHandle: unknown }>(input.Entries, entry => deleteOne(queues, queue, entry.ReceiptHandle));
};

const authorizeDelete = (call: Call, queue: Queue) =>
  call.authorize("sqs:DeleteMessage", queue.arn, { resourcePolicy: queue.settings.policy });

const deleteOne = async (queues: Queues, queue: Queue, handle: unknown) => {
  const message = messageOfHandle(queue, handle);
  if (message !== undefined) await queues.state.batch([queue.remove(message)]);
  return {};
};

export { deleteMessage, deleteMessageBatch };
