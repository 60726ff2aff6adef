import { nameOf } from "../../../kernel/calls";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { Call, OperationOf } from "../../../kernel/service";
import { deadLetterQueueOf, moveToDeadLetters } from "../dead-letters";
import { parseInteger } from "../integer";
import { type StoredMessage, writeHandle } from "../message";
import { md5Of, md5OfAttributes, selectAttributes } from "../message-attributes";
import type { Queue } from "../queue";
import type { Queues } from "../store";
import { tracingOf } from "../tracing";

/**
 * Behaves as ReceiveMessage; differs: returns any of the first fifty messages, by a seed, and always finds every visible
 * message, where AWS samples its servers. If the client disconnects, a long poll ends and receives nothing.
 */
const receiveMessage: OperationOf<Queues> = async (queues, input, call) => {
  refuseUnknownParameters(call, input, [
    "QueueUrl",
    "MaxNumberOfMessages",
    "VisibilityTimeout",
    "WaitTimeSeconds",
    "AttributeNames",
    "MessageSystemAttributeNames",
    "MessageAttributeNames",
  ]);
  const queue = queues.byUrl(input.QueueUrl);
  call.authorize("sqs:ReceiveMessage", queue.arn, { resourcePolicy: queue.settings.policy });
  const most = parseInteger(input.MaxNumberOfMessages, "MaxNumberOfMessages", 1, 10) ?? 1;
  const visibilitySeconds = parseInteger(input.VisibilityTimeout, "VisibilityTimeout", 0, 43_200) ?? queue.settings.visibilitySeconds;
  const waitSeconds = parseInteger(input.WaitTimeSeconds, "WaitTimeSeconds", 0, 20) ?? queue.settings.receiveWaitSeconds;

  const deadlineMs = queues.cloud.clock.nowMs() + waitSeconds * 1000;
  const messages = await poll(queues, queue, { most, visibilityMs: visibilitySeconds * 1000 }, deadlineMs, call);
  if (messages.length === 0) return {};
  const systemNames: string[] = [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])];
  const attributeNames: string[] = input.MessageAttributeNames ?? [];
  return { Messages: messages.map(message => viewOf(message, queue, systemNames, attributeNames)) };
};

/** The parsed parameters of a receive. */
interface Wanted {
  most: number;
  visibilityMs: number;
}

const poll = async (queues: Queues, queue: Queue, wanted: Wanted, deadlineMs: number, call: Call) => {
  while (!call.signal.aborted) {
    const messages = await takeNow(queues, queue, wanted, call);
    if (messages.length > 0 || queues.cloud.clock.nowMs() >= deadlineMs) return messages;
    // The queue may have been deleted and created again meanwhile.
    if (queues.find(queue.name) !== queue) return [];
    await queue.changed(deadlineMs, call.signal);
  }
  return [];
};

const takeNow = async (queues: Queues, queue: Queue, wanted: Wanted, call: Call): Promise<StoredMessage[]> => {
  const deadLetterQueue = deadLetterQueueOf(queues, queue);
  const maxReceives = deadLetterQueue === undefined ? Number.POSITIVE_INFINITY : queue.settings.redrive!.maxReceiveCount;
  const { messages, dead, changes } = queue.take({ ...wanted, maxReceives });
  // Copies, because another call may receive them again before the write has ended.
  const received = messages.map(message => ({ ...message }));
  const deadLetters = dead.map(message => moveToDeadLetters(queues, message, queue, deadLetterQueue!));
  if (changes.length + deadLetters.length > 0) await queues.state.batch([...changes, ...deadLetters]);
  for (const message of received) {
    queues.cloud.occurrences.record({
      atMs: queues.cloud.clock.nowMs(),
      kind: "receive",
      ...tracingOf(message),
      from: queues.shownName(queue.arn),
      to: nameOf(call.caller),
      detail: { messageId: message.id, receives: message.receives },
    });
  }
  return received;
};

const viewOf = (message: StoredMessage, queue: Queue, systemNames: string[], attributeNames: string[]) => {
  const attributes = selectAttributes(message.attributes, attributeNames);
  const system = Object.entries(systemAttributesOf(message)).filter(
    ([name, value]) => value !== undefined && systemNames.some(wanted => wanted === "All" || wanted === name),
  );
  return {
    MessageId: message.id,
    ReceiptHandle: writeHandle({ queue: queue.name, sequence: message.sequence, token: message.receipt!.token }),
    Body: message.body,
    MD5OfBody: md5Of(message.body),
    Attributes: system.length === 0 ? undefined : Object.fromEntries(system),
    MessageAttributes: attributes,
    MD5OfMessageAttributes: md5OfAttributes(attributes),
  };
};

const systemAttributesOf = (message: StoredMessage): Record<string, string | undefined> => ({
  SenderId: message.senderId,
  SentTimestamp: String(message.sentMs),
  ApproximateReceiveCount: String(message.receivesBefore + message.receives),
  ApproximateFirstReceiveTimestamp: String(message.firstReceivedMs),
  AWSTraceHeader: message.traceHeader,
  DeadLetterQueueSourceArn: message.deadLetterSourceArn,
  MessageGroupId: message.group,
});

export { receiveMessage };
