import { AwsError } from "../../kernel/aws-error";
import { isReported, isSampled, knownMetrics } from "./gauges";
import { type MetricQuery, readMetricSum, type Term } from "./metric-sum";
import { isStatistic, type Statistic, statisticOf, statistics } from "./statistic";
import type { Datapoint, Dimension, Metric } from "./store";

type StateValue = "OK" | "ALARM" | "INSUFFICIENT_DATA";

/** An alarm in the format of PutMetricAlarm. For an alarm on a sum, the metric is the first of the sum. */
interface AlarmDefinition extends Metric {
  AlarmName: string;
  AlarmDescription?: string;
  ActionsEnabled: boolean;
  OKActions: string[];
  AlarmActions: string[];
  InsufficientDataActions: string[];
  /** The queries of an alarm on a sum, unchanged. */
  Metrics?: MetricQuery[];
  /** The terms of the sum. */
  Terms?: Term[];
  Statistic: Statistic;
  /** Seconds. */
  Period: number;
  EvaluationPeriods: number;
  DatapointsToAlarm: number;
  Threshold: number;
  ComparisonOperator: Comparison;
  TreatMissingData: Missing;
}

const comparisons = {
  GreaterThanThreshold: (value: number, threshold: number) => value > threshold,
  GreaterThanOrEqualToThreshold: (value: number, threshold: number) => value >= threshold,
  LessThanThreshold: (value: number, threshold: number) => value < threshold,
  LessThanOrEqualToThreshold: (value: number, threshold: number) => value <= threshold,
};
type Comparison = keyof typeof comparisons;

const missings = ["missing", "breaching", "notBreaching", "ignore"] as const;
type Missing = (typeof missings)[number];

const known = [
  "AlarmName",
  "AlarmDescription",
  "ActionsEnabled",
  "OKActions",
  "AlarmActions",
  "InsufficientDataActions",
  "Namespace",
  "MetricName",
  "Dimensions",
  "Metrics",
  "Statistic",
  "Period",
  "EvaluationPeriods",
  "DatapointsToAlarm",
  "Threshold",
  "ComparisonOperator",
  "TreatMissingData",
  "Unit",
  "Tags",
];

/** Parses the input of PutMetricAlarm. Throws `AwsError` that quotes the invalid value. */
const parseAlarm = (input: Record<string, unknown>): AlarmDefinition => {
  const unknown = Object.entries(input).find(([name, value]) => value !== undefined && !known.includes(name));
  if (unknown !== undefined) throw invalid(`The laptop cloud does not imitate ${unknown[0]} of an alarm. It knows ${known.join(", ")}.`);
  const EvaluationPeriods = wholeOf(input["EvaluationPeriods"], "EvaluationPeriods", 1);
  const alarm: AlarmDefinition = {
    AlarmName: textOf(input["AlarmName"], "AlarmName"),
    AlarmDescription: input["AlarmDescription"] === undefined ? undefined : String(input["AlarmDescription"]),
    ActionsEnabled: input["ActionsEnabled"] !== false,
    OKActions: actionsOf(input["OKActions"], "OKActions"),
    AlarmActions: actionsOf(input["AlarmActions"], "AlarmActions"),
    InsufficientDataActions: actionsOf(input["InsufficientDataActions"], "InsufficientDataActions"),
    ...watchedBy(input),
    EvaluationPeriods,
    DatapointsToAlarm: wholeOf(input["DatapointsToAlarm"] ?? EvaluationPeriods, "DatapointsToAlarm", 1),
    Threshold: numberOf(input["Threshold"], "Threshold"),
    ComparisonOperator: choiceOf(input["ComparisonOperator"], "ComparisonOperator", Object.keys(comparisons) as Comparison[]),
    TreatMissingData: choiceOf(input["TreatMissingData"] ?? "missing", "TreatMissingData", missings),
  };
  verifyWhole(alarm);
  return alarm;
};

/** The terms that an alarm watches: one metric, or a sum. */
const watchedBy = (input: Record<string, unknown>) => {
  if (input["Metrics"] === undefined) return readWatched(input);
  const queries = input["Metrics"] as MetricQuery[];
  const single = ["Namespace", "MetricName", "Dimensions", "Statistic", "Period"].find(name => input[name] !== undefined);
  if (single !== undefined) throw invalid(`An alarm with Metrics has no ${single} of its own.`);
  const { terms, Statistic, Period } = readMetricSum(queries);
  const [first] = terms.map(({ metric }) => readWatched({ ...metric, Statistic, Period }));
  return { ...first!, Metrics: queries, Terms: terms };
};

const readWatched = (input: Record<string, unknown>) => ({
  Namespace: textOf(input["Namespace"], "Namespace"),
  MetricName: textOf(input["MetricName"], "MetricName"),
  Dimensions: (input["Dimensions"] ?? []) as Dimension[],
  Statistic: choiceOf(input["Statistic"], "Statistic", Object.keys(statistics).filter(isStatistic)),
  Period: wholeOf(input["Period"], "Period", 60),
});

const metricsOf = ({ Namespace, MetricName, Dimensions, Terms }: AlarmDefinition): Metric[] =>
  Terms?.map(({ metric: { Namespace, MetricName, Dimensions = [] } }) => ({ Namespace, MetricName, Dimensions })) ?? [
    { Namespace, MetricName, Dimensions },
  ];

const verifyWhole = (alarm: AlarmDefinition) => {
  const { Period, EvaluationPeriods, DatapointsToAlarm } = alarm;
  if (Period % 60 !== 0) throw invalid(`Period is ${Period}, but must be a multiple of 60 seconds.`);
  if (DatapointsToAlarm > EvaluationPeriods)
    throw invalid(`DatapointsToAlarm is ${DatapointsToAlarm}, but must be at most EvaluationPeriods (${EvaluationPeriods}).`);
  if (Period * EvaluationPeriods > 86_400)
    throw invalid(`Period times EvaluationPeriods is ${Period * EvaluationPeriods}, but must be at most 86400 seconds, a day.`);
  for (const metric of metricsOf(alarm)) verifyMetric(metric);
};

const verifyMetric = (metric: Metric) => {
  const { Namespace, MetricName, Dimensions } = metric;
  if (!Namespace.startsWith("AWS/")) return;
  if (!isSampled(metric) && !isReported(metric))
    throw invalid(
      `The laptop cloud does not imitate the metric ${Namespace} ${MetricName} of ${JSON.stringify(Dimensions)}. It knows ${knownMetrics().join(", ")}.`,
    );
};

/** The data points of the evaluated periods; a period without values has none. */
type Points = readonly (Datapoint | undefined)[];

/**
 * The state that follows from an alarm's data points.
 *
 * Behaves as "Configuring how CloudWatch alarms treat missing data"; differs: where points are missing, the rest can't decide and
 * TreatMissingData is absent, CloudWatch looks further back, and we keep the state (or OK, if there was none).
 */
const evaluate = (alarm: AlarmDefinition, points: Points, current: StateValue): StateValue => {
  const isBreaching = comparisons[alarm.ComparisonOperator];
  const there = points.filter(point => point !== undefined);
  const missing = points.length - there.length;
  let breaching = there.filter(({ set }) => isBreaching(statisticOf(set, alarm.Statistic), alarm.Threshold)).length;
  let open = missing;
  if (alarm.TreatMissingData === "breaching") breaching += missing;
  if (alarm.TreatMissingData === "breaching" || alarm.TreatMissingData === "notBreaching") open = 0;
  else if (there.length === 0) return alarm.TreatMissingData === "missing" ? "INSUFFICIENT_DATA" : current;

  if (breaching >= alarm.DatapointsToAlarm) return "ALARM";
  if (breaching + open < alarm.DatapointsToAlarm) return "OK";
  return current === "INSUFFICIENT_DATA" ? "OK" : current;
};

const rises = ({ ComparisonOperator }: AlarmDefinition) => ComparisonOperator.startsWith("Greater");

/** CloudWatch's reason, with the deciding data points. */
const reasonOf = (alarm: AlarmDefinition, points: Points, state: StateValue): string => {
  const there = points.filter(point => point !== undefined);
  if (there.length === 0) return `Threshold Crossed: no datapoints were received for ${alarm.EvaluationPeriods} period(s).`;
  const values = there.map(({ atMs, set }) => `${decimal(statisticOf(set, alarm.Statistic))} (${new Date(atMs).toISOString()})`).join(", ");
  const comparison = alarm.ComparisonOperator.replace(/Threshold$/, "")
    .replace(/(?!^)[A-Z]/g, letter => ` ${letter.toLowerCase()}`)
    .toLowerCase();
  const verb = state === "ALARM" ? "was" : "was not";
  return `Threshold Crossed: ${there.length} datapoint(s) [${values}] ${verb} ${comparison} the threshold (${decimal(alarm.Threshold)}).`;
};

const decimal = (value: number) => (Number.isInteger(value) ? value.toFixed(1) : String(value));

const invalid = (message: string) => new AwsError("InvalidParameterValueException", message);

const textOf = (value: unknown, name: string): string => {
  if (typeof value !== "string" || value === "") throw invalid(`${name} is ${JSON.stringify(value)}, but must be a string.`);
  return value;
};

const numberOf = (value: unknown, name: string): number => {
  if (typeof value !== "number" || !Number.isFinite(value)) throw invalid(`${name} is ${JSON.stringify(value)}, but must be a number.`);
  return value;
};

const wholeOf = (value: unknown, name: string, least: number): number => {
  if (!Number.isInteger(value) || (value as number) < least)
    throw invalid(`${name} is ${JSON.stringify(value)}, but must be a whole number from ${least} up.`);
  return value as number;
};

const choiceOf = <T extends string>(value: unknown, name: string, choices: readonly T[]): T => {
  const choice = choices.find(each => each === value);
  if (choice === undefined) throw invalid(`${name} is ${JSON.stringify(value)}, but must be one of ${choices.join(", ")}.`);
  return choice;
};

const isTopic = (action: string) => /^arn:aws:sns:[^:]*:\d{12}:[^:]+$/.test(action);

/** Accepted without effect: one container is always running (services/ecs). */
const isScalingPolicy = (action: string) => /^arn:aws:autoscaling:[^:]*:\d{12}:scalingPolicy:/.test(action);

const actionsOf = (value: unknown, name: string): string[] => {
  const actions = (value ?? []) as string[];
  const unknown = actions.find(action => !isTopic(action) && !isScalingPolicy(action));
  if (unknown !== undefined)
    throw invalid(`${name} names ${JSON.stringify(unknown)}: the laptop cloud imitates SNS topics and scaling policies.`);
  return actions;
};

export type { AlarmDefinition, Points, StateValue };
export { evaluate, isTopic, metricsOf, parseAlarm, reasonOf, rises };
