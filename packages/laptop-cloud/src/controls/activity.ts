import { pageReader } from "../kernel/caller";
import type { Occurrence } from "../kernel/occurrences";
import type { Cloud } from "../kernel/service";
import type { Activity, DeliveryCounts, Depth, Invocation, Tally } from "../protocol";

/** Invocations kept per function. */
const MAX_INVOCATIONS = 50;

/** Counts what happened since the start, by resource: the numbers on the page's diagram. */
class ActivityLog {
  /** By kind and Pulumi name, "function:webhook", because names are unique within a type only. */
  readonly #tallies = new Map<string, Tally>();
  readonly #invocations = new Map<string, Invocation[]>();
  readonly #alarms = new Map<string, string>();
  /** Unfinished deliveries by topic and subscriber, "messages > multiplier". */
  readonly #deliveries = new DeliveryCounter();
  /** Asynchronous events by function. */
  readonly #events = new DeliveryCounter();
  #end = () => {};

  constructor(private readonly cloud: Cloud) {}

  start() {
    this.#end = this.cloud.occurrences.onRecord(occurrence => this.#take(occurrence));
  }

  stop() {
    this.#end();
  }

  /** `GET /control/activity`. */
  async read(): Promise<Activity> {
    return {
      tallies: Object.fromEntries(this.#tallies),
      queues: await this.#readDepths(),
      alarms: Object.fromEntries(this.#alarms),
      balance: { deliveries: this.#deliveries.report(), events: this.#events.report() },
    };
  }

  /** The latest invocations of a function, newest first. */
  invocations(name: string): Invocation[] {
    return [...(this.#invocations.get(name) ?? [])].reverse();
  }

  /** The invocations of all functions that run now, oldest first. */
  running(): Invocation[] {
    return [...this.#invocations.values()].flat().filter(({ ms }) => ms === null);
  }

  async #readDepths(): Promise<Record<string, Depth>> {
    const depths: Record<string, Depth> = {};
    for (const { name, outputs } of this.cloud.inventory.ofType("aws:sqs/queue:Queue")) {
      const input = { QueueUrl: outputs["url"], MaxNumberOfMessages: 1 };
      const { visible, inFlight, delayed } = await this.cloud.call("sqs", "laptop:PeekMessages", input, pageReader);
      depths[name] = { visible, inFlight, delayed };
    }
    return depths;
  }

  #take(occurrence: Occurrence) {
    const { kind, from = "", to = "", detail = {} } = occurrence;
    switch (kind) {
      case "invoke":
        this.#count(`function:${to}`, "invocations");
        this.#begin(to, occurrence);
        if (detail["type"] === "Event") this.#events.open(to, String(detail["requestId"]));
        break;
      case "invoked":
        if (detail["error"] !== undefined) this.#count(`function:${from}`, "errors");
        if (detail["reported"] !== undefined) this.#count(`function:${from}`, "reportedFailures");
        if (detail["error"] === undefined && detail["type"] === "Event") this.#events.settle(from, String(detail["requestId"]), "done");
        this.#finish(from, detail);
        break;
      case "throttle":
        this.#finish(from, { ...detail, ms: 0, error: "throttled: its reserved concurrency is used up" });
        break;
      case "retry":
        this.#count(from === to ? `function:${from}` : this.#sourceOf(occurrence), "retries");
        if ("messageId" in detail) this.#deliveries.retry(`${from} > ${to}`);
        if ("requestId" in detail) this.#follow(from, String(detail["requestId"]), "retried");
        break;
      case "publish":
        this.#count(`topic:${to}`, "published");
        for (const subscriber of (detail["subscribers"] ?? []) as string[])
          this.#deliveries.open(`${to} > ${subscriber}`, String(detail["messageId"]));
        break;
      case "deliver":
        this.#count(this.#sourceOf(occurrence), "delivered");
        if ("messageId" in detail) this.#deliveries.settle(`${from} > ${to}`, String(detail["messageId"]), "done");
        break;
      case "dead-letter":
        this.#count(this.#sourceOf(occurrence), "deadLetters");
        this.#settleDeadLetter(occurrence);
        break;
      case "execution":
        this.#countExecution(to, String(detail["phase"]));
        break;
      case "task-started":
        this.#count(`container:${to}`, "started");
        break;
      case "task-ended":
        this.#count(`container:${from}`, detail["asked"] === true || detail["code"] === 0 ? "succeeded" : "failed");
        break;
      case "alarm":
        this.#alarms.set(from, String(detail["to"]));
        break;
    }
  }

  /** Infers the kind of the source from the details: only functions have a `requestId`, only schedules an `executionId`, and so on. */
  #sourceOf({ from = "", detail = {} }: Occurrence): string {
    if ("requestId" in detail) return `function:${from}`;
    if ("executionId" in detail) return `schedule:${from}`;
    if ("event" in detail) return `bucket:${from}`;
    return "receives" in detail ? `queue:${from}` : `topic:${from}`;
  }

  #settleDeadLetter({ from = "", detail = {} }: Occurrence) {
    if ("requestId" in detail) {
      this.#events.settle(from, String(detail["requestId"]), "deadLetters");
      this.#follow(from, String(detail["requestId"]), "given up");
    }
    if (!("endpoint" in detail)) return;
    const endpoint = String(detail["endpoint"]);
    const subscriber = this.cloud.inventory.byArn(endpoint)?.name ?? endpoint;
    this.#deliveries.settle(`${from} > ${subscriber}`, String(detail["messageId"]), "deadLetters");
  }

  #countExecution(name: string, phase: string) {
    const outcome = ({ started: "started", succeeded: "succeeded" } as const)[phase] ?? "failed";
    this.#count(`machine:${name}`, outcome);
  }

  #count(resource: string, what: keyof Tally) {
    const tally = this.#tallies.get(resource) ?? { ...EMPTY_TALLY };
    tally[what] += 1;
    this.#tallies.set(resource, tally);
  }

  #begin(name: string, { atMs, from, trace, detail = {} }: Occurrence) {
    const list = this.#invocations.get(name) ?? [];
    const requestId = String(detail["requestId"]);
    const [type, attempt] = [String(detail["type"]), Number(detail["attempt"])];
    const isRunAgain = detail["isRunAgain"] === true;
    list.push({
      isRunAgain,
      requestId,
      trace,
      from,
      type,
      attempt,
      atMs,
      ms: null,
      cold: null,
      error: null,
      reported: null,
      followUp: null,
    });
    this.#invocations.set(name, list.slice(-MAX_INVOCATIONS));
  }

  /** A retry has the request id of the first attempt, so this finds the latest attempt that still runs. */
  #finish(name: string, detail: Record<string, unknown>) {
    const running = this.#invocations.get(name)?.findLast(({ requestId, ms }) => requestId === detail["requestId"] && ms === null);
    if (running === undefined) return;
    running.ms = Number(detail["ms"]);
    running.cold = detail["cold"] === true;
    running.error = detail["error"] === undefined ? null : String(detail["error"]);
    running.reported = detail["reported"] === undefined ? null : String(detail["reported"]);
  }

  /** Notes what Lambda did after a failed attempt at an asynchronous event. */
  #follow(name: string, requestId: string, followUp: "retried" | "given up") {
    const failed = this.#invocations.get(name)?.findLast(each => each.requestId === requestId && each.error !== null);
    if (failed !== undefined) failed.followUp = followUp;
  }
}

/** Counts deliveries by receiver. Keeps the ids of open deliveries only. */
class DeliveryCounter {
  readonly #counts = new Map<string, DeliveryCounts>();
  readonly #open = new Set<string>();

  /** Opens a delivery. An open delivery is not counted again. */
  open(name: string, id: string) {
    const key = `${name} ${id}`;
    if (this.#open.has(key)) return;
    this.#open.add(key);
    this.#of(name).expected += 1;
  }

  settle(name: string, id: string, outcome: "done" | "deadLetters") {
    this.#of(name)[this.#open.delete(`${name} ${id}`) ? outcome : "repeated"] += 1;
  }

  retry(name: string) {
    this.#of(name).retries += 1;
  }

  report(): Record<string, DeliveryCounts> {
    return Object.fromEntries(this.#counts);
  }

  #of(name: string): DeliveryCounts {
    const counts = this.#counts.get(name) ?? { expected: 0, done: 0, deadLetters: 0, repeated: 0, retries: 0 };
    this.#counts.set(name, counts);
    return counts;
  }
}

const EMPTY_TALLY: Tally = {
  invocations: 0,
  errors: 0,
  reportedFailures: 0,
  retries: 0,
  delivered: 0,
  published: 0,
  deadLetters: 0,
  started: 0,
  succeeded: 0,
  failed: 0,
};

export { ActivityLog };
