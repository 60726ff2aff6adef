import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Redrivable } from "./dead-letters";
import { QueueSubscription, type QueueSubscriptionArgs } from "./queue-subscription";
import { TopicSubscription, type TopicSubscriptionArgs } from "./topic-subscription";

interface TopicArgs {
  /** Told of its subscribers' dead letters. */
  alarmTopic: aws.sns.Topic;
  logRetentionDays: number;
}

/** Subscribes a function: all that `TopicSubscription` takes but what the topic knows itself. */
type SubscribeArgs = Omit<TopicSubscriptionArgs, "topic" | "alarmTopic" | "logRetentionDays">;

type SubscribeQueueArgs = Omit<QueueSubscriptionArgs, "topic" | "alarmTopic" | "subscriber">;

/** A topic that functions and queues subscribe to, a line or a short paragraph each. */
class Topic extends pulumi.ComponentResource {
  readonly topic: aws.sns.Topic;
  /** Each subscriber by its name, for those who redrive and replay. */
  readonly subscribers: Record<string, Redrivable> = {};
  readonly #args: TopicArgs;

  constructor(name: string, args: TopicArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:sns:Topic", name, {}, opts);
    this.#args = args;
    this.topic = new aws.sns.Topic(name, {}, { parent: this });
    this.registerOutputs({});
  }

  get arn() {
    return this.topic.arn;
  }

  /** Subscribes a function, with dead letters and an alarm of its own. */
  subscribe(name: string, args: SubscribeArgs): TopicSubscription {
    const subscription = new TopicSubscription(name, { ...args, ...this.#args, topic: this.topic }, { parent: this });
    this.subscribers[name] = { functionName: subscription.lambda.name, deadLettersUrl: subscription.deadLetters.url };
    return subscription;
  }

  /** Subscribes a queue, for who takes long over a message; `subscriber` is whose queue it is. */
  subscribeQueue(name: string, subscriber: string, args: SubscribeQueueArgs): QueueSubscription {
    const { alarmTopic } = this.#args;
    const subscription = new QueueSubscription(name, { ...args, alarmTopic, subscriber, topic: this.topic }, { parent: this });
    this.subscribers[subscriber] = { queueUrl: subscription.queue.url, deadLettersUrl: subscription.deadLetters.url };
    return subscription;
  }
}

export type { SubscribeArgs, TopicArgs };
export { Topic };
