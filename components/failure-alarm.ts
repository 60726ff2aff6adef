import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/** The metric to watch: the `Maximum` of a backlog or the `Sum` of events. Or an expression over metrics, each with its own period. */
type Watched =
  | (Required<Pick<aws.cloudwatch.MetricAlarmArgs, "namespace" | "metricName" | "dimensions">> & { statistic: "Maximum" | "Sum" })
  | Required<Pick<aws.cloudwatch.MetricAlarmArgs, "metricQueries">>;

type FailureAlarmArgs = Watched & {
  /** What has happened, and what to do about it: the text of the notice. */
  alarmDescription: pulumi.Input<string>;
  /** The highest value that raises no alarm. Default 0. */
  threshold?: number;
  /** How many minutes, out of how many, must be above the threshold. Default: one of one. */
  minutes?: { above: number; of: number };
  /** Told when the alarm is raised. */
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
      // What never failed has no metric yet.
      treatMissingData: "notBreaching",
      alarmActions: [alarmTopic.arn],
    },
    opts,
  );

export type { FailureAlarmArgs };
export { createFailureAlarm };
