import type { Clock, Timer } from "../../laptop-cloud/src/kernel/clock";
import type { Occurrences } from "../../laptop-cloud/src/kernel/occurrences";
import type { StateChange } from "../../laptop-cloud/src/kernel/state";
import type { Delivery } from "./message";
import { buildSignatureHeaders } from "./signature";
import type { Workspace } from "./workspace";

type Door = Delivery["door"];

/** A request that Slack owes to the program; kept until it is answered or given up. */
interface Parcel {
  id: string;
  door: Door;
  /** The event's type, or the command. */
  event?: string;
  /** What it says. The address of the pretend Slack in it is put in when it is sent, since the port may change between two starts. */
  content: Record<string, unknown>;
  /** The message whose record shows how it went. */
  channel: string;
  ts: string;
  trace: string;
  /** Tries so far. */
  tries: number;
  lastReason?: string;
  dueMs: number;
}

interface Letter {
  contentType: string;
  body: string;
}

interface Answer {
  status: number;
  contentType: string;
  body: string;
}

/** What differs from door to door. */
interface Carrier {
  signed: boolean;
  /** Retried as events are; slash commands and buttons never are. */
  retried: boolean;
  /** Where it goes; undefined when the program has no such door any more. */
  url(parcel: Parcel): string | undefined;
  /** Why it can't be sent now; such a parcel is given up. */
  refuse?(): Promise<string | undefined>;
  write(parcel: Parcel): Letter;
  /** Takes a good answer. What it returns is written in one batch with the end of the parcel: no answer is taken twice. */
  answered?(parcel: Parcel, answer: Answer): Promise<Commit | undefined>;
  /** Takes the end of a parcel that will not be tried again. */
  failed?(parcel: Parcel, reason: string, status: number | null): Promise<Commit | undefined>;
}

/** Writes that belong together, and what follows once they are made. */
interface Commit {
  changes: StateChange[];
  after(): void;
}

type Outcome = Pick<Delivery, "state" | "status" | "ms" | "reason" | "nextMs">;

/** Slack waits three seconds for an answer. Source: https://docs.slack.dev/apis/events-api */
const answerLimitMs = 3000;

/** Slack retries at once, after one minute and after five. Source: https://docs.slack.dev/apis/events-api */
const retryDelaysMs = [0, 60_000, 300_000];

/** A laptop has few execution environments: more at once would only wait there, and time out. */
const atOncePerDoor = 8;

/** An answer longer than this is no message: Slack's own texts end at 40,000 characters. */
const longestAnswer = 1_000_000;

/** Sends what Slack owes to the program's doors, and retries as Slack does. What is under way at a crash is sent again. */
class PostOffice {
  readonly #waiting = new Map<Door, Parcel[]>();
  readonly #sending = new Map<Door, number>();
  readonly #timers = new Set<Timer>();
  readonly #underWay = new Set<Promise<void>>();

  constructor(
    private readonly workspace: Workspace,
    private readonly clock: Clock,
    private readonly occurrences: Occurrences,
    private readonly carriers: Record<Door, Carrier>,
    private readonly signingSecret: string | undefined,
    private readonly stopping: AbortSignal,
  ) {}

  /** The write that makes a parcel durable. */
  static keep(parcel: Parcel): StateChange {
    return { put: `parcel/${parcel.id}`, value: parcel };
  }

  /** The line that a message's record shows about a parcel from now on. */
  buildDelivery({ id, door, event }: Parcel): Delivery {
    const signed = this.carriers[door].signed && this.signingSecret !== undefined;
    return { id, door, ...(event === undefined ? {} : { event }), signed, state: "sending", status: null, ms: null, retries: 0 };
  }

  /** Takes parcels that are kept already. */
  send(parcels: Parcel[]) {
    for (const parcel of parcels) {
      if (parcel.dueMs <= this.clock.nowMs()) this.#enqueue(parcel);
      else {
        const timer = this.clock.at(parcel.dueMs, () => {
          this.#timers.delete(timer);
          this.#enqueue(parcel);
        });
        this.#timers.add(timer);
      }
    }
  }

  /** Resolves when nothing is under way any more; `stopping` must be aborted before. */
  async stop() {
    for (const timer of this.#timers) timer.cancel();
    this.#waiting.clear();
    await Promise.all(this.#underWay);
  }

  #enqueue(parcel: Parcel) {
    const waiting = this.#waiting.get(parcel.door) ?? [];
    waiting.push(parcel);
    this.#waiting.set(parcel.door, waiting);
    this.#drain(parcel.door);
  }

  #drain(door: Door) {
    const waiting = this.#waiting.get(door) ?? [];
    while (waiting.length > 0 && !this.stopping.aborted && (this.#sending.get(door) ?? 0) < atOncePerDoor) {
      const parcel = waiting.shift()!;
      this.#sending.set(door, (this.#sending.get(door) ?? 0) + 1);
      const work = this.#carry(parcel)
        // A failure here is ours (the state could not be written): the parcel stays on disk and is sent at the next start.
        .catch(error => console.error(error))
        .finally(() => {
          this.#underWay.delete(work);
          this.#sending.set(door, (this.#sending.get(door) ?? 1) - 1);
          this.#drain(door);
        });
      this.#underWay.add(work);
    }
  }

  async #carry(parcel: Parcel) {
    const carrier = this.carriers[parcel.door];
    const url = carrier.url(parcel);
    const refusal = url === undefined ? "not_installed" : await carrier.refuse?.();
    if (this.stopping.aborted) return;
    if (url === undefined || refusal !== undefined) return this.#giveUp(parcel, refusal ?? "not_installed", null, null);

    const startedMs = performance.now();
    const outcome = await this.#post(parcel, carrier, url);
    if (this.stopping.aborted) return;
    const ms = Math.round(performance.now() - startedMs);
    const tried = { ...parcel, tries: parcel.tries + 1 };
    if ("reason" in outcome) return this.#postpone(tried, outcome.reason, outcome.status, ms, outcome.final);
    const commit = await carrier.answered?.(tried, outcome);
    await this.#end(tried, { state: "delivered", status: outcome.status, ms }, commit);
  }

  /** A failing answer is a value: each reason has its place in the retries. */
  async #post(parcel: Parcel, carrier: Carrier, url: string): Promise<Answer | { reason: string; status: number | null; final: boolean }> {
    const { contentType, body } = carrier.write(parcel);
    const seconds = Math.floor(this.clock.nowMs() / 1000);
    const headers = {
      "content-type": contentType,
      "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
      // Not Slack's: it lets everything that the message brings about be found under one trace.
      "x-amzn-trace-id": `Root=${parcel.trace}`,
      ...(carrier.signed && this.signingSecret !== undefined ? buildSignatureHeaders(this.signingSecret, seconds, body) : {}),
      ...(parcel.tries > 0 && parcel.door === "events"
        ? { "x-slack-retry-num": String(parcel.tries), "x-slack-retry-reason": parcel.lastReason ?? "unknown_error" }
        : {}),
    };
    const limit = AbortSignal.timeout(answerLimitMs);
    try {
      const signal = AbortSignal.any([limit, this.stopping]);
      const response = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal });
      const answer: Answer = {
        status: response.status,
        contentType: response.headers.get("content-type") ?? "",
        body: (await response.text()).slice(0, longestAnswer),
      };
      if (response.ok) return answer;
      return { reason: "http_error", status: response.status, final: response.headers.get("x-slack-no-retry") === "1" };
    } catch {
      // fetch says little more than that it failed; Slack tells these two apart.
      return { reason: limit.aborted ? "http_timeout" : "connection_failed", status: null, final: false };
    }
  }

  async #postpone(parcel: Parcel, reason: string, status: number | null, ms: number, final: boolean) {
    const delayMs = retryDelaysMs[parcel.tries - 1];
    if (final || delayMs === undefined || !this.carriers[parcel.door].retried) return this.#giveUp(parcel, reason, status, ms);
    const next: Parcel = { ...parcel, lastReason: reason, dueMs: this.clock.nowMs() + delayMs };
    const outcome: Outcome = { state: "waiting", status, ms, reason, nextMs: next.dueMs };
    await this.workspace.write([...this.#show(next, outcome), PostOffice.keep(next)]);
    this.#tell(next, outcome);
    this.send([next]);
  }

  async #giveUp(parcel: Parcel, reason: string, status: number | null, ms: number | null) {
    const commit = await this.carriers[parcel.door].failed?.(parcel, reason, status);
    await this.#end(parcel, { state: "failed", status, ms, reason }, commit);
  }

  async #end(parcel: Parcel, outcome: Outcome, commit: Commit | undefined) {
    await this.workspace.write([...(commit?.changes ?? []), ...this.#show(parcel, outcome), { delete: `parcel/${parcel.id}` }]);
    this.#tell(parcel, outcome);
    commit?.after();
  }

  /** Writes the outcome on the message's record, if the message is still there. */
  #show(parcel: Parcel, outcome: Outcome): StateChange[] {
    const posted = this.workspace.find(parcel.channel, parcel.ts);
    if (posted === undefined) return [];
    const deliveries = posted.deliveries.map(delivery =>
      delivery.id === parcel.id
        ? { ...delivery, reason: undefined, nextMs: undefined, ...outcome, retries: Math.max(0, parcel.tries - 1) }
        : delivery,
    );
    return [this.workspace.keepMessage({ ...posted, deliveries })];
  }

  #tell(parcel: Parcel, outcome: Outcome) {
    const { door, event, channel, ts, trace, tries } = parcel;
    const detail = { change: "delivery", door, event, channel, ts, tries, ...outcome };
    this.occurrences.record({ atMs: this.clock.nowMs(), kind: "slack", trace, from: "slack", to: door, detail });
  }
}

export type { Answer, Carrier, Commit, Door, Letter, Parcel };
export { PostOffice };
