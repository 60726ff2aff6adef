import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { DeadLetters, type DeadLettersArgs, type Redrivable } from "./dead-letters";
import { createFailureAlarm } from "./failure-alarm";
import { buildFilterPolicy, type MessageFilter } from "./message-filter";
import { Queue } from "./queue";
import { createTopicsPolicy } from "./topics-policy";

interface QueueSubscriptionArgs extends Pick<DeadLettersArgs, "errors" | "redrivables"> {
  topic: aws.sns.Topic;
  /** The subscriber's name, as `replayTo` addresses it. */
  subscriber: string;
  /** The filter on message attributes. Replays to other subscribers are always left out. */
  filter: MessageFilter;
  /** Seconds that a received message is hidden from other receivers. */
  visibilitySeconds: number;
  /** How often a message is received before it is a dead letter. */
  receives: number;
  /** How long the consumer may take for a message, waiting included, seconds. An older message raises an alarm. */
  oldestSeconds: number;
}

/** The default of SQS. Explicit, because what is stored about a message must outlive it. */
const RETENTION_SECONDS = 4 * 24 * 60 * 60;

/** The edge from a topic to a queue, which holds each message as published until a consumer deletes it. */
class QueueSubscription extends pulumi.ComponentResource {
  readonly queue: Queue;
  readonly redrivable: Redrivable;

  constructor(name: string, args: QueueSubscriptionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:sns:QueueSubscription", name, {}, opts);
    const child = { parent: this };
    const { topic, subscriber, filter, visibilitySeconds, receives, oldestSeconds, errors, redrivables } = args;

    const deadLetters = new DeadLetters(`${name}-dead-letters`, { errors, redrivables, sources: [topic] }, child);
    const deadLetterTargetArn = deadLetters.queue.arn;
    this.queue = new Queue(
      name,
      {
        visibilityTimeoutSeconds: visibilitySeconds,
        messageRetentionSeconds: RETENTION_SECONDS,
        sqsManagedSseEnabled: true,
        redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn, maxReceiveCount: receives }),
      },
      child,
    );
    createFailureAlarm(
      name,
      {
        runbook: "old-queue",
        alarmDescription: pulumi.interpolate`A message in ${this.queue.name} is older than ${oldestSeconds / 3600} hours: no consumer takes it, or its work does not end.`,
        namespace: "AWS/SQS",
        metricName: "ApproximateAgeOfOldestMessage",
        dimensions: { QueueName: this.queue.name },
        statistic: "Maximum",
        threshold: oldestSeconds,
        alarmTopic: errors,
      },
      child,
    );
    this.redrivable = deadLetters.redriveTo(subscriber, { queueUrl: this.queue.url, isRaw: pulumi.output(true) });
    const policy = createTopicsPolicy(name, this.queue, [topic], child);
    new aws.sns.TopicSubscription(
      name,
      {
        topic: topic.arn,
        protocol: "sqs",
        endpoint: this.queue.arn,
        rawMessageDelivery: true,
        filterPolicy: buildFilterPolicy(subscriber, filter),
        redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn }),
      },
      { ...child, dependsOn: [policy, deadLetters] },
    );
    this.registerOutputs({});
  }
}

export type { QueueSubscriptionArgs };
export { QueueSubscription };
