import { refuseUnknownParameters } from "../../../kernel/parameters";
import { parsePolicy } from "../../../kernel/policy-text";
import type { OperationOf } from "../../../kernel/service";
import { readTags, type Tag, withoutTags } from "../../../kernel/tags";
import type { Secrets } from "../store";

interface OfSecret {
  SecretId: string;
}

const tagResource: OperationOf<Secrets> = async (secrets, input: OfSecret & { Tags: Tag[] }, call) => {
  refuseUnknownParameters(call, input, ["SecretId", "Tags"]);
  const { name, tags } = secrets.openActive(call, input.SecretId);
  await secrets.put(name, { tags: { ...tags, ...readTags(input.Tags) } });
  return {};
};

const untagResource: OperationOf<Secrets> = async (secrets, input: OfSecret & { TagKeys: string[] }, call) => {
  refuseUnknownParameters(call, input, ["SecretId", "TagKeys"]);
  const { name, tags } = secrets.openActive(call, input.SecretId);
  await secrets.put(name, { tags: withoutTags(tags, input.TagKeys) });
  return {};
};

const getResourcePolicy: OperationOf<Secrets> = async (secrets, input: OfSecret, call) => {
  refuseUnknownParameters(call, input, ["SecretId"]);
  const { name, arn, policy } = secrets.openActive(call, input.SecretId);
  return { ARN: arn, Name: name, ResourcePolicy: policy === undefined ? undefined : JSON.stringify(policy) };
};

const MALFORMED = "This resource policy contains invalid Json, or has no statements.";

/** Behaves as PutResourcePolicy; differs: a public policy is not looked for. */
const putResourcePolicy: OperationOf<Secrets> = async (secrets, input: OfSecret & { ResourcePolicy: string }, call) => {
  refuseUnknownParameters(call, input, ["SecretId", "ResourcePolicy", "BlockPublicPolicy"]);
  const { name, arn } = secrets.openActive(call, input.SecretId);
  await secrets.put(name, { policy: parsePolicy(input.ResourcePolicy, "MalformedPolicyDocumentException", MALFORMED) });
  return { ARN: arn, Name: name };
};

const deleteResourcePolicy: OperationOf<Secrets> = async (secrets, input: OfSecret, call) => {
  refuseUnknownParameters(call, input, ["SecretId"]);
  const { name, arn } = secrets.openActive(call, input.SecretId);
  await secrets.put(name, { policy: undefined });
  return { ARN: arn, Name: name };
};

export { deleteResourcePolicy, getResourcePolicy, putResourcePolicy, tagResource, untagResource };
