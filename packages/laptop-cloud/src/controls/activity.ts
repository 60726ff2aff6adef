import { onlooker } from "../kernel/caller";
import type { Occurrence } from "../kernel/occurrences";
import type { Cloud } from "../kernel/service";

/** What happened at one place since the start. */
interface Tally {
  /** Of functions: how often they began, failed and were tried again. */
  invocations: number;
  errors: number;
  retries: number;
  /** Of topics, buckets, schedules: what was handed over. */
  delivered: number;
  published: number;
  /** What was given up, and went to a dead-letter queue or was lost. */
  deadLetters: number;
  /** Of state machines and container services: executions, tasks. */
  started: number;
  succeeded: number;
  failed: number;
}

interface Invocation {
  requestId: string;
  trace?: string;
  from?: string;
  type: string;
  attempt: number;
  atMs: number;
  /** Null while it runs. */
  ms: number | null;
  cold: boolean | null;
  error: string | null;
}

interface Depth {
  visible: number;
  inFlight: number;
  delayed: number;
}

/** What somebody has to get, and what became of it. */
interface Account {
  owed: number;
  done: number;
  /** Given up, and in a dead-letter queue or lost. */
  dead: number;
  /** Not the first time: duplicates, and retries of what had arrived. */
  again: number;
}

const keptInvocations = 50;

/** What happened since the start, counted by place: the numbers on the page's diagram. */
class Activity {
  /** By kind of place and Pulumi name, "function:webhook": names are unique within a type only. */
  readonly #tallies = new Map<string, Tally>();
  readonly #invocations = new Map<string, Invocation[]>();
  readonly #alarms = new Map<string, string>();
  /** "messages > multiplier": what topics owe to subscribers. */
  readonly #deliveries = new Accounts();
  /** By function: events that it was given and need not answer. */
  readonly #events = new Accounts();
  #end = () => {};

  constructor(private readonly cloud: Cloud) {}

  start() {
    this.#end = this.cloud.occurrences.onRecord(occurrence => this.#take(occurrence));
  }

  stop() {
    this.#end();
  }

  /** `GET /control/activity`. */
  async read() {
    return {
      tallies: Object.fromEntries(this.#tallies),
      queues: await this.#readDepths(),
      alarms: Object.fromEntries(this.#alarms),
      books: { deliveries: this.#deliveries.show(), events: this.#events.show() },
    };
  }

  /** The latest invocations of a function, newest first. */
  invocations(name: string): Invocation[] {
    return [...(this.#invocations.get(name) ?? [])].reverse();
  }

  async #readDepths(): Promise<Record<string, Depth>> {
    const depths: Record<string, Depth> = {};
    for (const { name, outputs } of this.cloud.inventory.ofType("aws:sqs/queue:Queue")) {
      const input = { QueueUrl: outputs["url"], MaxNumberOfMessages: 1 };
      const { visible, inFlight, delayed } = await this.cloud.call("sqs", "laptop:PeekMessages", input, onlooker);
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
        if (detail["type"] === "Event") this.#events.owe(to, String(detail["requestId"]));
        break;
      case "invoked":
        if (detail["error"] !== undefined) this.#count(`function:${from}`, "errors");
        else if (detail["type"] === "Event") this.#events.settle(from, String(detail["requestId"]), "done");
        this.#finish(from, detail);
        break;
      case "retry":
        this.#count(from === to ? `function:${from}` : this.#sourceOf(occurrence), "retries");
        break;
      case "publish":
        this.#count(`topic:${to}`, "published");
        for (const subscriber of (detail["owed"] ?? []) as string[])
          this.#deliveries.owe(`${to} > ${subscriber}`, String(detail["messageId"]));
        break;
      case "deliver":
        this.#count(this.#sourceOf(occurrence), "delivered");
        if ("messageId" in detail) this.#deliveries.settle(`${from} > ${to}`, String(detail["messageId"]), "done");
        break;
      case "dead-letter":
        this.#count(this.#sourceOf(occurrence), "deadLetters");
        this.#bury(occurrence);
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

  /** What hands on is told apart by what it says of the thing: its request, its message, its execution or its event. */
  #sourceOf({ from = "", detail = {} }: Occurrence): string {
    if ("requestId" in detail) return `function:${from}`;
    if ("executionId" in detail) return `schedule:${from}`;
    if ("event" in detail) return `bucket:${from}`;
    return "receives" in detail ? `queue:${from}` : `topic:${from}`;
  }

  #bury({ from = "", detail = {} }: Occurrence) {
    if ("requestId" in detail) this.#events.settle(from, String(detail["requestId"]), "dead");
    if (!("endpoint" in detail)) return;
    const endpoint = String(detail["endpoint"]);
    const subscriber = this.cloud.inventory.byArn(endpoint)?.name ?? endpoint;
    this.#deliveries.settle(`${from} > ${subscriber}`, String(detail["messageId"]), "dead");
  }

  #countExecution(name: string, phase: string) {
    const outcome = ({ started: "started", succeeded: "succeeded" } as const)[phase] ?? "failed";
    this.#count(`machine:${name}`, outcome);
  }

  #count(place: string, what: keyof Tally) {
    const tally = this.#tallies.get(place) ?? { ...nothing };
    tally[what] += 1;
    this.#tallies.set(place, tally);
  }

  #begin(name: string, { atMs, from, trace, detail = {} }: Occurrence) {
    const list = this.#invocations.get(name) ?? [];
    const requestId = String(detail["requestId"]);
    const [type, attempt] = [String(detail["type"]), Number(detail["attempt"])];
    list.push({ requestId, trace, from, type, attempt, atMs, ms: null, cold: null, error: null });
    this.#invocations.set(name, list.slice(-keptInvocations));
  }

  /** A retry has the request id of the first try: the latest one that runs is meant. */
  #finish(name: string, detail: Record<string, unknown>) {
    const running = this.#invocations.get(name)?.findLast(({ requestId, ms }) => requestId === detail["requestId"] && ms === null);
    if (running === undefined) return;
    running.ms = Number(detail["ms"]);
    running.cold = detail["cold"] === true;
    running.error = detail["error"] === undefined ? null : String(detail["error"]);
  }
}

/** Who is owed what. Remembers by id only what is still open. */
class Accounts {
  readonly #accounts = new Map<string, Account>();
  readonly #open = new Set<string>();

  /** Asked again for what is open already, it is owed once. */
  owe(name: string, id: string) {
    const key = `${name} ${id}`;
    if (this.#open.has(key)) return;
    this.#open.add(key);
    this.#of(name).owed += 1;
  }

  settle(name: string, id: string, outcome: "done" | "dead") {
    this.#of(name)[this.#open.delete(`${name} ${id}`) ? outcome : "again"] += 1;
  }

  show(): Record<string, Account> {
    return Object.fromEntries(this.#accounts);
  }

  #of(name: string): Account {
    const account = this.#accounts.get(name) ?? { owed: 0, done: 0, dead: 0, again: 0 };
    this.#accounts.set(name, account);
    return account;
  }
}

const nothing: Tally = {
  invocations: 0,
  errors: 0,
  retries: 0,
  delivered: 0,
  published: 0,
  deadLetters: 0,
  started: 0,
  succeeded: 0,
  failed: 0,
};

export type { Account, Depth, Invocation, Tally };
export { Activity };
