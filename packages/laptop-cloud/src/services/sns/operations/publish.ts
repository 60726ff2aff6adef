import { AwsError } from "../../../kernel/aws-error";
import { shownNameOf } from "../../../kernel/calls";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { Call, OperationOf } from "../../../kernel/service";
import { createTraceRoot } from "../../../kernel/trace";
import type { Deliveries } from "../deliveries";
import { invalidParameter } from "../errors";
import { batchTooLong, type Draft, MAX_MESSAGE_BYTES, type PublishedMessage, parseDraft } from "../message";
import type { Topics } from "../store";
import type { Topic } from "../topic";

const draftParameters = ["Message", "Subject", "MessageStructure", "MessageAttributes", "MessageGroupId"];

/** SNS API reference, PublishBatch. */
const MAX_ENTRIES = 10;

/** Behaves as Publish, to topics: answers when every delivery is durable. Differs: no phone numbers, no FIFO topics. */
const publish: OperationOf<{ topics: Topics; deliveries: Deliveries }> = async ({ topics, deliveries }, input, call) => {
  refuseUnknownParameters(call, input, ["TopicArn", "TargetArn", ...draftParameters]);
  const topic = authorizePublish(topics, input.TopicArn ?? input.TargetArn, call);
  const message = read(topics, topic, input, call);
  await hand(topics, deliveries, [message], call);
  return { MessageId: message.id };
};

const publishBatch: OperationOf<{ topics: Topics; deliveries: Deliveries }> = async ({ topics, deliveries }, input, call) => {
  refuseUnknownParameters(call, input, ["TopicArn", "PublishBatchRequestEntries"]);
  const topic = authorizePublish(topics, input.TopicArn, call);
  const entries = parseEntries(input.PublishBatchRequestEntries);
  const outcomes = entries.map(entry => readEntry(topics, topic, entry, call));
  const good = outcomes.flatMap(outcome => ("message" in outcome ? [outcome] : []));
  await hand(
    topics,
    deliveries,
    good.map(({ message }) => message),
    call,
  );
  return {
    Successful: good.map(({ Id, message }) => ({ Id, MessageId: message.id })),
    Failed: outcomes.flatMap(outcome => ("failed" in outcome ? [outcome.failed] : [])),
  };
};

type Entry = Draft & { Id: string };

type Outcome = { Id: string; message: PublishedMessage } | { failed: { Id: string; Code: string; Message: string; SenderFault: boolean } };

const readEntry = (topics: Topics, topic: Topic, entry: Entry, call: Call): Outcome => {
  try {
    refuseUnknownParameters(call, entry, ["Id", ...draftParameters]);
    return { Id: entry.Id, message: read(topics, topic, entry, call) };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { failed: { Id: entry.Id, Code: error.code, Message: error.message, SenderFault: error.status < 500 } };
  }
};

const ARN_PARTS = 6;

/** Throws `AwsError` InvalidParameter, NotFound, AuthorizationError, and InternalError while the weather says that SNS is down. */
const authorizePublish = (topics: Topics, arn: unknown, call: Call): Topic => {
  if (topics.cloud.weather.report.snsDown)
    throw new AwsError("InternalError", "SNS is down, because the laptop cloud's weather has snsDown on.", 500);
  if (typeof arn !== "string") throw invalidParameter("TopicArn or TargetArn Reason: no value for required parameter");
  const parts = arn.split(":").length;
  if (parts < ARN_PARTS) throw invalidParameter(`TopicArn Reason: An ARN must have at least ${ARN_PARTS} elements, not ${parts}`);
  const topic = topics.get(arn);
  topics.authorize(call, "sns:Publish", topic);
  return topic;
};

const read = (topics: Topics, topic: Topic, draft: Draft, { caller }: Call): PublishedMessage => {
  const nowMs = topics.cloud.clock.nowMs();
  return parseDraft(draft, topic.arn, nowMs, caller.trace ?? createTraceRoot(nowMs));
};

const hand = async (topics: Topics, deliveries: Deliveries, messages: PublishedMessage[], { caller }: Call) => {
  for (const message of messages) {
    const { id, topicArn, trace, event } = message;
    const matching = topics.subscriptionsOf(topicArn).filter(subscription => subscription.matches(message));
    topics.cloud.occurrences.record({
      atMs: topics.cloud.clock.nowMs(),
      kind: "publish",
      trace,
      message: event,
      from: shownNameOf(topics.cloud.inventory, caller),
      to: topics.shownName(topicArn),
      detail: { messageId: id, subscribers: matching.map(({ record }) => topics.shownName(record.endpoint)) },
    });
  }
  await deliveries.add(messages);
};

const parseEntries = (entries: unknown): Entry[] => {
  if (!Array.isArray(entries) || entries.length === 0)
    throw new AwsError("EmptyBatchRequest", "The batch request doesn't contain any entries.");
  if (entries.length > MAX_ENTRIES)
    throw new AwsError("TooManyEntriesInBatchRequest", `The batch request contains more entries than permissible: ${entries.length}.`);
  const ids = entries.map(({ Id }: Partial<Entry>) => Id);
  if (!ids.every(id => typeof id === "string" && /^[A-Za-z0-9_-]{1,80}$/.test(id)))
    throw new AwsError("InvalidBatchEntryId", "The Id of a batch entry in a batch request doesn't abide by the specification.");
  if (new Set(ids).size < ids.length)
    throw new AwsError("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.");
  const sizeBytes = entries.reduce((sum: number, { Message }: Draft) => sum + Buffer.byteLength(String(Message ?? "")), 0);
  if (sizeBytes > MAX_MESSAGE_BYTES) throw batchTooLong(sizeBytes);
  return entries as Entry[];
};

export { publish, publishBatch };
