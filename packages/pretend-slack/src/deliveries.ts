import type { Clock, Timer } from "@slack-fanout/laptop-cloud/kernel/clock";
import type { Occurrences } from "@slack-fanout/laptop-cloud/kernel/occurrences";
import type { StateChange } from "@slack-fanout/laptop-cloud/kernel/state";
import type { Delivery } from "./message";
import { buildSignatureHeaders } from "./signature";
import type { Workspace } from "./workspace";

type Door = Delivery["door"];

/** A request to one of the program's doors. It is stored until it is answered or given up. */
interface OutgoingRequest {
  id: string;
  door: Door;
  /** The event's type, or the command. */
  event?: string;
  /** Has no URLs of the pretend Slack: they are added when it is sent, since the port may change at a restart. */
  content: Record<string, unknown>;
  /** The message that shows the state of the delivery. */
  channel: string;
  ts: string;
  trace: string;
  /** Attempts so far. */
  tries: number;
  lastReason?: string;
  dueMs: number;
}

interface RequestBody {
  contentType: string;
  body: string;
}

interface Answer {
  status: number;
  contentType: string;
  body: string;
}

/** How requests to one door are sent, and what their answers do. */
interface Transport {
  signed: boolean;
  /** Events are retried; slash commands and buttons never are. */
  retried: boolean;
  /** Undefined if the program no longer has the door. */
  url(request: OutgoingRequest): string | undefined;
  /** Returns a reason to give the request up without sending it. */
  refuse?(): Promise<string | undefined>;
  write(request: OutgoingRequest): RequestBody;
  /** Handles a 2xx answer. Its changes are written in one batch with the deletion of the request, so that no answer is handled twice. */
  answered?(request: OutgoingRequest, answer: Answer): Promise<Commit | undefined>;
  /** Handles a request that was given up. */
  failed?(request: OutgoingRequest, reason: string, status: number | null): Promise<Commit | undefined>;
}

/** Changes that are written in one batch, and what to do afterwards. */
interface Commit {
  changes: StateChange[];
  after(): void;
}

type Outcome = Pick<Delivery, "state" | "status" | "ms" | "reason" | "nextMs">;

/** Slack waits three seconds for an answer: https://docs.slack.dev/apis/events-api */
const ANSWER_TIMEOUT_MS = 3000;

/** Slack retries at once, after one minute and after five: https://docs.slack.dev/apis/events-api */
const RETRY_DELAYS_MS = [0, 60_000, 300_000];

/** A laptop has few execution environments: more requests at once would wait there and time out. */
const MAX_CONCURRENT_PER_DOOR = 8;

/** Longer answers are cut. Slack's own messages have at most 40,000 characters. */
const MAX_ANSWER_LENGTH = 1_000_000;

interface DeliveriesOptions {
  workspace: Workspace;
  clock: Clock;
  occurrences: Occurrences;
  transports: Record<Door, Transport>;
  /** Signs the requests, if there is one. */
  signingSecret: string | undefined;
  /** Aborted when the pretend Slack stops. */
  stopping: AbortSignal;
}

const storeRequest = (request: OutgoingRequest): StateChange => ({ put: `parcel/${request.id}`, value: request });

/** Sends requests to the program's doors, and retries as Slack does. After a crash, unanswered requests are sent again. */
class Deliveries {
  readonly #waiting = new Map<Door, OutgoingRequest[]>();
  readonly #sending = new Map<Door, number>();
  readonly #timers = new Set<Timer>();
  readonly #open = new Set<Promise<void>>();

  constructor(private readonly options: DeliveriesOptions) {}

  /** The state of a new request, as its message shows it. */
  buildDelivery({ id, door, event }: OutgoingRequest): Delivery {
    const signed = this.options.transports[door].signed && this.options.signingSecret !== undefined;
    return { id, door, ...(event === undefined ? {} : { event }), signed, state: "sending", status: null, ms: null, retries: 0 };
  }

  /** Sends requests that are already stored. */
  send(requests: OutgoingRequest[]) {
    for (const request of requests) {
      if (request.dueMs <= this.options.clock.nowMs()) this.#enqueue(request);
      else {
        const timer = this.options.clock.at(request.dueMs, () => {
          this.#timers.delete(timer);
          this.#enqueue(request);
        });
        this.#timers.add(timer);
      }
    }
  }

  /** Resolves when no request is open any more; abort `stopping` first. */
  async stop() {
    for (const timer of this.#timers) timer.cancel();
    this.#waiting.clear();
    await Promise.all(this.#open);
  }

  #enqueue(request: OutgoingRequest) {
    const waiting = this.#waiting.get(request.door) ?? [];
    waiting.push(request);
    this.#waiting.set(request.door, waiting);
    this.#drain(request.door);
  }

  #drain(door: Door) {
    const waiting = this.#waiting.get(door) ?? [];
    while (waiting.length > 0 && !this.options.stopping.aborted && (this.#sending.get(door) ?? 0) < MAX_CONCURRENT_PER_DOOR) {
      const request = waiting.shift()!;
      this.#sending.set(door, (this.#sending.get(door) ?? 0) + 1);
      const work = this.#deliver(request)
        // The state could not be written: the request stays on disk and is sent at the next start.
        .catch(error => console.error(error))
        .finally(() => {
          this.#open.delete(work);
          this.#sending.set(door, (this.#sending.get(door) ?? 1) - 1);
          this.#drain(door);
        });
      this.#open.add(work);
    }
  }

  async #deliver(request: OutgoingRequest) {
    const transport = this.options.transports[request.door];
    const url = transport.url(request);
    const refusal = url === undefined ? "not_installed" : await transport.refuse?.();
    if (this.options.stopping.aborted) return;
    if (url === undefined || refusal !== undefined) return this.#giveUp(request, refusal ?? "not_installed", null, null);

    const startedMs = performance.now();
    const outcome = await this.#post(request, transport, url);
    if (this.options.stopping.aborted) return;
    const ms = Math.round(performance.now() - startedMs);
    const tried = { ...request, tries: request.tries + 1 };
    if ("reason" in outcome) return this.#retryOrGiveUp(tried, outcome.reason, outcome.status, ms, outcome.final);
    const commit = await transport.answered?.(tried, outcome);
    await this.#end(tried, { state: "delivered", status: outcome.status, ms }, commit);
  }

  /** Returns failures instead of throwing them: each has its own retries. */
  async #post(
    request: OutgoingRequest,
    transport: Transport,
    url: string,
  ): Promise<Answer | { reason: string; status: number | null; final: boolean }> {
    const { contentType, body } = transport.write(request);
    const seconds = Math.floor(this.options.clock.nowMs() / 1000);
    const headers = {
      "content-type": contentType,
      "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
      // Slack sends no such header. It connects everything that the message causes in one trace.
      "x-amzn-trace-id": `Root=${request.trace}`,
      ...(transport.signed && this.options.signingSecret !== undefined
        ? buildSignatureHeaders(this.options.signingSecret, seconds, body)
        : {}),
      ...(request.tries > 0 && request.door === "events"
        ? { "x-slack-retry-num": String(request.tries), "x-slack-retry-reason": request.lastReason ?? "unknown_error" }
        : {}),
    };
    const limit = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    try {
      const signal = AbortSignal.any([limit, this.options.stopping]);
      const response = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal });
      const answer: Answer = {
        status: response.status,
        contentType: response.headers.get("content-type") ?? "",
        body: (await response.text()).slice(0, MAX_ANSWER_LENGTH),
      };
      if (response.ok) return answer;
      return { reason: "http_error", status: response.status, final: response.headers.get("x-slack-no-retry") === "1" };
    } catch {
      // Slack distinguishes timeouts from failed connections; fetch's own error does not.
      return { reason: limit.aborted ? "http_timeout" : "connection_failed", status: null, final: false };
    }
  }

  async #retryOrGiveUp(request: OutgoingRequest, reason: string, status: number | null, ms: number, final: boolean) {
    const delayMs = RETRY_DELAYS_MS[request.tries - 1];
    if (final || delayMs === undefined || !this.options.transports[request.door].retried) return this.#giveUp(request, reason, status, ms);
    const next: OutgoingRequest = { ...request, lastReason: reason, dueMs: this.options.clock.nowMs() + delayMs };
    const outcome: Outcome = { state: "waiting", status, ms, reason, nextMs: next.dueMs };
    await this.options.workspace.write([...this.#show(next, outcome), storeRequest(next)]);
    this.#record(next, outcome);
    this.send([next]);
  }

  async #giveUp(request: OutgoingRequest, reason: string, status: number | null, ms: number | null) {
    const commit = await this.options.transports[request.door].failed?.(request, reason, status);
    await this.#end(request, { state: "failed", status, ms, reason }, commit);
  }

  async #end(request: OutgoingRequest, outcome: Outcome, commit: Commit | undefined) {
    await this.options.workspace.write([...(commit?.changes ?? []), ...this.#show(request, outcome), { delete: `parcel/${request.id}` }]);
    this.#record(request, outcome);
    commit?.after();
  }

  /** The change that shows the outcome on the message, if the message still exists. */
  #show(request: OutgoingRequest, outcome: Outcome): StateChange[] {
    const posted = this.options.workspace.find(request.channel, request.ts);
    if (posted === undefined) return [];
    const deliveries = posted.deliveries.map(delivery =>
      delivery.id === request.id
        ? { ...delivery, reason: undefined, nextMs: undefined, ...outcome, retries: Math.max(0, request.tries - 1) }
        : delivery,
    );
    return [this.options.workspace.keepMessage({ ...posted, deliveries })];
  }

  #record(request: OutgoingRequest, outcome: Outcome) {
    const { door, event, channel, ts, trace, tries } = request;
    const detail = { change: "delivery", door, event, channel, ts, tries, ...outcome };
    this.options.occurrences.record({ atMs: this.options.clock.nowMs(), kind: "slack", trace, from: "slack", to: door, detail });
  }
}

export type { Answer, Commit, Door, OutgoingRequest, RequestBody, Transport };
export { Deliveries, storeRequest };
