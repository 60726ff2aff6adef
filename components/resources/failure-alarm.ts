import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** The pages in `docs/runbooks/`, each for the alarms of one kind. */
type Runbook =
  | "5xx"
  | "archive-failed"
  | "archive-late"
  | "dead-letters"
  | "failing-acks"
  | "lag"
  | "old-queue"
  | "pipelines"
  | "relay"
  | "slow-acks"
  | "throttles";

/** The metric to watch: the `Maximum` of a backlog, the `Sum` of events, the `Average` of zeros and ones, or an expression over several metrics. */
type Watched =
  | (Required<Pick<aws.cloudwatch.MetricAlarmArgs, "namespace" | "metricName" | "dimensions">> & {
      statistic: "Average" | "Maximum" | "Sum";
    })
  | Required<Pick<aws.cloudwatch.MetricAlarmArgs, "metricQueries">>;

type FailureAlarmArgs = Watched & {
  /** The text of the notice: what happened, and what to do about it. */
  alarmDescription: pulumi.Input<string>;
  /** The page that says more, which the notice names. */
  runbook: Runbook;
  /** A higher value raises the alarm. Default 0. */
  threshold?: number;
  /** Whether values at or below the threshold raise the alarm instead, and a minute without values too. Default false. */
  whenLow?: boolean;
  /** The alarm is raised when `above` of the last `of` minutes are beyond the threshold. Default: one of one. */
  minutes?: { above: number; of: number };
  alarmTopic: aws.sns.Topic;
};

/** An alarm that is raised when a metric exceeds its threshold. */
const createFailureAlarm = (
  name: string,
  { alarmTopic, alarmDescription, runbook, threshold = 0, whenLow = false, minutes = { above: 1, of: 1 }, ...metric }: FailureAlarmArgs,
  opts: pulumi.CustomResourceOptions,
) =>
  new aws.cloudwatch.MetricAlarm(
    name,
    {
      ...metric,
      alarmDescription: pulumi.interpolate`${alarmDescription} See docs/runbooks/${runbook}.md.`,
      // Services report once a minute.
      ...("metricQueries" in metric ? {} : { period: 60 }),
      evaluationPeriods: minutes.of,
      datapointsToAlarm: minutes.above,
      comparisonOperator: whenLow ? "LessThanOrEqualToThreshold" : "GreaterThanThreshold",
      threshold,
      // There is no data before the first failure.
      treatMissingData: whenLow ? "breaching" : "notBreaching",
      alarmActions: [alarmTopic.arn],
    },
    opts,
  );

export { createFailureAlarm };
