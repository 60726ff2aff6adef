import { acts, inert, physicalName, refusalOf } from "../../kernel/declared";
import type { Declared, ResourceKind } from "../../kernel/service";
import { parseDefinition, type ScheduleDefinition } from "./definition";
import { defaultGroup, groupArn, scheduleArn } from "./store";

/** The resource types of `aws.scheduler` that are imitated. */
const resources: Record<string, ResourceKind> = {
  "aws:scheduler/schedule:Schedule": {
    properties: {
      ...acts("name", "namePrefix", "groupName", "scheduleExpression", "scheduleExpressionTimezone", "startDate", "endDate"),
      ...acts("flexibleTimeWindow", "state", "actionAfterCompletion", "target", "description"),
      ...inert("nothing on a laptop is encrypted by KMS", "kmsKeyArn"),
    },
    check: declared => refusalOf(() => readDeclared(declared)),
    outputs: (declared, place) => {
      const { Name, GroupName } = readDeclared(declared);
      return { id: `${GroupName}/${Name}`, name: Name, groupName: GroupName, arn: scheduleArn({ place }, GroupName, Name) };
    },
  },

  "aws:scheduler/scheduleGroup:ScheduleGroup": {
    properties: { ...acts("name", "namePrefix", "tags"), ...inert("tags are enough", "tagsAll") },
    outputs: (declared, place) => {
      const name = physicalName(declared);
      return { id: name, name, arn: groupArn({ place }, name), state: "ACTIVE" };
    },
  },
};

/** A declared schedule in the format of CreateSchedule. Throws `AwsError`. */
const readDeclared = (declared: Declared): ScheduleDefinition => {
  const { name: _name, namePrefix: _prefix, kmsKeyArn: _key, region: _region, groupName = defaultGroup, ...inputs } = declared.inputs;
  return parseDefinition(capitalized({ ...inputs, name: physicalName(declared), groupName }));
};

/** Converts Pulumi's property names to those of the API, which begin with a capital letter. */
const capitalized = (inputs: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [
      name[0]!.toUpperCase() + name.slice(1),
      typeof value === "object" && value !== null ? capitalized(value as Record<string, unknown>) : value,
    ]),
  );

export { readDeclared, resources };
