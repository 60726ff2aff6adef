import { AwsError, notImitated } from "../../../kernel/aws-error";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { Call, Cloud, Operation } from "../../../kernel/service";
import { type AlarmDefinition, parseAlarm, type StateValue } from "../alarm";
import type { Alarm, Alarms } from "../alarms";
import { alarmArn } from "../notification";
import { isStatistic, type StatisticSet, setOf, statisticOf } from "../statistic";
import type { Dimension, Metric, Metrics } from "../store";

interface Datum {
  MetricName: string;
  Dimensions?: Dimension[];
  /** Epoch seconds. */
  Timestamp?: number;
  Value?: number;
  Values?: number[];
  Counts?: number[];
  StatisticValues?: { SampleCount: number; Sum: number; Minimum: number; Maximum: number };
}

interface MetricStat {
  Metric: { Namespace: string; MetricName: string; Dimensions?: Dimension[] };
  Period: number;
  Stat: string;
}

const states: readonly StateValue[] = ["OK", "ALARM", "INSUFFICIENT_DATA"];
/** Of DescribeAlarms, and the most that it gives. */
const largestPage = 100;

/**
 * The operations on metrics and alarms. Each behaves as its page in the CloudWatch API reference; differs: units are not told apart,
 * values of a minute are kept together and for a day, and metrics are on one page.
 */
const createOperations = (cloud: Cloud, metrics: Metrics, alarms: Alarms): Record<string, Operation> => {
  const authorizeAlarm = (call: Call, action: string, name: string) => call.authorize(`cloudwatch:${action}`, alarmArn(cloud.place, name));

  return {
    PutMetricData: async (input: { Namespace: string; MetricData?: Datum[] }, call) => {
      refuseUnknownParameters(call, input, ["Namespace", "MetricData"]);
      const { Namespace, MetricData = [] } = input;
      // Services of AWS measure themselves; they need nobody's leave.
      if (call.caller.kind !== "service")
        call.authorize("cloudwatch:PutMetricData", "*", { context: { "cloudwatch:namespace": Namespace } });
      if (Namespace.startsWith("AWS/") && call.caller.kind === "function")
        throw new AwsError("InvalidParameterValueException", `The namespace ${Namespace} is kept for AWS's own metrics.`);
      const nowMs = cloud.clock.nowMs();
      await metrics.put(
        MetricData.map(datum => ({
          metric: { Namespace, MetricName: datum.MetricName, Dimensions: datum.Dimensions ?? [] },
          atMs: datum.Timestamp === undefined ? nowMs : datum.Timestamp * 1000,
          set: readDatum(datum),
        })),
      );
      return {};
    },

    ListMetrics: async (input: { Namespace?: string; MetricName?: string; Dimensions?: Partial<Dimension>[] }, call) => {
      refuseUnknownParameters(call, input, ["Namespace", "MetricName", "Dimensions"]);
      call.authorize("cloudwatch:ListMetrics", "*");
      const { Namespace, MetricName, Dimensions = [] } = input;
      const found = metrics
        .all()
        .filter(
          metric =>
            (Namespace === undefined || metric.Namespace === Namespace) &&
            (MetricName === undefined || metric.MetricName === MetricName) &&
            Dimensions.every(({ Name, Value }) =>
              metric.Dimensions.some(each => each.Name === Name && (Value === undefined || each.Value === Value)),
            ),
        );
      return { Metrics: found };
    },

    GetMetricStatistics: async (input: Metric & { StartTime: number; EndTime: number; Period: number; Statistics?: string[] }, call) => {
      refuseUnknownParameters(call, input, [
        "Namespace",
        "MetricName",
        "Dimensions",
        "StartTime",
        "EndTime",
        "Period",
        "Statistics",
        "Unit",
      ]);
      call.authorize("cloudwatch:GetMetricStatistics", "*");
      const chosen = (input.Statistics ?? []).map(readStatistic);
      const metric = { ...input, Dimensions: input.Dimensions ?? [] };
      const points = metrics.read(metric, input.StartTime * 1000, input.EndTime * 1000, readPeriodMs(input.Period));
      return {
        Label: input.MetricName,
        Datapoints: points.map(({ atMs, set }) => ({
          Timestamp: atMs / 1000,
          Unit: "None",
          ...Object.fromEntries(chosen.map(statistic => [statistic, statisticOf(set, statistic)])),
        })),
      };
    },

    GetMetricData: async (
      input: {
        MetricDataQueries: { Id: string; Label?: string; MetricStat?: MetricStat }[];
        StartTime: number;
        EndTime: number;
        ScanBy?: string;
      },
      call,
    ) => {
      refuseUnknownParameters(call, input, ["MetricDataQueries", "StartTime", "EndTime", "ScanBy"]);
      call.authorize("cloudwatch:GetMetricData", "*");
      return {
        MetricDataResults: input.MetricDataQueries.map(({ Id, Label, MetricStat }) => {
          if (MetricStat === undefined) throw notImitated(`the expression of the metric query ${Id}`);
          const { Metric, Period, Stat } = MetricStat;
          const metric = { ...Metric, Dimensions: Metric.Dimensions ?? [] };
          const statistic = readStatistic(Stat);
          const points = metrics.read(metric, input.StartTime * 1000, input.EndTime * 1000, readPeriodMs(Period));
          if (input.ScanBy !== "TimestampAscending") points.reverse();
          return {
            Id,
            Label: Label ?? Metric.MetricName,
            Timestamps: points.map(({ atMs }) => atMs / 1000),
            Values: points.map(({ set }) => statisticOf(set, statistic)),
            StatusCode: "Complete",
          };
        }),
        Messages: [],
      };
    },

    PutMetricAlarm: async (input: Record<string, unknown>, call) => {
      const definition = parseAlarm(input);
      authorizeAlarm(call, "PutMetricAlarm", definition.AlarmName);
      await alarms.put(definition, { declared: alarms.find(definition.AlarmName)?.declared ?? false });
      return {};
    },

    DeleteAlarms: async (input: { AlarmNames: string[] }, call) => {
      for (const name of input.AlarmNames) authorizeAlarm(call, "DeleteAlarms", name);
      for (const name of input.AlarmNames) alarms.get(name);
      for (const name of input.AlarmNames) await alarms.delete(name);
      return {};
    },

    DescribeAlarms: async (
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
      authorizeAlarm(call, "DescribeAlarms", "*");
      const { AlarmNames, AlarmNamePrefix = "", StateValue, MaxRecords = largestPage, NextToken = "" } = input;
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
      const page = found.slice(0, MaxRecords);
      return {
        MetricAlarms: page.map(alarm => describeAlarm(cloud, alarm)),
        CompositeAlarms: [],
        NextToken: found.length > page.length ? page.at(-1)!.definition.AlarmName : undefined,
      };
    },

    SetAlarmState: async (input: { AlarmName: string; StateValue: StateValue; StateReason: string }, call) => {
      refuseUnknownParameters(call, input, ["AlarmName", "StateValue", "StateReason", "StateReasonData"]);
      authorizeAlarm(call, "SetAlarmState", input.AlarmName);
      if (!states.includes(input.StateValue))
        throw new AwsError(
          "InvalidParameterValueException",
          `StateValue is ${JSON.stringify(input.StateValue)}: want ${states.join(", ")}.`,
        );
      await alarms.setState(input.AlarmName, input.StateValue, input.StateReason);
      return {};
    },
  };
};

/** Throws `AwsError` for a datum without a value that can be read. */
const readDatum = ({ MetricName, Value, Values, Counts, StatisticValues }: Datum): StatisticSet => {
  if (StatisticValues !== undefined) {
    const { Sum, Minimum, Maximum, SampleCount } = StatisticValues;
    return { sum: Sum, minimum: Minimum, maximum: Maximum, sampleCount: SampleCount };
  }
  if (Values !== undefined && Values.length > 0) {
    const sets = Values.map((value, index) => setOf(value, Counts?.[index] ?? 1));
    return {
      sum: sets.reduce((total, { sum }) => total + sum, 0),
      minimum: Math.min(...Values),
      maximum: Math.max(...Values),
      sampleCount: sets.reduce((total, { sampleCount }) => total + sampleCount, 0),
    };
  }
  if (Value === undefined) throw new AwsError("MissingRequiredParameterException", `The datum of ${MetricName} has no value.`);
  return setOf(Value);
};

const readStatistic = (name: string) => {
  if (!isStatistic(name)) throw notImitated(`the statistic ${name}`);
  return name;
};

const readPeriodMs = (seconds: number): number => {
  if (!(Number.isInteger(seconds) && seconds > 0 && seconds % 60 === 0))
    throw new AwsError("InvalidParameterValueException", `Period is ${seconds}: want a multiple of 60 seconds.`);
  return seconds * 1000;
};

/** An alarm on a sum has its queries in place of a metric. */
const describeDefinition = ({ Terms: _, ...definition }: AlarmDefinition) => {
  if (definition.Metrics === undefined) return definition;
  const { Namespace, MetricName, Dimensions, Statistic, Period, ...rest } = definition;
  return rest;
};

const describeAlarm = ({ place }: Cloud, { definition, configuredMs, state, reason, changedMs }: Alarm) => ({
  ...describeDefinition(definition),
  AlarmArn: alarmArn(place, definition.AlarmName),
  AlarmConfigurationUpdatedTimestamp: configuredMs / 1000,
  StateValue: state,
  StateReason: reason,
  StateUpdatedTimestamp: changedMs / 1000,
  StateTransitionedTimestamp: changedMs / 1000,
});

export { createOperations };
