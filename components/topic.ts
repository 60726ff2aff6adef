import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { TopicArn } from "#core/named";
import type { Redrivables } from "./dead-letters";
import type { FeatureArgs } from "./feature";
import type { Verbs } from "./grants";
import { QueueSubscription, type QueueSubscriptionArgs } from "./queue-subscription";
import { TopicSubscription, type TopicSubscriptionArgs } from "./topic-subscription";
import { type Edge, edgeTo, type Module, type Wiring, wire } from "./wire";

/** `environment` is that of every subscriber. */
type TopicArgs = Pick<FeatureArgs, "errors" | "redrivables" | "environment" | "logRetentionDays">;

type SubscribeOptions = Pick<TopicSubscriptionArgs, "filter" | "timeoutSeconds">;

type SubscribeQueueArgs = Pick<QueueSubscriptionArgs, "filter" | "visibilitySeconds" | "receives">;

/** A topic that functions and queues subscribe to, one statement each. */
class Topic extends pulumi.ComponentResource {
  readonly topic: aws.sns.Topic;
  /** Subscribers by name, for redrives and replays. */
  readonly subscribers: Redrivables = {};
  readonly #args: TopicArgs;

  constructor(name: string, { errors, redrivables, environment, logRetentionDays }: TopicArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:sns:Topic", name, {}, opts);
    this.#args = { errors, redrivables, environment, logRetentionDays };
    this.topic = new aws.sns.Topic(name, {}, { parent: this });
    this.registerOutputs({});
  }

  get arn() {
    return this.topic.arn;
  }

  /** The topic's ARN for a function, and what the function may do with the topic. */
  may(...verbs: Verbs<aws.sns.Topic>): Edge<TopicArn> {
    return edgeTo(this.topic, this.arn, verbs);
  }

  /** Subscribes a function, with dead letters and an alarm of its own. */
  subscribe<Settings extends object>(
    name: string,
    load: () => Module<Settings, aws.sns.TopicEvent, void>,
    wiring: Wiring<NoInfer<Settings>>,
    options: SubscribeOptions = {},
  ): void {
    const args = { ...this.#args, ...options, ...wire(load, wiring), topic: this.topic };
    this.subscribers[name] = new TopicSubscription(name, args, { parent: this }).redrivable;
  }

  /** Subscribes a queue, for consumers that need minutes or hours per message. `subscriber` is the consumer's name. */
  subscribeQueue(name: string, subscriber: string, args: SubscribeQueueArgs): QueueSubscription {
    const subscription = new QueueSubscription(name, { ...this.#args, ...args, subscriber, topic: this.topic }, { parent: this });
    this.subscribers[subscriber] = subscription.redrivable;
    return subscription;
  }
}

export type { SubscribeOptions, TopicArgs };
export { Topic };
