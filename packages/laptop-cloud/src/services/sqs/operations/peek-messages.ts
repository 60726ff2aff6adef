import type { OperationOf } from "../../../kernel/service";
import { parseInteger } from "../integer";
import type { StoredMessage } from "../message";
import type { Queues } from "../store";

/** More messages would not help the page. */
const MAX_MESSAGES = 200;

/** Not an AWS operation: returns a queue's messages, oldest first, without receiving them. For the page. */
const peekMessages: OperationOf<Queues> = async (queues, input, call) => {
  const queue = queues.byUrl(input.QueueUrl);
  call.authorize("sqs:GetQueueAttributes", queue.arn, { resourcePolicy: queue.settings.policy });
  const most = parseInteger(input.MaxNumberOfMessages, "MaxNumberOfMessages", 1, MAX_MESSAGES) ?? MAX_MESSAGES;
  const nowMs = queues.cloud.clock.nowMs();
  return { Messages: [...queue.messages].slice(0, most).map(message => viewOf(message, nowMs)), ...queue.counts() };
};

const viewOf = ({ id, body, attributes, sentMs, visibleMs, receives, receivesBefore, receipt }: StoredMessage, nowMs: number) => ({
  MessageId: id,
  Body: body,
  MessageAttributes: attributes,
  sentMs,
  receives: receives + receivesBefore,
  // A message that is not visible is hidden until then.
  untilMs: visibleMs <= nowMs ? null : visibleMs,
  state: visibleMs <= nowMs ? "visible" : receipt === undefined ? "delayed" : "in flight",
});

export { peekMessages };
