import { AwsError } from "../../kernel/aws-error";
import type { Timer } from "../../kernel/clock";
import { createRandom, shuffled } from "../../kernel/seeded-random";
import type { StateChange } from "../../kernel/state";
import { deliver, type Failure, sendToDeadLetters } from "./endpoints";
import type { PublishedMessage } from "./message";
import { retryDelayMs } from "./retry-schedule";
import type { Topics } from "./store";
import type { Subscription } from "./subscription";

/** The delivery of a message to a subscriber. It is stored until the subscriber or its dead-letter queue has it. */
interface Delivery {
  sequence: number;
  subscriptionArn: string;
  message: PublishedMessage;
  retries: number;
  dueMs: number;
}

/** Seed of the random order. The same calls give the same order in every run; AWS promises none. */
const ORDER_SEED = 1;

/** Random delay while the weather shuffles: enough for a few messages to overtake each other. */
const SHUFFLE_WINDOW_MS = 500;

/** Deliveries: durable, retried as SNS retries, and then sent to the dead-letter queue. */
class Deliveries {
  #nextSequence = 1;
  #ready: Delivery[] = [];
  #left: Delivery[] = [];
  #draining: NodeJS.Immediate | undefined;
  #isStopped = false;
  readonly #timers = new Map<Delivery, Timer>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #random = createRandom(ORDER_SEED);

  constructor(private readonly topics: Topics) {}

  /** Loads the deliveries of an earlier run. */
  async load() {
    for (const [, delivery] of await this.topics.state.entries<Delivery>("delivery/")) {
      this.#nextSequence = delivery.sequence + 1;
      this.#left.push(delivery);
    }
  }

  /** Continues the loaded deliveries. */
  resume() {
    for (const delivery of this.#left.splice(0)) this.#schedule(delivery);
  }

  async stop() {
    this.#isStopped = true;
    clearImmediate(this.#draining);
    for (const timer of this.#timers.values()) timer.cancel();
    await Promise.all(this.#underWay);
  }

  /** Resolves when every delivery of these messages is stored; they start by themselves. */
  async add(messages: PublishedMessage[]) {
    const deliveries = messages.flatMap(message => this.#fanOut(message));
    await this.topics.state.batch(deliveries.map(keep));
    for (const delivery of deliveries) this.#schedule(delivery);
  }

  #fanOut(message: PublishedMessage): Delivery[] {
    const { cloud } = this.topics;
    const matching = this.topics.subscriptionsOf(message.topicArn).filter(subscription => subscription.matches(message));
    const twice = matching.filter(() => cloud.weather.strikes("duplicate"));
    return [...matching, ...twice].map(({ record }) => ({
      sequence: this.#nextSequence++,
      subscriptionArn: record.arn,
      message,
      retries: 0,
      dueMs: cloud.clock.nowMs() + this.#weatherDelayMs(),
    }));
  }

  #weatherDelayMs() {
    const { delayMs, shuffle } = this.topics.cloud.weather.report;
    return delayMs + (shuffle ? this.#random() * SHUFFLE_WINDOW_MS : 0);
  }

  #schedule(delivery: Delivery) {
    if (this.#isStopped) return;
    const { clock } = this.topics.cloud;
    if (delivery.dueMs <= clock.nowMs()) return this.#begin(delivery);
    const timer = clock.at(delivery.dueMs, () => {
      this.#timers.delete(delivery);
      this.#begin(delivery);
    });
    this.#timers.set(delivery, timer);
  }

  /** Deliveries that are due at the same time start in random order. */
  #begin(delivery: Delivery) {
    this.#ready.push(delivery);
    this.#draining ??= setImmediate(() => this.#drain());
  }

  #drain() {
    this.#draining = undefined;
    for (const delivery of shuffled(this.#ready.splice(0), this.#random)) {
      const attempt: Promise<void> = this.#attempt(delivery).finally(() => this.#underWay.delete(attempt));
      this.#underWay.add(attempt);
    }
  }

  async #attempt(delivery: Delivery) {
    const { cloud, state } = this.topics;
    const subscription = this.topics.findSubscription(delivery.subscriptionArn);
    if (subscription === undefined) return state.batch([forget(delivery)]);
    try {
      await deliver(cloud, subscription, delivery.message);
    } catch (error) {
      return this.#fail(delivery, subscription, readFailure(error));
    }
    this.#record("deliver", delivery, subscription.record.endpoint, { attempt: delivery.retries + 1 });
    await state.batch([forget(delivery)]);
  }

  async #fail(delivery: Delivery, subscription: Subscription, failure: Failure) {
    const delayMs = failure.isPermanent ? undefined : retryDelayMs(delivery.retries + 1);
    if (delayMs === undefined) return this.#giveUp(delivery, subscription, failure);
    return this.#retry(delivery, subscription.record.endpoint, delayMs, failure);
  }

  async #retry(delivery: Delivery, endpoint: string, delayMs: number, failure: Failure) {
    // The cloud's stop aborted the call, so it is not a failure: the next start repeats it.
    if (this.#isStopped) return;
    delivery.retries++;
    delivery.dueMs = this.topics.cloud.clock.nowMs() + delayMs;
    this.#record("retry", delivery, endpoint, { retry: delivery.retries, delayMs, error: `${failure.code}: ${failure.message}` });
    await this.topics.state.batch([keep(delivery)]);
    this.#schedule(delivery);
  }

  async #giveUp(delivery: Delivery, subscription: Subscription, failure: Failure) {
    const { cloud, state } = this.topics;
    const queueArn = subscription.deadLetterTargetArn;
    const detail = { endpoint: subscription.record.endpoint, error: `${failure.code}: ${failure.message}` };
    if (queueArn === undefined) {
      this.#record("dead-letter", delivery, undefined, { ...detail, lost: "the subscription has no dead-letter queue" });
    } else {
      const refused = await this.#sendToDeadLetterQueue(delivery, subscription, queueArn, failure);
      if (refused !== undefined && !refused.isPermanent) return this.#retry(delivery, queueArn, 20_000, refused);
      this.#record("dead-letter", delivery, queueArn, refused === undefined ? detail : { ...detail, lost: refused.message });
      if (refused !== undefined)
        console.warn(
          `SNS lost message ${delivery.message.id}: ${cloud.inventory.byArn(queueArn)?.name ?? queueArn} refused it. ${refused.message}`,
        );
    }
    await state.batch([forget(delivery)]);
  }

  async #sendToDeadLetterQueue(
    delivery: Delivery,
    subscription: Subscription,
    queueArn: string,
    failure: Failure,
  ): Promise<Failure | undefined> {
    try {
      await sendToDeadLetters(this.topics.cloud, subscription, queueArn, delivery.message, failure);
      return undefined;
    } catch (error) {
      return readFailure(error);
    }
  }

  #record(kind: string, { message }: Delivery, to: string | undefined, detail: Record<string, unknown>) {
    this.topics.cloud.occurrences.record({
      atMs: this.topics.cloud.clock.nowMs(),
      kind,
      trace: message.trace,
      message: message.event,
      from: this.topics.shownName(message.topicArn),
      to: to && this.topics.shownName(to),
      detail: { messageId: message.id, ...detail },
    });
  }
}

/** The endpoint's error. Any other error is a bug in the laptop cloud: it is printed and retried like a server error. */
const readFailure = (error: unknown): Failure => {
  if (!(error instanceof AwsError)) {
    console.error(error);
    return { code: "InternalFailure", message: String(error), isPermanent: false };
  }
  const { code, message, status } = error;
  return { code, message, isPermanent: status >= 400 && status < 500 && status !== 429 && !/throttl|toomanyrequests/i.test(code) };
};

const keep = (delivery: Delivery): StateChange => ({ put: deliveryKey(delivery), value: delivery });

const forget = (delivery: Delivery): StateChange => ({ delete: deliveryKey(delivery) });

const deliveryKey = ({ sequence }: Delivery) => `delivery/${String(sequence).padStart(12, "0")}`;

export { Deliveries };
