import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { OperationOf } from "../../../kernel/service";
import { listTags, readTags, withoutTags } from "../../../kernel/tags";
import type { Topics } from "../store";

const tagResource: OperationOf<Topics> = async (topics, input, call) => {
  refuseUnknownParameters(call, input, ["ResourceArn", "Tags"]);
  const topic = topics.get(input.ResourceArn);
  call.authorize("sns:TagResource", topic.arn);
  await topics.put({ ...topic, tags: { ...topic.tags, ...readTags(input.Tags) } });
  return {};
};

const untagResource: OperationOf<Topics> = async (topics, input, call) => {
  refuseUnknownParameters(call, input, ["ResourceArn", "TagKeys"]);
  const topic = topics.get(input.ResourceArn);
  call.authorize("sns:UntagResource", topic.arn);
  await topics.put({ ...topic, tags: withoutTags(topic.tags, input.TagKeys) });
  return {};
};

const listTagsForResource: OperationOf<Topics> = async (topics, input, call) => {
  refuseUnknownParameters(call, input, ["ResourceArn"]);
  const topic = topics.get(input.ResourceArn);
  call.authorize("sns:ListTagsForResource", topic.arn);
  return { Tags: listTags(topic.tags) };
};

export { listTagsForResource, tagResource, untagResource };
