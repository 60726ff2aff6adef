import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

interface DeadLettersArgs {
  /** Told as soon as anything lies in the queue. */
  alarmTopic: aws.sns.Topic;
  /** Topics whose failed deliveries end here too. */
  sources?: aws.sns.Topic[];
}

/** The longest that SQS keeps a message: time to notice, mend and redrive. */
const retentionSeconds = 14 * 24 * 60 * 60;

/** SQS's largest message, said because the default of 256 KB is too small: a large message in SNS's wrapping, quotes escaped, passes it. */
const largestMessageBytes = 1024 * 1024;

/** Where events go that failed to the end, and the alarm that says so. */
class DeadLetters extends pulumi.ComponentResource {
  readonly queue: aws.sqs.Queue;

  constructor(name: string, { alarmTopic, sources = [] }: DeadLettersArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:sqs:DeadLetters", name, {}, opts);
    const child = { parent: this };

    this.queue = new aws.sqs.Queue(
      name,
      { messageRetentionSeconds: retentionSeconds, maxMessageSize: largestMessageBytes, sqsManagedSseEnabled: true },
      child,
    );

    // SNS hands over in its own name; a function does so with its role and needs no policy here.
    if (sources.length > 0) {
      new aws.sqs.QueuePolicy(
        name,
        {
          queueUrl: this.queue.url,
          policy: pulumi.jsonStringify({
            Version: "2012-10-17",
            Statement: [
              {
                Effect: "Allow",
                Principal: { Service: "sns.amazonaws.com" },
                Action: "sqs:SendMessage",
                Resource: this.queue.arn,
                Condition: { ArnEquals: { "aws:SourceArn": sources.map(source => source.arn) } },
              },
            ],
          }),
        },
        child,
      );
    }

    new aws.cloudwatch.MetricAlarm(
      name,
      {
        alarmDescription: pulumi.interpolate`Events failed to the end and wait in ${this.queue.name}: mend the cause, then redrive them.`,
        namespace: "AWS/SQS",
        metricName: "ApproximateNumberOfMessagesVisible",
        dimensions: { QueueName: this.queue.name },
        statistic: "Maximum",
        // SQS reports once a minute.
        period: 60,
        evaluationPeriods: 1,
        comparisonOperator: "GreaterThanThreshold",
        threshold: 0,
        treatMissingData: "notBreaching",
        alarmActions: [alarmTopic.arn],
      },
      child,
    );
    this.registerOutputs({});
  }
}

export type { DeadLettersArgs };
export { DeadLetters };
