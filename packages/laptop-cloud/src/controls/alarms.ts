import { pageReader } from "../kernel/caller";
import type { Cloud } from "../kernel/service";
import type { AlarmReport } from "../protocol";

interface WatchedMetric {
  MetricName: string;
  Dimensions?: { Value: string }[];
}

/** The parts of CloudWatch's alarm that are read here. An alarm on a sum has `Metrics` instead of a metric. */
interface DescribedAlarm extends Partial<WatchedMetric> {
  AlarmName: string;
  AlarmArn: string;
  StateValue: AlarmReport["state"];
  StateReason: string;
  /** Epoch seconds. */
  StateUpdatedTimestamp: number;
  Statistic?: string;
  Period?: number;
  Threshold: number;
  ComparisonOperator: string;
  Metrics?: { Expression?: string; MetricStat?: { Metric: WatchedMetric; Period: number; Stat: string } }[];
}

/** The program's alarms, those in alarm first. */
const readAlarms = async (cloud: Cloud): Promise<{ alarms: AlarmReport[] }> => {
  if (cloud.inventory.ofType("aws:cloudwatch/metricAlarm:MetricAlarm").length === 0) return { alarms: [] };
  const alarms: AlarmReport[] = [];
  let NextToken: string | undefined;
  do {
    const page = await cloud.call("monitoring", "DescribeAlarms", { NextToken }, pageReader);
    alarms.push(...(page.MetricAlarms as DescribedAlarm[]).map(alarm => buildReport(cloud, alarm)));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return { alarms: alarms.sort((a, b) => rankOf(a) - rankOf(b) || (a.name < b.name ? -1 : 1)) };
};

const buildReport = ({ inventory }: Cloud, alarm: DescribedAlarm): AlarmReport => ({
  name: inventory.byArn(alarm.AlarmArn)?.name ?? alarm.AlarmName,
  state: alarm.StateValue,
  reason: alarm.StateReason,
  changedMs: Math.round(alarm.StateUpdatedTimestamp * 1000),
  condition: conditionOf(alarm),
  watches: metricsOf(alarm).flatMap(({ Dimensions = [] }) => Dimensions.map(({ Value }) => Value)),
});

const rankOf = ({ state }: AlarmReport) => ["ALARM", "INSUFFICIENT_DATA", "OK"].indexOf(state);

const metricsOf = ({ MetricName, Dimensions, Metrics = [] }: DescribedAlarm): WatchedMetric[] =>
  MetricName === undefined
    ? Metrics.flatMap(({ MetricStat }) => (MetricStat === undefined ? [] : [MetricStat.Metric]))
    : [{ MetricName, Dimensions }];

const COMPARISONS: Record<string, string> = {
  GreaterThanThreshold: ">",
  GreaterThanOrEqualToThreshold: "≥",
  LessThanThreshold: "<",
  LessThanOrEqualToThreshold: "≤",
};

const conditionOf = (alarm: DescribedAlarm): string => {
  const measured = alarm.Metrics?.find(({ MetricStat }) => MetricStat !== undefined)?.MetricStat;
  const { Statistic = measured?.Stat, Period = measured?.Period } = alarm;
  const names = [...new Set(metricsOf(alarm).map(({ MetricName }) => MetricName))].join(" + ");
  return `${names} ${COMPARISONS[alarm.ComparisonOperator]} ${alarm.Threshold}, ${Statistic} of ${Period} s`;
};

export { readAlarms };
