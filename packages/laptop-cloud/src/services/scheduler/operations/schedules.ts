import { paginate } from "../../../kernel/paginate";
import type { Call, OperationOf } from "../../../kernel/service";
import { parseDefinition, type ScheduleDefinition } from "../definition";
import { defaultGroup, type Schedule, type Schedules, scheduleArn } from "../store";
import { conflict } from "./conflict";

interface Named {
  Name: string;
  GroupName?: string;
}

const createSchedule: OperationOf<Schedules> = async (schedules, input: Record<string, unknown>, call) => {
  const definition = parseDefinition(input);
  const { GroupName, Name } = definition;
  authorize(schedules, call, "CreateSchedule", GroupName, Name);
  authorizePass(call, definition);
  const existing = schedules.find(GroupName, Name);
  const clientToken = tokenOf(input);
  if (existing === undefined) await schedules.put(definition, { declared: false, clientToken, trace: call.caller.trace });
  else if (!isRepeated(existing, clientToken, definition)) throw conflict(`Schedule ${Name} already exists.`);
  return { ScheduleArn: scheduleArn(schedules.cloud, GroupName, Name) };
};

const updateSchedule: OperationOf<Schedules> = async (schedules, input: Record<string, unknown>, call) => {
  const definition = parseDefinition(input);
  const { GroupName, Name } = definition;
  authorize(schedules, call, "UpdateSchedule", GroupName, Name);
  authorizePass(call, definition);
  const { declared } = schedules.get(GroupName, Name);
  await schedules.put(definition, { declared, clientToken: tokenOf(input), trace: call.caller.trace });
  return { ScheduleArn: scheduleArn(schedules.cloud, GroupName, Name) };
};

const getSchedule: OperationOf<Schedules> = async (schedules, { Name, GroupName = defaultGroup }: Named, call) => {
  authorize(schedules, call, "GetSchedule", GroupName, Name);
  const { definition, createdMs, modifiedMs } = schedules.get(GroupName, Name);
  return {
    ...definition,
    Arn: scheduleArn(schedules.cloud, GroupName, Name),
    CreationDate: createdMs / 1000,
    LastModificationDate: modifiedMs / 1000,
  };
};

const deleteSchedule: OperationOf<Schedules> = async (schedules, { Name, GroupName = defaultGroup }: Named, call) => {
  authorize(schedules, call, "DeleteSchedule", GroupName, Name);
  await schedules.delete(GroupName, Name);
  return {};
};

const listSchedules: OperationOf<Schedules> = async (
  schedules,
  input: Partial<Record<"GroupName" | "NamePrefix" | "State" | "NextToken" | "MaxResults", string>>,
  call,
) => {
  call.authorize("scheduler:ListSchedules", scheduleArn(schedules.cloud, input.GroupName ?? "*", "*"));
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
      Arn: scheduleArn(schedules.cloud, definition.GroupName, definition.Name),
      Name: definition.Name,
      GroupName: definition.GroupName,
      State: definition.State,
      CreationDate: createdMs / 1000,
      LastModificationDate: modifiedMs / 1000,
      Target: { Arn: definition.Target.Arn },
    })),
  };
};

const authorize = ({ cloud }: Schedules, call: Call, action: string, groupName: string, name: string) =>
  call.authorize(`scheduler:${action}`, scheduleArn(cloud, groupName, name));

/** Giving the scheduler a role needs `iam:PassRole`. */
const authorizePass = (call: Call, { Target }: ScheduleDefinition) =>
  call.authorize("iam:PassRole", Target.RoleArn, { context: { "iam:PassedToService": "scheduler.amazonaws.com" } });

const tokenOf = (input: Record<string, unknown>) => (typeof input["ClientToken"] === "string" ? input["ClientToken"] : undefined);

/** A retry of the request that created the schedule: it has the same client token. */
const isRepeated = (existing: Schedule, clientToken: string | undefined, definition: ScheduleDefinition) =>
  clientToken !== undefined && existing.clientToken === clientToken && JSON.stringify(existing.definition) === JSON.stringify(definition);

export { createSchedule, deleteSchedule, getSchedule, listSchedules, updateSchedule };
