import { AwsError, notImitated } from "../../../kernel/aws-error";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { Call, OperationOf } from "../../../kernel/service";
import { listTags, readTags, type Tag, withoutTags } from "../../../kernel/tags";
import type { Parameter } from "../parameter";
import type { Parameters } from "../store";

interface TagAddress {
  ResourceType: string;
  ResourceId: string;
}

const addTagsToResource: OperationOf<Parameters> = async (parameters, input: TagAddress & { Tags: Tag[] }, call) => {
  refuseUnknownParameters(call, input, ["ResourceType", "ResourceId", "Tags"]);
  const parameter = open(parameters, call, input);
  await parameters.put({ ...parameter, tags: { ...parameter.tags, ...readTags(input.Tags) } });
  return {};
};

const removeTagsFromResource: OperationOf<Parameters> = async (parameters, input: TagAddress & { TagKeys: string[] }, call) => {
  refuseUnknownParameters(call, input, ["ResourceType", "ResourceId", "TagKeys"]);
  const parameter = open(parameters, call, input);
  await parameters.put({ ...parameter, tags: withoutTags(parameter.tags, input.TagKeys) });
  return {};
};

const listTagsForResource: OperationOf<Parameters> = async (parameters, input: TagAddress, call) => {
  refuseUnknownParameters(call, input, ["ResourceType", "ResourceId"]);
  const { tags } = open(parameters, call, input);
  return { TagList: listTags(tags) };
};

/** Throws `AwsError` InvalidResourceId. */
const open = (parameters: Parameters, call: Call, { ResourceType, ResourceId }: TagAddress): Parameter => {
  if (ResourceType !== "Parameter") throw notImitated(`the resource type ${ResourceType} of ssm:${call.operation}`);
  call.authorize(`ssm:${call.operation}`, parameters.arnOf(ResourceId));
  const parameter = parameters.find(ResourceId);
  if (parameter === undefined) throw new AwsError("InvalidResourceId", `There is no parameter ${JSON.stringify(ResourceId)}.`);
  return parameter;
};

export { addTagsToResource, listTagsForResource, removeTagsFromResource };
