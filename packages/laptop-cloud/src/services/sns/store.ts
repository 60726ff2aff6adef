import { randomBytes } from "node:crypto";
import type { Call, Cloud } from "../../kernel/service";
import type { State, StateChange } from "../../kernel/state";
import { notFound } from "./errors";
import { isMail, type Protocol, Subscription, type SubscriptionRecord, subscriptionArn } from "./subscription";
import { policyOf, type Topic, topicArn } from "./topic";

class Topics {
  readonly state: State;
  readonly #topics = new Map<string, Topic>();
  readonly #subscriptions = new Map<string, Subscription>();

  constructor(readonly cloud: Cloud) {
    this.state = cloud.state("sns");
  }

  async load() {
    for (const [, topic] of await this.state.entries<Topic>("topic/")) this.#topics.set(topic.arn, topic);
    for (const [, record] of await this.state.entries<SubscriptionRecord>("subscription/"))
      this.#subscriptions.set(record.arn, new Subscription(record));
  }

  all(): Topic[] {
    return [...this.#topics.values()];
  }

  find(arn: string): Topic | undefined {
    return this.#topics.get(arn);
  }

  /** Throws `AwsError` NotFound. */
  get(arn: unknown): Topic {
    const topic = this.#topics.get(String(arn));
    if (topic === undefined) throw notFound("Topic");
    return topic;
  }

  /** Authorizes an action on a topic, by the caller's role and the topic's policy. */
  authorize(call: Call, action: string, topic: Topic, context?: Record<string, string>) {
    call.authorize(action, topic.arn, { resourcePolicy: policyOf(topic, this.cloud.place.account), context });
  }

  arnOf(name: string) {
    return topicArn(name, this.cloud.place);
  }

  async put(topic: Topic) {
    this.#topics.set(topic.arn, topic);
    await this.state.put(`topic/${topic.name}`, topic);
  }

  /** Deletes its subscriptions too. */
  async delete(topic: Topic) {
    this.#topics.delete(topic.arn);
    const changes = this.subscriptionsOf(topic.arn).map(subscription => this.#forget(subscription));
    await this.state.batch([{ delete: `topic/${topic.name}` }, ...changes]);
  }

  subscriptions(): Subscription[] {
    return [...this.#subscriptions.values()];
  }

  subscriptionsOf(arn: string): Subscription[] {
    return this.subscriptions().filter(({ record }) => record.topicArn === arn);
  }

  findSubscription(arn: string): Subscription | undefined {
    return this.#subscriptions.get(arn);
  }

  /** Throws `AwsError` NotFound. */
  getSubscription(arn: unknown): Subscription {
    const subscription = this.#subscriptions.get(String(arn));
    if (subscription === undefined) throw notFound("Subscription");
    return subscription;
  }

  async subscribe(topic: Topic, protocol: Protocol, endpoint: string, attributes: Record<string, string>, declared = false) {
    const subscription = new Subscription({
      arn: subscriptionArn(topic.arn, protocol, endpoint),
      topicArn: topic.arn,
      protocol,
      endpoint,
      attributes,
      isConfirmed: !isMail(protocol),
      token: randomBytes(32).toString("hex"),
      isInvited: false,
      declared,
    });
    this.#subscriptions.set(subscription.record.arn, subscription);
    await this.#keep(subscription);
    return subscription;
  }

  async changeSubscription(subscription: Subscription, changes: Partial<SubscriptionRecord>) {
    subscription.change(changes);
    await this.#keep(subscription);
  }

  async unsubscribe(subscription: Subscription) {
    await this.state.batch([this.#forget(subscription)]);
  }

  /** A resource's name for display: its Pulumi name, if it has one. */
  shownName(arn: string) {
    return this.cloud.inventory.byArn(arn)?.name ?? arn.split(":").at(-1)!;
  }

  #keep({ record }: Subscription) {
    return this.state.put(`subscription/${record.arn}`, record);
  }

  #forget({ record }: Subscription): StateChange {
    this.#subscriptions.delete(record.arn);
    return { delete: `subscription/${record.arn}` };
  }
}

export { Topics };
