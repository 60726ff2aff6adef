import { AwsError } from "../../../kernel/aws-error";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { OperationOf } from "../../../kernel/service";
import type { LogGroup } from "../log-group";
import { paginate } from "../page";
import { RETENTION_DAYS } from "../resources";
import type { LogGroups } from "../store";

interface Named {
  logGroupName: string;
}

/** DescribeLogGroups: "limit". */
const MAX_GROUPS = 50;

/** Behaves as CreateLogGroup; differs: the class is STANDARD, a key is not used. */
const createLogGroup: OperationOf<LogGroups> = async (groups, input: Named & { tags?: Record<string, string> }, call) => {
  refuseUnknownParameters(call, input, ["logGroupName", "tags", "kmsKeyId"]);
  call.authorize("logs:CreateLogGroup", `${groups.arnOf(input.logGroupName)}:log-stream:`);
  if (!/^[\w./#-]{1,512}$/.test(input.logGroupName)) {
    throw new AwsError(
      "InvalidParameterException",
      `logGroupName is ${JSON.stringify(input.logGroupName)}, but may contain only letters, digits and ._-/#.`,
    );
  }
  await groups.create(input.logGroupName, { tags: input.tags ?? {} });
  return {};
};

const deleteLogGroup: OperationOf<LogGroups> = async (groups, { logGroupName }: Named, call) => {
  call.authorize("logs:DeleteLogGroup", `${groups.arnOf(logGroupName)}:log-stream:`);
  await groups.delete(groups.find(logGroupName));
  return {};
};

/** Behaves as DescribeLogGroups; differs: there are no linked accounts, and one class. */
const describeLogGroups: OperationOf<LogGroups> = async (
  groups,
  input: { logGroupNamePrefix?: string; logGroupNamePattern?: string; limit?: number; nextToken?: string },
  call,
) => {
  refuseUnknownParameters(call, input, ["logGroupNamePrefix", "logGroupNamePattern", "limit", "nextToken", "includeLinkedAccounts"]);
  call.authorize("logs:DescribeLogGroups", `${groups.arnOf("")}:log-stream:`);
  const { logGroupNamePrefix = "", logGroupNamePattern = "", limit, nextToken } = input;
  const all = groups.all().filter(({ name }) => name.startsWith(logGroupNamePrefix) && name.includes(logGroupNamePattern));
  const { page, ...rest } = paginate(all, nextToken, limit, MAX_GROUPS);
  return { logGroups: page.map(group => describe(groups, group)), ...rest };
};

const describe = (groups: LogGroups, group: LogGroup) => ({
  logGroupName: group.name,
  creationTime: group.settings.creationMs,
  ...(group.settings.retentionDays === undefined ? {} : { retentionInDays: group.settings.retentionDays }),
  metricFilterCount: 0,
  arn: `${groups.arnOf(group.name)}:*`,
  logGroupArn: groups.arnOf(group.name),
  logGroupClass: "STANDARD",
  storedBytes: group.storedBytes,
});

const putRetentionPolicy: OperationOf<LogGroups> = async (
  groups,
  { logGroupName, retentionInDays }: Named & { retentionInDays: number },
  call,
) => {
  call.authorize("logs:PutRetentionPolicy", `${groups.arnOf(logGroupName)}:log-stream:`);
  const group = groups.find(logGroupName);
  if (!RETENTION_DAYS.includes(retentionInDays)) {
    throw new AwsError(
      "InvalidParameterException",
      `retentionInDays is ${JSON.stringify(retentionInDays)}, but must be one of ${RETENTION_DAYS.join(", ")}.`,
    );
  }
  group.settings.retentionDays = retentionInDays;
  await groups.save(group);
  return {};
};

const deleteRetentionPolicy: OperationOf<LogGroups> = async (groups, { logGroupName }: Named, call) => {
  call.authorize("logs:DeleteRetentionPolicy", `${groups.arnOf(logGroupName)}:log-stream:`);
  const group = groups.find(logGroupName);
  group.settings.retentionDays = undefined;
  await groups.save(group);
  return {};
};

const listTagsForResource: OperationOf<LogGroups> = async (groups, { resourceArn }: { resourceArn: string }, call) => {
  call.authorize("logs:ListTagsForResource", resourceArn);
  return { tags: findByArn(groups, resourceArn).settings.tags };
};

const tagResource: OperationOf<LogGroups> = async (
  groups,
  { resourceArn, tags }: { resourceArn: string; tags: Record<string, string> },
  call,
) => {
  call.authorize("logs:TagResource", resourceArn);
  const group = findByArn(groups, resourceArn);
  Object.assign(group.settings.tags, tags);
  await groups.save(group);
  return {};
};

const untagResource: OperationOf<LogGroups> = async (
  groups,
  { resourceArn, tagKeys }: { resourceArn: string; tagKeys: string[] },
  call,
) => {
  call.authorize("logs:UntagResource", resourceArn);
  const group = findByArn(groups, resourceArn);
  for (const key of tagKeys) delete group.settings.tags[key];
  await groups.save(group);
  return {};
};

const findByArn = (groups: LogGroups, arn: string): LogGroup => groups.find(arn.split(":log-group:")[1]?.replace(/:\*$/, "") ?? "");

export {
  createLogGroup,
  deleteLogGroup,
  deleteRetentionPolicy,
  describeLogGroups,
  listTagsForResource,
  putRetentionPolicy,
  tagResource,
  untagResource,
};
