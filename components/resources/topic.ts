import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { TopicArn } from "#core/named";
import type { Verbs } from "../wiring/grants";
import { type Edge, edgeTo, type Module, type Wiring, type WiringWith, wire } from "../wiring/wire";
import type { Redrivables } from "./dead-letters";
import type { FeatureArgs } from "./feature";
import { QueueSubscription, type QueueSubscriptionArgs } from "./queue-subscription";
import { type SubscriberEvent, TopicSubscription, type TopicSubscriptionArgs } from "./topic-subscription";

/** Every subscriber gets `environment`. */
interface TopicArgs extends Pick<FeatureArgs, "errors" | "redrivables" | "environment" | "logRetentionDays" | "tracing"> {
  /** If false, there is no topic: nothing is published, and functions that subscribe are not created. Default true. */
  publish?: boolean;
  /** Whether functions that subscribe take workspaces in turn, through fair queues. Default false. */
  fairQueues?: boolean;
}

/** This subscriber's `environment` is added to the one that every subscriber gets. */
type SubscribeOptions = Partial<Pick<TopicSubscriptionArgs, "filter" | "timeoutSeconds" | "environment">>;

type SubscribeQueueArgs = Pick<QueueSubscriptionArgs, "filter" | "visibilitySeconds" | "receives" | "oldestSeconds">;

/** A topic that functions and queues subscribe to, one statement each. */
class Topic extends pulumi.ComponentResource {
  readonly topic: aws.sns.Topic | undefined;
  readonly outputs: Record<string, unknown>;
  /** Subscribers by name, for redrives and replays. */
  readonly subscribers: Redrivables = {};
  readonly #args: Omit<TopicArgs, "publish">;

  constructor(name: string, args: TopicArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:sns:Topic", name, {}, opts);
    const { errors, redrivables, environment, logRetentionDays, tracing, publish = true, fairQueues = false } = args;
    this.#args = { errors, redrivables, environment, logRetentionDays, tracing, fairQueues };
    this.topic = publish ? new aws.sns.Topic(name, {}, { parent: this }) : undefined;
    this.outputs = { subscribers: this.subscribers, [`${name}TopicArn`]: this.topic?.arn };
    this.registerOutputs({});
  }

  /** The topic's ARN for a function, and what the function may do with the topic; undefined if there is no topic. */
  may(...verbs: Verbs<aws.sns.Topic>): Edge<TopicArn> | undefined {
    return this.topic && edgeTo(this.topic, this.topic.arn, verbs);
  }

  /** Returns the topic to a subscriber that requires it. Throws if the stack does not publish messages. */
  topicFor(subscriber: string): aws.sns.Topic {
    if (this.topic === undefined) throw new Error(`${subscriber} subscribes to a topic that is off.`);
    return this.topic;
  }

  /** Subscribes a function, with dead letters and an alarm of its own. */
  subscribe<Settings extends object>(
    name: string,
    load: () => Module<Settings, SubscriberEvent, unknown>,
    { environment, filter, timeoutSeconds, ...wiring }: WiringWith<SubscribeOptions, NoInfer<Settings>>,
  ): void {
    const wired = wire(load, wiring as unknown as Wiring<NoInfer<Settings>>);
    if (this.topic === undefined) return;
    const all = { ...this.#args.environment, ...environment };
    const args = { ...this.#args, ...wired, filter, timeoutSeconds, environment: all, topic: this.topic };
    this.subscribers[name] = new TopicSubscription(name, args, { parent: this }).redrivable;
  }

  /** Subscribes a queue, for consumers that need minutes or hours per message. `subscriber` is the consumer's name. Throws if there is no topic. */
  subscribeQueue(name: string, subscriber: string, args: SubscribeQueueArgs): QueueSubscription {
    const subscription = new QueueSubscription(
      name,
      { ...this.#args, ...args, subscriber, topic: this.topicFor(subscriber) },
      { parent: this },
    );
    this.subscribers[subscriber] = subscription.redrivable;
    return subscription;
  }
}

export { Topic };
