import { AwsError } from "../../../kernel/aws-error";
import type { OperationOf } from "../../../kernel/service";
import { listTags, readTags, type Tag, withoutTags } from "../../../kernel/tags";
import type { Group, Schedules } from "../store";

const listTagsForResource: OperationOf<Schedules> = async (schedules, { ResourceArn }: { ResourceArn: string }, call) => {
  call.authorize("scheduler:ListTagsForResource", ResourceArn);
  return { Tags: listTags(groupOf(schedules, ResourceArn).tags) };
};

const tagResource: OperationOf<Schedules> = async (schedules, { ResourceArn, Tags }: { ResourceArn: string; Tags: Tag[] }, call) => {
  call.authorize("scheduler:TagResource", ResourceArn);
  const { name, tags } = groupOf(schedules, ResourceArn);
  await schedules.putGroup(name, { tags: { ...tags, ...readTags(Tags) } });
  return {};
};

const untagResource: OperationOf<Schedules> = async (
  schedules,
  { ResourceArn, TagKeys }: { ResourceArn: string; TagKeys: string[] },
  call,
) => {
  call.authorize("scheduler:UntagResource", ResourceArn);
  const { name, tags } = groupOf(schedules, ResourceArn);
  await schedules.putGroup(name, { tags: withoutTags(tags, TagKeys) });
  return {};
};

/** Throws `AwsError` ValidationException, ResourceNotFoundException. */
const groupOf = (schedules: Schedules, arn: string): Group => {
  const name = arn.split(":schedule-group/")[1];
  if (name === undefined) throw new AwsError("ValidationException", `${JSON.stringify(arn)} is not the ARN of a schedule group.`);
  return schedules.getGroup(name);
};

export { listTagsForResource, tagResource, untagResource };
