import { AwsError } from "../../../kernel/aws-error";
import { paginate } from "../../../kernel/paginate";
import type { OperationOf } from "../../../kernel/service";
import { readTags, type Tag } from "../../../kernel/tags";
import { nameOf } from "../definition";
import { defaultGroup, type Group, groupArn, type Schedules } from "../store";
import { conflict } from "./conflict";

interface Named {
  Name: string;
}

const createScheduleGroup: OperationOf<Schedules> = async (
  schedules,
  input: { Name: string; ClientToken?: string; Tags?: Tag[] },
  call,
) => {
  const name = nameOf(input.Name, "Name");
  call.authorize("scheduler:CreateScheduleGroup", groupArn(schedules.cloud, name));
  const existing = schedules.findGroup(name);
  if (existing === undefined) await schedules.putGroup(name, { clientToken: input.ClientToken, tags: readTags(input.Tags) });
  else if (input.ClientToken === undefined || existing.clientToken !== input.ClientToken)
    throw conflict(`Schedule group ${name} already exists.`);
  return { ScheduleGroupArn: groupArn(schedules.cloud, name) };
};

const getScheduleGroup: OperationOf<Schedules> = async (schedules, { Name }: Named, call) => {
  call.authorize("scheduler:GetScheduleGroup", groupArn(schedules.cloud, Name));
  return describeGroup(schedules, schedules.getGroup(Name));
};

const deleteScheduleGroup: OperationOf<Schedules> = async (schedules, { Name }: Named, call) => {
  call.authorize("scheduler:DeleteScheduleGroup", groupArn(schedules.cloud, Name));
  if (Name === defaultGroup) throw new AwsError("ValidationException", "The default schedule group can't be deleted.");
  await schedules.deleteGroup(Name);
  return {};
};

const listScheduleGroups: OperationOf<Schedules> = async (
  schedules,
  input: Partial<Record<"NamePrefix" | "NextToken" | "MaxResults", string>>,
  call,
) => {
  call.authorize("scheduler:ListScheduleGroups", groupArn(schedules.cloud, "*"));
  const chosen = schedules.allGroups().filter(({ name }) => name.startsWith(input.NamePrefix ?? ""));
  const { page, NextToken } = paginate(chosen, ({ name }) => name, input);
  return { NextToken, ScheduleGroups: page.map(group => describeGroup(schedules, group)) };
};

const describeGroup = ({ cloud }: Schedules, { name, createdMs }: Group) => ({
  Arn: groupArn(cloud, name),
  Name: name,
  State: "ACTIVE",
  CreationDate: createdMs / 1000,
  LastModificationDate: createdMs / 1000,
});

export { createScheduleGroup, deleteScheduleGroup, getScheduleGroup, listScheduleGroups };
