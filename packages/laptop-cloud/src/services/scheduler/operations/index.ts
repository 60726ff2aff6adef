import { AwsError } from "../../../kernel/aws-error";
import type { Call, Cloud, Operation, RestRequest, RestRoute } from "../../../kernel/service";
import { nameOf, parseDefinition, type ScheduleDefinition } from "../definition";
import { defaultGroup, type Group, groupArn, type Schedule, type Schedules, scheduleArn } from "../store";

/** Some parameters have another name on the wire than in the SDKs. */
const named = ({ parameters, query }: RestRequest) => ({
  ...parameters,
  GroupName: query.get("groupName") ?? undefined,
  ClientToken: query.get("clientToken") ?? undefined,
});

/** Where the operations lie (EventBridge Scheduler API reference). */
const routes: RestRoute[] = [
  { method: "POST", path: "/schedules/{Name}", operation: "CreateSchedule" },
  { method: "GET", path: "/schedules/{Name}", operation: "GetSchedule", read: named },
  { method: "PUT", path: "/schedules/{Name}", operation: "UpdateSchedule" },
  { method: "DELETE", path: "/schedules/{Name}", operation: "DeleteSchedule", read: named },
  {
    method: "GET",
    path: "/schedules",
    operation: "ListSchedules",
    read: ({ query }) => ({ ...Object.fromEntries(query), GroupName: query.get("ScheduleGroup") ?? undefined }),
  },
  { method: "POST", path: "/schedule-groups/{Name}", operation: "CreateScheduleGroup" },
  { method: "GET", path: "/schedule-groups/{Name}", operation: "GetScheduleGroup" },
  { method: "DELETE", path: "/schedule-groups/{Name}", operation: "DeleteScheduleGroup", read: named },
  { method: "GET", path: "/schedule-groups", operation: "ListScheduleGroups" },
  { method: "GET", path: "/tags/{ResourceArn}", operation: "ListTagsForResource" },
  { method: "POST", path: "/tags/{ResourceArn}", operation: "TagResource" },
  {
    method: "DELETE",
    path: "/tags/{ResourceArn}",
    operation: "UntagResource",
    read: ({ parameters, query }) => ({ ...parameters, TagKeys: query.getAll("TagKeys") }),
  },
];

interface Named {
  Name: string;
  GroupName?: string;
}

interface Tag {
  Key: string;
  Value: string;
}

const largestPage = 100;

/**
 * The operations on schedules and groups. Each behaves as its page in the EventBridge Scheduler API reference; differs: whether a
 * role trusts the scheduler shows when the schedule fires, and a group is gone as soon as it is deleted.
 */
const createOperations = (cloud: Cloud, schedules: Schedules): Record<string, Operation> => {
  const authorize = (call: Call, action: string, groupName: string, name: string) =>
    call.authorize(`scheduler:${action}`, scheduleArn(cloud, groupName, name));
  /** Whoever gives a role to the scheduler needs leave to do that. */
  const authorizePass = (call: Call, { Target }: ScheduleDefinition) =>
    call.authorize("iam:PassRole", Target.RoleArn, { context: { "iam:PassedToService": "scheduler.amazonaws.com" } });
  const groupOf = (arn: string): Group => {
    const name = arn.split(":schedule-group/")[1];
    if (name === undefined) throw new AwsError("ValidationException", `${JSON.stringify(arn)} is not the ARN of a schedule group.`);
    return schedules.getGroup(name);
  };

  return {
    /** No operation of AWS: when each schedule comes due next, for the page. */
    "laptop:ListTimers": async (_input: object, call) => {
      call.authorize("scheduler:ListSchedules", "*");
      return {
        Timers: schedules.all().map(({ definition, nextMs }) => ({
          Name: definition.Name,
          GroupName: definition.GroupName,
          ScheduleExpression: definition.ScheduleExpression,
          TargetArn: definition.Target.Arn,
          Input: definition.Target.Input,
          nextMs,
        })),
      };
    },

    CreateSchedule: async (input: Record<string, unknown>, call) => {
      const definition = parseDefinition(input);
      const { GroupName, Name } = definition;
      authorize(call, "CreateSchedule", GroupName, Name);
      authorizePass(call, definition);
      const existing = schedules.find(GroupName, Name);
      const clientToken = tokenOf(input);
      if (existing === undefined) await schedules.put(definition, { declared: false, clientToken, trace: call.caller.trace });
      else if (!isRepeated(existing, clientToken, definition)) throw conflict(`Schedule ${Name} already exists.`);
      return { ScheduleArn: scheduleArn(cloud, GroupName, Name) };
    },

    UpdateSchedule: async (input: Record<string, unknown>, call) => {
      const definition = parseDefinition(input);
      const { GroupName, Name } = definition;
      authorize(call, "UpdateSchedule", GroupName, Name);
      authorizePass(call, definition);
      const { declared } = schedules.get(GroupName, Name);
      await schedules.put(definition, { declared, clientToken: tokenOf(input), trace: call.caller.trace });
      return { ScheduleArn: scheduleArn(cloud, GroupName, Name) };
    },

    GetSchedule: async ({ Name, GroupName = defaultGroup }: Named, call) => {
      authorize(call, "GetSchedule", GroupName, Name);
      const { definition, createdMs, modifiedMs } = schedules.get(GroupName, Name);
      return {
        ...definition,
        Arn: scheduleArn(cloud, GroupName, Name),
        CreationDate: createdMs / 1000,
        LastModificationDate: modifiedMs / 1000,
      };
    },

    DeleteSchedule: async ({ Name, GroupName = defaultGroup }: Named, call) => {
      authorize(call, "DeleteSchedule", GroupName, Name);
      await schedules.delete(GroupName, Name);
      return {};
    },

    ListSchedules: async (input: Partial<Record<"GroupName" | "NamePrefix" | "State" | "NextToken" | "MaxResults", string>>, call) => {
      call.authorize("scheduler:ListSchedules", scheduleArn(cloud, input.GroupName ?? "*", "*"));
      const chosen = schedules
        .all()
        .filter(
          ({ definition }) =>
            (input.GroupName === undefined || definition.GroupName === input.GroupName) &&
            (input.State === undefined || definition.State === input.State) &&
            definition.Name.startsWith(input.NamePrefix ?? ""),
        );
      const { page, NextToken } = paginate(chosen, ({ definition }) => `${definition.GroupName}/${definition.Name}`, input);
      return {
        NextToken,
        Schedules: page.map(({ definition, createdMs, modifiedMs }) => ({
          Arn: scheduleArn(cloud, definition.GroupName, definition.Name),
          Name: definition.Name,
          GroupName: definition.GroupName,
          State: definition.State,
          CreationDate: createdMs / 1000,
          LastModificationDate: modifiedMs / 1000,
          Target: { Arn: definition.Target.Arn },
        })),
      };
    },

    CreateScheduleGroup: async (input: { Name: string; ClientToken?: string; Tags?: Tag[] }, call) => {
      const name = nameOf(input.Name, "Name");
      call.authorize("scheduler:CreateScheduleGroup", groupArn(cloud, name));
      const existing = schedules.findGroup(name);
      if (existing === undefined) await schedules.putGroup(name, { clientToken: input.ClientToken, tags: toTags(input.Tags) });
      else if (input.ClientToken === undefined || existing.clientToken !== input.ClientToken)
        throw conflict(`Schedule group ${name} already exists.`);
      return { ScheduleGroupArn: groupArn(cloud, name) };
    },

    GetScheduleGroup: async ({ Name }: Named, call) => {
      call.authorize("scheduler:GetScheduleGroup", groupArn(cloud, Name));
      return describeGroup(cloud, schedules.getGroup(Name));
    },

    DeleteScheduleGroup: async ({ Name }: Named, call) => {
      call.authorize("scheduler:DeleteScheduleGroup", groupArn(cloud, Name));
      if (Name === defaultGroup) throw new AwsError("ValidationException", "The default schedule group can't be deleted.");
      await schedules.deleteGroup(Name);
      return {};
    },

    ListScheduleGroups: async (input: Partial<Record<"NamePrefix" | "NextToken" | "MaxResults", string>>, call) => {
      call.authorize("scheduler:ListScheduleGroups", groupArn(cloud, "*"));
      const chosen = schedules.allGroups().filter(({ name }) => name.startsWith(input.NamePrefix ?? ""));
      const { page, NextToken } = paginate(chosen, ({ name }) => name, input);
      return { NextToken, ScheduleGroups: page.map(group => describeGroup(cloud, group)) };
    },

    ListTagsForResource: async ({ ResourceArn }: { ResourceArn: string }, call) => {
      call.authorize("scheduler:ListTagsForResource", ResourceArn);
      return { Tags: Object.entries(groupOf(ResourceArn).tags).map(([Key, Value]) => ({ Key, Value })) };
    },

    TagResource: async ({ ResourceArn, Tags }: { ResourceArn: string; Tags: Tag[] }, call) => {
      call.authorize("scheduler:TagResource", ResourceArn);
      const { name, tags } = groupOf(ResourceArn);
      await schedules.putGroup(name, { tags: { ...tags, ...toTags(Tags) } });
      return {};
    },

    UntagResource: async ({ ResourceArn, TagKeys }: { ResourceArn: string; TagKeys: string[] }, call) => {
      call.authorize("scheduler:UntagResource", ResourceArn);
      const { name, tags } = groupOf(ResourceArn);
      await schedules.putGroup(name, { tags: Object.fromEntries(Object.entries(tags).filter(([key]) => !TagKeys.includes(key))) });
      return {};
    },
  };
};

const tokenOf = (input: Record<string, unknown>) => (typeof input["ClientToken"] === "string" ? input["ClientToken"] : undefined);

/** A request that is sent again with its token has been answered already. */
const isRepeated = (existing: Schedule, clientToken: string | undefined, definition: ScheduleDefinition) =>
  clientToken !== undefined && existing.clientToken === clientToken && JSON.stringify(existing.definition) === JSON.stringify(definition);

const conflict = (message: string) => new AwsError("ConflictException", message, 409);

const toTags = (tags: Tag[] = []): Record<string, string> => Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));

const describeGroup = (cloud: Cloud, { name, createdMs }: Group) => ({
  Arn: groupArn(cloud, name),
  Name: name,
  State: "ACTIVE",
  CreationDate: createdMs / 1000,
  LastModificationDate: createdMs / 1000,
});

/** Pages in order of `keyOf`; the token is the last key of the page before. */
const paginate = <T>(items: T[], keyOf: (item: T) => string, { NextToken, MaxResults }: { NextToken?: string; MaxResults?: string }) => {
  const size = Math.min(largestPage, Number(MaxResults ?? largestPage));
  const after = NextToken === undefined ? "" : Buffer.from(NextToken, "base64url").toString("utf8");
  const rest = items.filter(item => keyOf(item) > after).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const page = rest.slice(0, size);
  return { page, NextToken: rest.length > page.length ? Buffer.from(keyOf(page.at(-1)!)).toString("base64url") : undefined };
};

export { createOperations, routes };
