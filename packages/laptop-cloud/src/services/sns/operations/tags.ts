import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { Operation } from "../../../kernel/service";
import type { Topics } from "../store";

interface Tag {
  Key: string;
  Value: string;
}

const readTags = (tags: Tag[] | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key, Value]));

/** Behaves as TagResource, on topics. */
const tagResource =
  (topics: Topics): Operation =>
  async (input, call) => {
    refuseUnknownParameters(call, input, ["ResourceArn", "Tags"]);
    const topic = topics.get(input.ResourceArn);
    call.authorize("sns:TagResource", topic.arn);
    await topics.put({ ...topic, tags: { ...topic.tags, ...readTags(input.Tags) } });
    return {};
  };

/** Behaves as UntagResource, on topics. */
const untagResource =
  (topics: Topics): Operation =>
  async (input, call) => {
    refuseUnknownParameters(call, input, ["ResourceArn", "TagKeys"]);
    const topic = topics.get(input.ResourceArn);
    call.authorize("sns:UntagResource", topic.arn);
    const keys: string[] = input.TagKeys ?? [];
    await topics.put({ ...topic, tags: Object.fromEntries(Object.entries(topic.tags).filter(([key]) => !keys.includes(key))) });
    return {};
  };

/** Behaves as ListTagsForResource, on topics. */
const listTagsForResource =
  (topics: Topics): Operation =>
  async (input, call) => {
    refuseUnknownParameters(call, input, ["ResourceArn"]);
    const topic = topics.get(input.ResourceArn);
    call.authorize("sns:ListTagsForResource", topic.arn);
    return { Tags: Object.entries(topic.tags).map(([Key, Value]) => ({ Key, Value })) };
  };

export { listTagsForResource, readTags, tagResource, untagResource };
