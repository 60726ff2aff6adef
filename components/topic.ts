import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { TopicSubscription, type TopicSubscriptionArgs } from "./topic-subscription";

interface TopicArgs {
  /** Told of its subscribers' dead letters. */
  alarmTopic: aws.sns.Topic;
  logRetentionDays: number;
}

/** Subscribes a function: all that `TopicSubscription` takes but what the topic knows itself. */
type SubscribeArgs = Omit<TopicSubscriptionArgs, "topic" | "alarmTopic" | "logRetentionDays">;

/** A topic that functions subscribe to, a line or a short paragraph each. */
class Topic extends pulumi.ComponentResource {
  readonly topic: aws.sns.Topic;
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

  /** Names of each subscriber's function and dead-letter queue, for those who redrive and replay. */
  readonly subscribers: Record<string, { functionName: pulumi.Output<string>; deadLettersUrl: pulumi.Output<string> }> = {};

  subscribe(name: string, args: SubscribeArgs): TopicSubscription {
    const subscription = new TopicSubscription(name, { ...args, ...this.#args, topic: this.topic }, { parent: this });
    this.subscribers[name] = { functionName: subscription.lambda.name, deadLettersUrl: subscription.deadLetters.url };
    return subscription;
  }
}

export type { SubscribeArgs, TopicArgs };
export { Topic };
