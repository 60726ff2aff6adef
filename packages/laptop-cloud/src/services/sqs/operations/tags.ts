import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { OperationOf } from "../../../kernel/service";
import { withoutTags } from "../../../kernel/tags";
import type { Queues } from "../store";

const tagQueue: OperationOf<Queues> = async (queues, input, call) => {
  refuseUnknownParameters(call, input, ["QueueUrl", "Tags"]);
  const queue = queues.byUrl(input.QueueUrl);
  call.authorize("sqs:TagQueue", queue.arn);
  await queues.state.batch([queue.change({ tags: { ...queue.record.tags, ...input.Tags } })]);
  return {};
};

const untagQueue: OperationOf<Queues> = async (queues, input, call) => {
  refuseUnknownParameters(call, input, ["QueueUrl", "TagKeys"]);
  const queue = queues.byUrl(input.QueueUrl);
  call.authorize("sqs:UntagQueue", queue.arn);
  await queues.state.batch([queue.change({ tags: withoutTags(queue.record.tags, input.TagKeys) })]);
  return {};
};

const listQueueTags: OperationOf<Queues> = async (queues, input, call) => {
  refuseUnknownParameters(call, input, ["QueueUrl"]);
  const queue = queues.byUrl(input.QueueUrl);
  call.authorize("sqs:ListQueueTags", queue.arn);
  return { Tags: queue.record.tags };
};

export { listQueueTags, tagQueue, untagQueue };
