import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { OperationOf } from "../../../kernel/service";
import { withoutTags } from "../../../kernel/tags";
import { refusePending } from "../key-state";
import type { Keys } from "../store";

interface Tag {
  TagKey: string;
  TagValue: string;
}

const parseTags = (tags: readonly Tag[]) => Object.fromEntries(tags.map(({ TagKey, TagValue }) => [TagKey, TagValue]));

const tagResource: OperationOf<Keys> = async (keys, input: { KeyId: string; Tags: Tag[] }, call) => {
  refuseUnknownParameters(call, input, ["KeyId", "Tags"]);
  const key = keys.open(call, input.KeyId);
  refusePending(key);
  await keys.change(key, { tags: { ...key.tags, ...parseTags(input.Tags) } });
  return {};
};

const untagResource: OperationOf<Keys> = async (keys, input: { KeyId: string; TagKeys: string[] }, call) => {
  refuseUnknownParameters(call, input, ["KeyId", "TagKeys"]);
  const key = keys.open(call, input.KeyId);
  refusePending(key);
  await keys.change(key, { tags: withoutTags(key.tags, input.TagKeys) });
  return {};
};

const listResourceTags: OperationOf<Keys> = async (keys, input: { KeyId: string }, call) => {
  refuseUnknownParameters(call, input, ["KeyId", "Limit", "Marker"]);
  const { tags } = keys.open(call, input.KeyId);
  return { Tags: Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })), Truncated: false };
};

export type { Tag };
export { listResourceTags, parseTags, tagResource, untagResource };
