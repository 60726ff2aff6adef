import { AwsError } from "../../kernel/aws-error";
import type { ServiceCaller } from "../../kernel/caller";
import type { Timer } from "../../kernel/clock";
import type { Cloud, Place } from "../../kernel/service";
import type { State } from "../../kernel/state";
import { createTraceRoot } from "../../kernel/trace";
import type { Bucket, Version } from "./bucket";
import type { Cause } from "./cause";
import { buildBusEntry, buildEventRecord, type EventContext } from "./event-record";
import { bucketArn } from "./names";
import type { BucketSettings } from "./settings";

/** An event for one destination. It is stored with the change that causes it, and until it is delivered. */
interface ObjectEvent {
  /** Its key in the state, `event/SEQUENCER/N`. */
  path: string;
  bucket: string;
  eventName: string;
  destination: Destination;
  /** The message, JSON. */
  message: string;
  createdMs: number;
  trace: string;
}

interface Destination {
  kind: "function" | "queue" | "topic" | "bus";
  arn: string;
}

interface Rule extends Destination {
  id: string;
  events: string[];
  prefix: string;
  suffix: string;
}

/** S3 retries ("delivered at least once"), but AWS does not document for how long. Here it is an hour, with delays that double up to a minute. */
const RETENTION_MS = 3_600_000;
const MIN_RETRY_DELAY_MS = 1000;
const MAX_RETRY_DELAY_MS = 60_000;

/** Notifies functions, queues, topics and EventBridge of changes. Behaves as "Amazon S3 Event Notifications"; differs: no s3:TestEvent. */
class Notifications {
  readonly #waiting = new Set<ObjectEvent>();
  readonly #timers = new Set<Timer>();
  #running = false;

  constructor(
    private readonly cloud: Cloud,
    private readonly state: State,
  ) {}

  /** Loads undelivered events of an earlier run, and returns their sequencers. */
  async load(): Promise<string[]> {
    const entries = await this.state.entries<ObjectEvent>("event/");
    for (const [, event] of entries) this.#waiting.add(event);
    return entries.map(([path]) => path.split("/")[1]!);
  }

  /** Starts to deliver. */
  resume() {
    this.#running = true;
    const events = [...this.#waiting];
    this.#waiting.clear();
    this.deliver(events);
  }

  stop() {
    this.#running = false;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  /** The events that a change causes, one for each destination. */
  eventsOf(bucket: Bucket, settings: BucketSettings, version: Version, sequencer: string, cause: Cause): ObjectEvent[] {
    const rules = rulesOf(settings, this.cloud.place).filter(rule => applies(rule, cause.eventName, version.key));
    const createdMs = this.cloud.clock.nowMs();
    return rules.map((rule, index) => ({
      path: `event/${sequencer}/${index}`,
      bucket: bucket.name,
      eventName: cause.eventName,
      destination: { kind: rule.kind, arn: rule.arn },
      message: this.#messageOf(rule, bucket, version, { ruleId: rule.id, sequencer, cause, createdMs }),
      createdMs,
      trace: cause.call?.caller.trace ?? createTraceRoot(createdMs),
    }));
  }

  #messageOf({ kind }: Rule, bucket: Bucket, version: Version, context: EventContext): string {
    const { place } = this.cloud;
    if (kind === "bus") return JSON.stringify(buildBusEntry(place, bucket, version, context));
    return JSON.stringify({ Records: [buildEventRecord(place, bucket, version, context)] });
  }

  deliver(events: ObjectEvent[]) {
    for (const event of events) {
      if (!this.#running) this.#waiting.add(event);
      else this.#after(this.cloud.weather.report.delayMs, () => this.#attempt(event, 1));
    }
  }

  async #attempt(event: ObjectEvent, attempt: number) {
    try {
      await this.#send(event);
      if (this.cloud.weather.strikes("duplicate")) await this.#send(event);
      await this.state.delete(event.path);
    } catch (error) {
      if (!this.#running) return;
      if (!(error instanceof AwsError)) console.error(error);
      await this.#retry(event, attempt, error as Error);
    }
  }

  async #retry(event: ObjectEvent, attempt: number, error: Error) {
    const waitMs = Math.min(MIN_RETRY_DELAY_MS * 2 ** (attempt - 1), MAX_RETRY_DELAY_MS);
    const expired = this.cloud.clock.nowMs() + waitMs > event.createdMs + RETENTION_MS;
    this.#record(event, expired ? "dropped" : "retry", { attempt, error: error.message });
    if (expired) await this.state.delete(event.path);
    else this.#after(waitMs, () => this.#attempt(event, attempt + 1));
  }

  async #send(event: ObjectEvent) {
    const { destination, message } = event;
    const caller: ServiceCaller = {
      kind: "service",
      principal: "s3.amazonaws.com",
      sourceArn: bucketArn(event.bucket),
      trace: event.trace,
    };
    this.#record(event, "deliver", {});
    switch (destination.kind) {
      case "function":
        return this.cloud.call(
          "lambda",
          "Invoke",
          { FunctionName: destination.arn, InvocationType: "Event", Payload: Buffer.from(message) },
          caller,
        );
      case "queue":
        return this.cloud.call("sqs", "SendMessage", { QueueUrl: this.#queueUrl(destination.arn), MessageBody: message }, caller);
      case "topic":
        return this.cloud.call(
          "sns",
          "Publish",
          { TopicArn: destination.arn, Subject: "Amazon S3 Notification", Message: message },
          caller,
        );
      case "bus":
        return this.cloud.call("events", "PutEvents", { Entries: [JSON.parse(message)] }, caller);
    }
  }

  #queueUrl(arn: string): string {
    const { place, inventory } = this.cloud;
    return inventory.byArn(arn)?.outputs["url"] ?? `${place.awsUrl}/${place.account}/${arn.split(":").at(-1)}`;
  }

  #record(event: ObjectEvent, kind: string, detail: Record<string, unknown>) {
    const { inventory, occurrences, clock } = this.cloud;
    const from = inventory.ofType("aws:s3/bucket:Bucket").find(({ id }) => id === event.bucket)?.name ?? event.bucket;
    const to = inventory.byArn(event.destination.arn)?.name ?? event.destination.arn;
    occurrences.record({ atMs: clock.nowMs(), kind, trace: event.trace, from, to, detail: { event: event.eventName, ...detail } });
  }

  #after(milliseconds: number, task: () => Promise<void>) {
    const timer = this.cloud.clock.after(milliseconds, () => {
      this.#timers.delete(timer);
      void task();
    });
    this.#timers.add(timer);
  }
}

/** With EventBridge on, every event also goes to the default bus. */
const rulesOf = ({ notification }: BucketSettings, { region, account }: Place): Rule[] => [
  ...(notification?.["lambdaFunctions"] ?? []).map(toRule("function", "lambdaFunctionArn")),
  ...(notification?.["queues"] ?? []).map(toRule("queue", "queueArn")),
  ...(notification?.["topics"] ?? []).map(toRule("topic", "topicArn")),
  ...(notification?.["eventbridge"] === true
    ? [
        {
          kind: "bus" as const,
          arn: `arn:aws:events:${region}:${account}:event-bus/default`,
          id: "bus",
          events: ["s3:*"],
          prefix: "",
          suffix: "",
        },
      ]
    : []),
];

const toRule =
  (kind: Destination["kind"], arn: string) =>
  // biome-ignore lint/suspicious/noExplicitAny: a rule of @pulumi/aws's BucketNotification.
  (rule: any, index: number): Rule => ({
    kind,
    arn: rule[arn],
    id: rule.id ?? `${kind}-${index + 1}`,
    events: rule.events,
    prefix: rule.filterPrefix ?? "",
    suffix: rule.filterSuffix ?? "",
  });

const applies = (rule: Rule, eventName: string, key: string) =>
  key.startsWith(rule.prefix) && key.endsWith(rule.suffix) && rule.events.some(event => covers(event, `s3:${eventName}`));

const covers = (pattern: string, event: string) => (pattern.endsWith("*") ? event.startsWith(pattern.slice(0, -1)) : pattern === event);

export type { ObjectEvent };
export { Notifications };
