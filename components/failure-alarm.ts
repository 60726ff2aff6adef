import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/** The metric to watch: the `Maximum` of a backlog, the `Sum` of events, or an expression over several metrics. */
type Watched =
  | (Required<Pick<aws.cloudwatch.MetricAlarmArgs, "namespace" | "metricName" | "dimensions">> & { statistic: "Maximum" | "Sum" })
  | Required<Pick<aws.cloudwatch.MetricAlarmArgs, "metricQueries">>;

type FailureAlarmArgs = Watched & {
  /** The text of the notice: what happened, and what to do about it. */
  alarmDescription: pulumi.Input<string>;
  /** A higher value raises the alarm. Default 0. */
  threshold?: number;
  /** The alarm is raised when `above` of the last `of` minutes are above the threshold. Default: one of one. */
  minutes?: { above: number; of: number };
  /** Topic that receives the alarm. */
  alarmTopic: aws.sns.Topic;
};

/** An alarm that is raised when a metric exceeds its threshold. */
const createFailureAlarm = (
  name: string,
  { alarmTopic, threshold = 0, minutes = { above: 1, of: 1 }, ...metric }: FailureAlarmArgs,
  opts: pulumi.CustomResourceOptions,
) =>
  new aws.cloudwatch.MetricAlarm(
    name,
    {
      ...metric,
      // Services report once a minute.
      ...("metricQueries" in metric ? {} : { period: 60 }),
      evaluationPeriods: minutes.of,
      datapointsToAlarm: minutes.above,
      comparisonOperator: "GreaterThanThreshold",
      threshold,
      // There is no data before the first failure.
      treatMissingData: "notBreaching",
      alarmActions: [alarmTopic.arn],
    },
    opts,
  );

export type { FailureAlarmArgs };
export { createFailureAlarm };
