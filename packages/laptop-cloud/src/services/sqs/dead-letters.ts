import type { StateChange } from "../../kernel/state";
import type { StoredMessage } from "./message";
import type { Queue } from "./queue";
import type { Queues } from "./store";
import { tracingOf } from "./tracing";

/** The dead-letter queue of this queue, if it exists. */
const deadLetterQueueOf = (queues: Queues, queue: Queue): Queue | undefined => {
  const { redrive } = queue.settings;
  return redrive && queues.byArn(redrive.deadLetterTargetArn);
};

/**
 * Moves a message that was received too often to the dead-letter queue. It keeps its id, the time of its sending (so its retention
 * period continues) and its receive count across queues (SQS developer guide, "Using dead-letter queues").
 */
const moveToDeadLetters = (queues: Queues, message: StoredMessage, from: Queue, to: Queue): StateChange => {
  const { sequence: _, arrivedMs: __, receipt: ___, ...kept } = message;
  const nowMs = queues.cloud.clock.nowMs();
  queues.cloud.occurrences.record({
    atMs: nowMs,
    kind: "dead-letter",
    ...tracingOf(message),
    from: queues.shownName(from.arn),
    to: queues.shownName(to.arn),
    detail: { messageId: message.id, receives: message.receives },
  });
  return to.add({
    ...kept,
    visibleMs: nowMs,
    receives: 0,
    receivesBefore: message.receivesBefore + message.receives,
    deadLetterSourceArn: from.arn,
  });
};

export { deadLetterQueueOf, moveToDeadLetters };
