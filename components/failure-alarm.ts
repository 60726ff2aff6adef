import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

interface FailureAlarmArgs extends Pick<aws.cloudwatch.MetricAlarmArgs, "namespace" | "metricName" | "dimensions"> {
  /** What has happened, and what to do about it: the text of the notice. */
  alarmDescription: pulumi.Input<string>;
  /** `Maximum` of what waits, `Sum` of what happened. */
  statistic: "Maximum" | "Sum";
  /** Told when the alarm is raised. */
  alarmTopic: aws.sns.Topic;
}

/** An alarm that is raised as soon as a metric that should stay at 0 does not. */
const createFailureAlarm = (name: string, { alarmTopic, ...metric }: FailureAlarmArgs, opts: pulumi.CustomResourceOptions) =>
  new aws.cloudwatch.MetricAlarm(
    name,
    {
      ...metric,
      // Services report once a minute.
      period: 60,
      evaluationPeriods: 1,
      comparisonOperator: "GreaterThanThreshold",
      threshold: 0,
      // What never failed has no metric yet.
      treatMissingData: "notBreaching",
      alarmActions: [alarmTopic.arn],
    },
    opts,
  );

export type { FailureAlarmArgs };
export { createFailureAlarm };
