import { AwsError } from "../../../kernel/aws-error";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { Call, OperationOf } from "../../../kernel/service";
import { type BatchEntry, runBatch } from "../batch";
import { invalidValue, missingParameter } from "../errors";
import { parseInteger } from "../integer";
import type { Queue } from "../queue";
import { messageOfHandle } from "../receipts";
import type { Queues } from "../store";

/** A message stays invisible for at most 12 hours after its receipt, however often that is extended (SQS API reference). */
const MAX_VISIBILITY_SECONDS = 43_200;

const changeMessageVisibility: OperationOf<Queues> = async (queues, input, call) => {
  refuseUnknownParameters(call, input, ["QueueUrl", "ReceiptHandle", "VisibilityTimeout"]);
  const queue = queues.byUrl(input.QueueUrl);
  authorizeChange(call, queue);
  return changeOne(queues, queue, input);
};

const changeMessageVisibilityBatch: OperationOf<Queues> = async (queues, input, call) => {
  refuseUnknownParameters(call, input, ["QueueUrl", "Entries"]);
  const queue = queues.byUrl(input.QueueUrl);
  authorizeChange(call, queue);
  return runBatch<BatchEntry & Change>(input.Entries, entry => changeOne(queues, queue, entry));
};

interface Change {
  ReceiptHandle?: unknown;
  VisibilityTimeout?: unknown;
}

const authorizeChange = (call: Call, queue: Queue) =>
  call.authorize("sqs:ChangeMessageVisibility", queue.arn, { resourcePolicy: queue.settings.policy });

const changeOne = async (queues: Queues, queue: Queue, { ReceiptHandle, VisibilityTimeout }: Change) => {
  const seconds = parseInteger(VisibilityTimeout, "VisibilityTimeout", 0, MAX_VISIBILITY_SECONDS);
  if (seconds === undefined) throw missingParameter("VisibilityTimeout");
  const message = messageOfHandle(queue, ReceiptHandle);
  const nowMs = queues.cloud.clock.nowMs();
  if (message === undefined)
    throw invalidValue(ReceiptHandle, "ReceiptHandle", "Message does not exist or is not available for visibility timeout change.");
  if (message.visibleMs <= nowMs) throw new AwsError("MessageNotInflight", "The message referred to isn't in flight.");
  const visibleMs = nowMs + seconds * 1000;
  if (visibleMs - message.receipt!.atMs > MAX_VISIBILITY_SECONDS * 1000)
    throw invalidValue(
      seconds,
      "VisibilityTimeout",
      `Total VisibilityTimeout for the message is beyond the limit [${MAX_VISIBILITY_SECONDS} seconds].`,
    );
  await queues.state.batch([queue.show(message, visibleMs)]);
  return {};
};

export { changeMessageVisibility, changeMessageVisibilityBatch };
