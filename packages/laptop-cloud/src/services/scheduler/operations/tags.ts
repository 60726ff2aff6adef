import { AwsError } from "../../../kernel/aws-error";
import type { Operation } from "../../../kernel/service";
import type { Group, Schedules } from "../store";

interface Tag {
  Key: string;
  Value: string;
}

const listTagsForResource =
  (schedules: Schedules): Operation =>
  async ({ ResourceArn }: { ResourceArn: string }, call) => {
    call.authorize("scheduler:ListTagsForResource", ResourceArn);
    return { Tags: Object.entries(groupOf(schedules, ResourceArn).tags).map(([Key, Value]) => ({ Key, Value })) };
  };

const tagResource =
  (schedules: Schedules): Operation =>
  async ({ ResourceArn, Tags }: { ResourceArn: string; Tags: Tag[] }, call) => {
    call.authorize("scheduler:TagResource", ResourceArn);
    const { name, tags } = groupOf(schedules, ResourceArn);
    await schedules.putGroup(name, { tags: { ...tags, ...toTags(Tags) } });
    return {};
  };

const untagResource =
  (schedules: Schedules): Operation =>
  async ({ ResourceArn, TagKeys }: { ResourceArn: string; TagKeys: string[] }, call) => {
    call.authorize("scheduler:UntagResource", ResourceArn);
    const { name, tags } = groupOf(schedules, ResourceArn);
    await schedules.putGroup(name, { tags: Object.fromEntries(Object.entries(tags).filter(([key]) => !TagKeys.includes(key))) });
    return {};
  };

/** Throws `AwsError` ValidationException, ResourceNotFoundException. */
const groupOf = (schedules: Schedules, arn: string): Group => {
  const name = arn.split(":schedule-group/")[1];
  if (name === undefined) throw new AwsError("ValidationException", `${JSON.stringify(arn)} is not the ARN of a schedule group.`);
  return schedules.getGroup(name);
};

const toTags = (tags: Tag[] = []): Record<string, string> => Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));

export type { Tag };
export { listTagsForResource, tagResource, toTags, untagResource };
