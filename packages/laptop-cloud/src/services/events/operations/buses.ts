import { AwsError } from "../../../kernel/aws-error";
import { paginate } from "../../../kernel/paginate";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { OperationOf } from "../../../kernel/service";
import { readTags, type Tag } from "../../../kernel/tags";
import { busNameOf, DEFAULT_BUS, invalid, isName } from "../names";
import { parsePolicy, permissionStatement, withoutStatement, withStatement } from "../policy";
import type { Bus, Buses } from "../store";

/** Behaves as CreateEventBus; differs: no partner event sources, logs and encryption. */
const createEventBus: OperationOf<Buses> = async (buses, input: { Name: string; Description?: string; Tags?: Tag[] }, call) => {
  refuseUnknownParameters(call, input, ["Name", "Description", "Tags"]);
  const { Name, Description: description, Tags } = input;
  if (!isName(Name, 256)) throw invalid(`The bus's name is ${JSON.stringify(Name)}, but must be 1 to 256 letters, digits, . - or _.`);
  call.authorize("events:CreateEventBus", buses.busArn(Name));
  if (buses.findBus(Name) !== undefined) throw new AwsError("ResourceAlreadyExistsException", `Event bus ${Name} already exists.`);
  await buses.putBus(Name, { description, tags: readTags(Tags) });
  return { EventBusArn: buses.busArn(Name), Description: description };
};

/** Behaves as DeleteEventBus: a missing bus is no error, and the default bus stays. */
const deleteEventBus: OperationOf<Buses> = async (buses, input: { Name: string }, call) => {
  refuseUnknownParameters(call, input, ["Name"]);
  const name = busNameOf(input.Name);
  call.authorize("events:DeleteEventBus", buses.busArn(name));
  if (name === DEFAULT_BUS) throw invalid("Cannot delete event bus default.");
  if (buses.findBus(name) !== undefined) await buses.deleteBus(name);
  return {};
};

const describeEventBus: OperationOf<Buses> = async (buses, input: { Name?: string }, call) => {
  refuseUnknownParameters(call, input, ["Name"]);
  const bus = buses.bus(input.Name);
  buses.authorizeBus(call, "DescribeEventBus", bus);
  return describe(buses, bus);
};

const listEventBuses: OperationOf<Buses> = async (buses, input: { NamePrefix?: string; NextToken?: string; Limit?: number }, call) => {
  refuseUnknownParameters(call, input, ["NamePrefix", "NextToken", "Limit"]);
  call.authorize("events:ListEventBuses", buses.busArn("*"));
  const chosen = buses.buses().filter(({ name }) => name.startsWith(input.NamePrefix ?? ""));
  const { page, NextToken } = paginate(chosen, ({ name }) => name, { ...input, MaxResults: input.Limit });
  return { EventBuses: page.map(bus => describe(buses, bus)), NextToken };
};

/** Behaves as PutPermission; differs: no conditions on organizations. */
const putPermission: OperationOf<Buses> = async (
  buses,
  input: { EventBusName?: string; Policy?: string; StatementId?: string; Principal?: string; Action?: string },
  call,
) => {
  refuseUnknownParameters(call, input, ["EventBusName", "Policy", "StatementId", "Principal", "Action"]);
  const bus = buses.bus(input.EventBusName);
  buses.authorizeBus(call, "PutPermission", bus);
  const { Policy, StatementId = "", Principal = "", Action } = input;
  const policy =
    Policy === undefined
      ? withStatement(bus.policy, permissionStatement({ StatementId, Principal, Action, busArn: buses.busArn(bus.name) }))
      : parsePolicy(Policy);
  await buses.putBus(bus.name, { policy });
  return {};
};

const removePermission: OperationOf<Buses> = async (
  buses,
  input: { EventBusName?: string; StatementId?: string; RemoveAllPermissions?: boolean },
  call,
) => {
  refuseUnknownParameters(call, input, ["EventBusName", "StatementId", "RemoveAllPermissions"]);
  const bus = buses.bus(input.EventBusName);
  buses.authorizeBus(call, "RemovePermission", bus);
  const policy = input.RemoveAllPermissions === true ? undefined : withoutStatement(bus.policy, input.StatementId);
  await buses.putBus(bus.name, { policy });
  return {};
};

const describe = (buses: Buses, { name, description, policy, createdMs }: Bus) => ({
  Name: name,
  Arn: buses.busArn(name),
  Description: description,
  Policy: policy === undefined ? undefined : JSON.stringify(policy),
  CreationTime: createdMs / 1000,
  LastModifiedTime: createdMs / 1000,
});

export { createEventBus, deleteEventBus, describeEventBus, listEventBuses, putPermission, removePermission };
