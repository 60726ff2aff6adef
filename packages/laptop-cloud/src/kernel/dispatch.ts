import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { AwsError } from "./aws-error";
import type { Caller } from "./caller";
import { type CallFacts, type Calls, type Check, recordedCaller } from "./calls";
import type { Clock } from "./clock";
import type { AuthorizeMore, Call, Service } from "./service";

/** Decides whether a caller may do one action on one resource. `services/iam` makes one from the inventory's roles and policies. */
interface Authorizer {
  decide(caller: Caller, action: string, resourceArn: string, more: AuthorizeMore): Decision;
}

/** `reason` is a sentence that names action, resource, role and the statement that is missing or that denies. */
type Decision = { allowed: true } | { allowed: false; reason: string };

/** Error code and status of denials, for services that differ from the usual ones. */
const denials: Record<string, { code: string; status: number }> = {
  sns: { code: "AuthorizationError", status: 403 },
  sts: { code: "AccessDenied", status: 403 },
  s3: { code: "AccessDenied", status: 403 },
  iam: { code: "AccessDenied", status: 403 },
  lambda: { code: "AccessDeniedException", status: 403 },
  scheduler: { code: "AccessDeniedException", status: 403 },
};
const usualDenial = { code: "AccessDeniedException", status: 400 };

/** Runs operations: finds the service, gives it its `Call`, checks permissions, and keeps the ledger. */
class Dispatcher {
  readonly #services = new Map<string, Service>();
  readonly #queues = new Map<string, Queue>();
  readonly #stopping = new AbortController();

  constructor(
    private readonly authorizer: Authorizer,
    private readonly calls: Calls,
    private readonly clock: Clock,
  ) {}

  add(name: string, service: Service) {
    this.#services.set(name, service);
    this.#queues.set(name, this.#queues.get(name) ?? new Queue());
  }

  remove(name: string) {
    this.#services.delete(name);
  }

  /**
   * Stops these services one after the other, and runs `work`, which starts them again. Calls to a service wait from before it stops until
   * then; only calls by `stop` and `work` pass. A service stops when the calls in progress have ended: long polls are cut short, and others
   * get some time. While a service stops, it can still call those that stop later.
   */
  async whileStopped<T>(names: string[], stop: (name: string) => Promise<void>, work: () => Promise<T>): Promise<T> {
    const holder = Symbol("reload");
    try {
      for (const name of names) {
        await this.#queues.get(name)?.hold(holder);
        await holding.run(holder, () => stop(name));
      }
      return await holding.run(holder, work);
    } finally {
      for (const name of names) this.#queues.get(name)?.release(holder);
    }
  }

  /** Throws `AwsError`: the operation's own, an access denial, or an error for an unknown service or operation. */
  async dispatch(serviceName: string, operation: string, input: object, caller: Caller, signal?: AbortSignal): Promise<object> {
    const checks: Check[] = [];
    const facts: CallFacts = {};
    const id = randomUUID();
    const startedMs = performance.now();
    let error: string | null = null;
    let aborted: AbortSignal | undefined;
    const stopping = this.#stopping.signal;
    try {
      const queue = this.#queues.get(serviceName);
      const turn = queue?.turn(holding.getStore());
      if (turn !== undefined) await turn;
      const run = this.#find(serviceName, operation);
      const call: Call = {
        id,
        service: serviceName,
        operation,
        caller,
        // Made only for the few operations that wait.
        get signal() {
          aborted ??= AbortSignal.any([stopping, ...[signal, queue?.signal].filter(each => each !== undefined)]);
          return aborted;
        },
        authorize: (action, resourceArn, more = {}) => this.#authorize(call, checks, action, resourceArn, more),
        note: more => Object.assign(facts, more),
      };
      const work = run(input, call);
      queue?.add(work);
      return await work;
    } catch (cause) {
      error = cause instanceof AwsError ? cause.code : "InternalFailure";
      throw cause;
    } finally {
      const isPage = caller.kind === "administrator" && caller.isPage === true;
      if (!isPage)
        this.calls.record({
          id,
          atMs: this.clock.nowMs(),
          ...recordedCaller(caller),
          service: serviceName,
          operation,
          action: checks[0]?.action ?? `${serviceName}:${operation}`,
          resource: checks[0]?.resource ?? null,
          allowed: checks.every(check => check.allowed),
          checks,
          ...facts,
          error,
          ms: Math.round((performance.now() - startedMs) * 1000) / 1000,
        });
    }
  }

  /** Aborts all calls in progress. */
  stop() {
    this.#stopping.abort();
  }

  #find(serviceName: string, operation: string) {
    const service = this.#services.get(serviceName);
    if (service === undefined) {
      throw new AwsError("UnknownService", `The service ${serviceName} is not started: the program declares no resource of it.`, 404);
    }
    const run = Object.hasOwn(service.operations, operation) ? service.operations[operation] : undefined;
    if (run === undefined) {
      throw new AwsError(
        "UnknownOperationException",
        `The laptop cloud does not imitate ${serviceName}:${operation}. It knows ${Object.keys(service.operations).sort().join(", ")}.`,
        501,
      );
    }
    return run;
  }

  #authorize(call: Call, checks: Check[], action: string, resource: string, more: AuthorizeMore) {
    const decision =
      call.caller.kind === "administrator" ? ({ allowed: true } as const) : this.authorizer.decide(call.caller, action, resource, more);
    checks.push({ action, resource, allowed: decision.allowed });
    if (decision.allowed) return;
    const { code, status } = denials[call.service] ?? usualDenial;
    throw new AwsError(code, decision.reason, status);
  }
}

/** How long a reload waits for calls in progress, milliseconds. */
const HOLD_LIMIT_MS = 2000;

/** The reload that the running code belongs to. Its own calls pass. */
const holding = new AsyncLocalStorage<symbol>();

/** The calls to one service: those in progress, and what new ones wait for. */
class Queue {
  readonly #inProgress = new Set<Promise<unknown>>();
  #polls = new AbortController();
  #hold: { holder: symbol; released: Promise<void>; release(): void } | undefined;

  /** Aborted when a reload is about to replace the service. */
  get signal() {
    return this.#polls.signal;
  }

  add(work: Promise<unknown>) {
    this.#inProgress.add(work);
    const remove = () => this.#inProgress.delete(work);
    work.then(remove, remove);
  }

  /** What a call has to wait for, if anything: somebody else holds the service. */
  turn(caller: symbol | undefined): Promise<void> | undefined {
    return this.#hold?.holder === caller ? undefined : this.#hold?.released;
  }

  /** Makes new calls wait, and cuts long polls short. Resolves when the calls in progress have ended, or take too long. */
  async hold(holder: symbol) {
    let release = () => {};
    const released = new Promise<void>(resolve => {
      release = resolve;
    });
    this.#hold = { holder, released, release };
    this.#polls.abort();
    this.#polls = new AbortController();
    await Promise.race([Promise.allSettled(this.#inProgress), sleep(HOLD_LIMIT_MS, undefined, { ref: false })]);
  }

  release(holder: symbol) {
    if (this.#hold?.holder !== holder) return;
    this.#hold.release();
    this.#hold = undefined;
  }
}

export type { Authorizer, Decision };
export { Dispatcher };
