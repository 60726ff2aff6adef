import type { Place } from "../../kernel/service";
import { type AlarmDefinition, isTopic, type StateValue } from "./alarm";

/** A change of an alarm's state. */
interface Transition {
  from: StateValue;
  to: StateValue;
  reason: string;
  atMs: number;
}

/** How CloudWatch calls regions in its messages. */
const regionNames: Record<string, string> = {
  "us-east-1": "US East (N. Virginia)",
  "us-east-2": "US East (Ohio)",
  "us-west-1": "US West (N. California)",
  "us-west-2": "US West (Oregon)",
  "eu-west-1": "EU (Ireland)",
  "eu-west-2": "EU (London)",
  "eu-central-1": "EU (Frankfurt)",
  "ap-northeast-1": "Asia Pacific (Tokyo)",
  "ap-southeast-1": "Asia Pacific (Singapore)",
  "ap-southeast-2": "Asia Pacific (Sydney)",
};

/** SNS accepts no longer subjects. */
const MAX_SUBJECT_LENGTH = 100;

/** Builds CloudWatch's notification of a metric alarm: subject and JSON message. */
const buildNotification = (alarm: AlarmDefinition, configuredMs: number, { from, to, reason, atMs }: Transition, place: Place) => {
  const region = regionNames[place.region] ?? place.region;
  const message = {
    AlarmName: alarm.AlarmName,
    AlarmDescription: alarm.AlarmDescription ?? null,
    AWSAccountId: place.account,
    AlarmConfigurationUpdatedTimestamp: timestamp(configuredMs),
    NewStateValue: to,
    NewStateReason: reason,
    StateChangeTime: timestamp(atMs),
    Region: region,
    AlarmArn: alarmArn(place, alarm.AlarmName),
    OldStateValue: from,
    OKActions: alarm.OKActions,
    AlarmActions: alarm.AlarmActions,
    InsufficientDataActions: alarm.InsufficientDataActions,
    Trigger: {
      ...buildWatched(alarm),
      EvaluationPeriods: alarm.EvaluationPeriods,
      DatapointsToAlarm: alarm.DatapointsToAlarm,
      ComparisonOperator: alarm.ComparisonOperator,
      Threshold: alarm.Threshold,
      TreatMissingData: alarm.TreatMissingData,
      EvaluateLowSampleCountPercentile: "",
    },
  };
  return { Subject: `${to}: "${alarm.AlarmName}" in ${region}`.slice(0, MAX_SUBJECT_LENGTH), Message: JSON.stringify(message) };
};

const buildWatched = ({ Metrics, MetricName, Namespace, Statistic, Dimensions, Period }: AlarmDefinition) =>
  Metrics === undefined
    ? {
        MetricName,
        Namespace,
        StatisticType: "Statistic",
        Statistic: Statistic.toUpperCase(),
        Unit: null,
        Dimensions: Dimensions.map(({ Name, Value }) => ({ value: Value, name: Name })),
        Period,
      }
    : { Period, Metrics };

/** The topics to notify of a state. */
const actionsFor = (alarm: AlarmDefinition, state: StateValue): string[] => {
  if (!alarm.ActionsEnabled) return [];
  const actions = { OK: alarm.OKActions, ALARM: alarm.AlarmActions, INSUFFICIENT_DATA: alarm.InsufficientDataActions }[state];
  return actions.filter(isTopic);
};

const alarmArn = ({ region, account }: Place, name: string) => `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`;

/** CloudWatch writes the zone as +0000. */
const timestamp = (ms: number) => new Date(ms).toISOString().replace("Z", "+0000");

export type { Transition };
export { actionsFor, alarmArn, buildNotification };
