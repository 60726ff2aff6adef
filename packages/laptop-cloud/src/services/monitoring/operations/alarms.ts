import { AwsError } from "../../../kernel/aws-error";
import { readPageSize } from "../../../kernel/paginate";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { Call, OperationOf } from "../../../kernel/service";
import { type AlarmDefinition, parseAlarm, type StateValue } from "../alarm";
import type { Alarm, Alarms } from "../alarms";
import { alarmArn } from "../notification";

const states: readonly StateValue[] = ["OK", "ALARM", "INSUFFICIENT_DATA"];

/** DescribeAlarms, "MaxRecords". */
const MAX_PAGE_SIZE = 100;

const putMetricAlarm: OperationOf<Alarms> = async (alarms, input: Record<string, unknown>, call) => {
  const definition = parseAlarm(input);
  authorizeAlarm(alarms, call, "PutMetricAlarm", definition.AlarmName);
  await alarms.put(definition, { declared: alarms.find(definition.AlarmName)?.declared ?? false });
  return {};
};

const deleteAlarms: OperationOf<Alarms> = async (alarms, input: { AlarmNames: string[] }, call) => {
  for (const name of input.AlarmNames) authorizeAlarm(alarms, call, "DeleteAlarms", name);
  for (const name of input.AlarmNames) alarms.get(name);
  for (const name of input.AlarmNames) await alarms.delete(name);
  return {};
};

const describeAlarms: OperationOf<Alarms> = async (
  alarms,
  input: {
    AlarmNames?: string[];
    AlarmNamePrefix?: string;
    StateValue?: StateValue;
    AlarmTypes?: string[];
    MaxRecords?: number;
    NextToken?: string;
  },
  call,
) => {
  refuseUnknownParameters(call, input, ["AlarmNames", "AlarmNamePrefix", "StateValue", "AlarmTypes", "MaxRecords", "NextToken"]);
  authorizeAlarm(alarms, call, "DescribeAlarms", "*");
  const { AlarmNames, AlarmNamePrefix = "", StateValue, MaxRecords, NextToken = "" } = input;
  const found = alarms
    .all()
    .filter(
      ({ definition: { AlarmName }, state }) =>
        (AlarmNames?.includes(AlarmName) ?? true) &&
        AlarmName.startsWith(AlarmNamePrefix) &&
        (StateValue === undefined || state === StateValue) &&
        AlarmName > NextToken,
    )
    .sort((a, b) => (a.definition.AlarmName < b.definition.AlarmName ? -1 : 1));
  const page = found.slice(0, readPageSize(MaxRecords, MAX_PAGE_SIZE));
  return {
    MetricAlarms: page.map(alarm => describeAlarm(alarms, alarm)),
    CompositeAlarms: [],
    NextToken: found.length > page.length ? page.at(-1)!.definition.AlarmName : undefined,
  };
};

const setAlarmState: OperationOf<Alarms> = async (
  alarms,
  input: { AlarmName: string; StateValue: StateValue; StateReason: string },
  call,
) => {
  refuseUnknownParameters(call, input, ["AlarmName", "StateValue", "StateReason", "StateReasonData"]);
  authorizeAlarm(alarms, call, "SetAlarmState", input.AlarmName);
  if (!states.includes(input.StateValue))
    throw new AwsError(
      "InvalidParameterValueException",
      `StateValue is ${JSON.stringify(input.StateValue)}, but must be one of ${states.join(", ")}.`,
    );
  await alarms.setState(input.AlarmName, input.StateValue, input.StateReason);
  return {};
};

const authorizeAlarm = ({ cloud }: Alarms, call: Call, action: string, name: string) =>
  call.authorize(`cloudwatch:${action}`, alarmArn(cloud.place, name));

/** An alarm on a sum has queries instead of a metric. */
const describeDefinition = ({ Terms: _, ...definition }: AlarmDefinition) => {
  if (definition.Metrics === undefined) return definition;
  const { Namespace, MetricName, Dimensions, Statistic, Period, ...rest } = definition;
  return rest;
};

const describeAlarm = ({ cloud }: Alarms, { definition, configuredMs, state, reason, changedMs }: Alarm) => ({
  ...describeDefinition(definition),
  AlarmArn: alarmArn(cloud.place, definition.AlarmName),
  AlarmConfigurationUpdatedTimestamp: configuredMs / 1000,
  StateValue: state,
  StateReason: reason,
  StateUpdatedTimestamp: changedMs / 1000,
  StateTransitionedTimestamp: changedMs / 1000,
});

export { deleteAlarms, describeAlarms, putMetricAlarm, setAlarmState };
