import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createFailureAlarm } from "./failure-alarm";
import { createTopicsPolicy } from "./topics-policy";

interface DeadLettersArgs {
  /** Told as soon as anything lies in the queue. */
  alarmTopic: aws.sns.Topic;
  /** Topics whose failed deliveries end here too; a function needs its role's leave only. */
  sources?: aws.sns.Topic[];
}

/** Who failed, a function or a queue's reader, and where what they failed on waits to be handed to them again. */
type Redrivable = { deadLettersUrl: pulumi.Output<string> } & (
  | { functionName: pulumi.Output<string> }
  | { queueUrl: pulumi.Output<string> }
);

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

    if (sources.length > 0) createTopicsPolicy(name, this.queue, sources, child);

    createFailureAlarm(
      name,
      {
        alarmDescription: pulumi.interpolate`Events failed to the end and wait in ${this.queue.name}: mend the cause, then redrive them.`,
        namespace: "AWS/SQS",
        metricName: "ApproximateNumberOfMessagesVisible",
        dimensions: { QueueName: this.queue.name },
        statistic: "Maximum",
        alarmTopic,
      },
      child,
    );
    this.registerOutputs({});
  }
}

export type { DeadLettersArgs, Redrivable };
export { DeadLetters };
