import { AwsError, notImitated } from "../../../kernel/aws-error";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { Cloud, OperationOf } from "../../../kernel/service";
import { isStatistic, parsePercentile, percentileOf, type StatisticSet, setOf, statisticOf } from "../statistic";
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

interface Parts {
  cloud: Cloud;
  metrics: Metrics;
}

const putMetricData: OperationOf<Parts> = async (
  { cloud: { clock }, metrics },
  input: { Namespace: string; MetricData?: Datum[] },
  call,
) => {
  refuseUnknownParameters(call, input, ["Namespace", "MetricData"]);
  const { Namespace, MetricData = [] } = input;
  // AWS services report their own metrics without permissions.
  if (call.caller.kind !== "service") call.authorize("cloudwatch:PutMetricData", "*", { context: { "cloudwatch:namespace": Namespace } });
  if (Namespace.startsWith("AWS/") && call.caller.kind === "function")
    throw new AwsError("InvalidParameterValueException", `The namespace ${Namespace} is kept for AWS's own metrics.`);
  const nowMs = clock.nowMs();
  await metrics.put(
    MetricData.map(datum => ({
      metric: { Namespace, MetricName: datum.MetricName, Dimensions: datum.Dimensions ?? [] },
      atMs: datum.Timestamp === undefined ? nowMs : datum.Timestamp * 1000,
      set: readDatum(datum),
    })),
  );
  return {};
};

const listMetrics: OperationOf<Parts> = async (
  { metrics },
  input: { Namespace?: string; MetricName?: string; Dimensions?: Partial<Dimension>[] },
  call,
) => {
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
};

const getMetricStatistics: OperationOf<Parts> = async (
  { metrics },
  input: Metric & { StartTime: number; EndTime: number; Period: number; Statistics?: string[] },
  call,
) => {
  refuseUnknownParameters(call, input, ["Namespace", "MetricName", "Dimensions", "StartTime", "EndTime", "Period", "Statistics", "Unit"]);
  call.authorize("cloudwatch:GetMetricStatistics", "*");
  checkRange(input);
  checkCount(input);
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
};

const getMetricData: OperationOf<Parts> = async (
  { metrics },
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
  checkRange(input);
  return {
    MetricDataResults: input.MetricDataQueries.map(({ Id, Label, MetricStat }) => {
      if (MetricStat === undefined) throw notImitated(`the expression of the metric query ${Id}`);
      const { Metric, Period, Stat } = MetricStat;
      const metric = { ...Metric, Dimensions: Metric.Dimensions ?? [] };
      const readValue = readStat(Stat);
      const points = metrics
        .read(metric, input.StartTime * 1000, input.EndTime * 1000, readPeriodMs(Period))
        .map(({ atMs, set }) => ({ atMs, value: readValue(set) }))
        .filter(({ value }) => value !== undefined);
      if (input.ScanBy !== "TimestampAscending") points.reverse();
      return {
        Id,
        Label: Label ?? Metric.MetricName,
        Timestamps: points.map(({ atMs }) => atMs / 1000),
        Values: points.map(({ value }) => value),
        StatusCode: "Complete",
      };
    }),
    Messages: [],
  };
};

const checkRange = ({ StartTime, EndTime }: { StartTime: number; EndTime: number }) => {
  if (StartTime >= EndTime)
    throw new AwsError("InvalidParameterValueException", "The parameter StartTime must be less than the parameter EndTime.");
};

/** GetMetricStatistics: the most data points of one request. */
const MAX_DATAPOINTS = 1440;

/** Throws `AwsError` for a range that may have too many data points, even if it has none. */
const checkCount = ({ StartTime, EndTime, Period }: { StartTime: number; EndTime: number; Period: number }) => {
  const count = Math.ceil((EndTime - StartTime) / Period);
  if (count > MAX_DATAPOINTS)
    throw new AwsError(
      "InvalidParameterCombinationException",
      `You have requested up to ${count} datapoints, which exceeds the limit of ${MAX_DATAPOINTS}.`,
    );
};

/** Throws `AwsError` for a datum without a value. */
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

/** A statistic or a percentile ("Statistics definitions"). A period whose values are not known has no percentile. */
const readStat = (name: string): ((set: StatisticSet) => number | undefined) => {
  const share = parsePercentile(name);
  if (share !== undefined) return set => percentileOf(set, share);
  const statistic = readStatistic(name);
  return set => statisticOf(set, statistic);
};

const readPeriodMs = (seconds: number): number => {
  if (!(Number.isInteger(seconds) && seconds > 0 && seconds % 60 === 0))
    throw new AwsError("InvalidParameterValueException", `Period is ${seconds}, but must be a multiple of 60 seconds.`);
  return seconds * 1000;
};

export { getMetricData, getMetricStatistics, listMetrics, putMetricData };
