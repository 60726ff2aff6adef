import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { DeadLetters } from "./dead-letters";
import { buildFilterPolicy, type MessageFilter } from "./message-filter";
import { createTopicsPolicy } from "./topics-policy";

interface QueueSubscriptionArgs {
  topic: aws.sns.Topic;
  /** The subscriber's name, as `replayTo` addresses it. */
  subscriber: string;
  /** What a message's attributes must have, besides not being replayed to somebody else. */
  filter: MessageFilter;
  /** Seconds that a received message is hidden from other receivers, unless they say otherwise. */
  visibilitySeconds: number;
  /** How often a message is received before it is a dead letter. */
  receives: number;
  /** Told of dead letters. */
  alarmTopic: aws.sns.Topic;
}

/** As long as SQS keeps messages that nothing else is said of; said, because what is kept about a message must outlive it. */
const retentionSeconds = 4 * 24 * 60 * 60;

/** The edge from a topic to a queue, which holds each message as it was published until somebody has worked it off. */
class QueueSubscription extends pulumi.ComponentResource {
  readonly queue: aws.sqs.Queue;
  readonly deadLetters: aws.sqs.Queue;

  constructor(name: string, args: QueueSubscriptionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:sns:QueueSubscription", name, {}, opts);
    const child = { parent: this };
    const { topic, subscriber, filter, visibilitySeconds, receives, alarmTopic } = args;

    const letters = new DeadLetters(`${name}-dead-letters`, { alarmTopic, sources: [topic] }, child);
    const deadLetters = letters.queue;
    this.deadLetters = deadLetters;
    this.queue = new aws.sqs.Queue(
      name,
      {
        visibilityTimeoutSeconds: visibilitySeconds,
        messageRetentionSeconds: retentionSeconds,
        sqsManagedSseEnabled: true,
        redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount: receives }),
      },
      child,
    );
    const policy = createTopicsPolicy(name, this.queue, [topic], child);
    new aws.sns.TopicSubscription(
      name,
      {
        topic: topic.arn,
        protocol: "sqs",
        endpoint: this.queue.arn,
        rawMessageDelivery: true,
        filterPolicy: buildFilterPolicy(subscriber, filter),
        redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: deadLetters.arn }),
      },
      { ...child, dependsOn: [policy, letters] },
    );
    this.registerOutputs({});
  }
}

export type { QueueSubscriptionArgs };
export { QueueSubscription };
