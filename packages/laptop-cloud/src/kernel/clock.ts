import { setTimeout as sleep } from "node:timers/promises";

interface Timer {
  cancel(): void;
}

/** A process that has to catch up when the clock is moved. */
interface Follower {
  /** Whether there is work to wait for now. */
  readonly isAtWork: boolean;
  /** Resolves when it has caught up, with the next due time (epoch milliseconds of the cloud). Has its own time limit. */
  settle(): Promise<number>;
}

interface ClockOptions {
  /** How far the clock was moved forward in earlier runs. */
  offsetMs?: number;
  /** Called after each move, to store it. */
  onMove?: (offsetMs: number) => void;
}

/** The limit of Node's timers. Longer waits take several timers. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Maximum step while a process has to catch up: half a minute, the usual interval of heartbeats. */
const MAX_STEP_MS = 30_000;

/** How long a step waits for held work, in real milliseconds. Functions that run longer see the clock move. */
const HOLD_LIMIT_MS = 10_000;

/** The clock of services and functions: the machine's time, which can be moved forward, and back to what it is. */
class Clock {
  #offsetMs: number;
  readonly #timers = new Set<PendingTimer>();
  readonly #listeners = new Set<(nowMs: number, movedMs: number) => void>();
  readonly #followers = new Set<Follower>();
  /** Work that each step waits for. */
  readonly #work = new Set<Promise<unknown>>();
  readonly #onMove: (offsetMs: number) => void;
  #advancing: Promise<void> = Promise.resolve();
  /** What is left of the moves under way. */
  #leftMs = 0;
  /** Counts the calls of `cancel`. */
  #cancellations = 0;
  #isOver = false;

  constructor({ offsetMs = 0, onMove = () => {} }: ClockOptions = {}) {
    this.#offsetMs = offsetMs;
    this.#onMove = onMove;
  }

  get offsetMs() {
    return this.#offsetMs;
  }

  nowMs() {
    return Date.now() + this.#offsetMs;
  }

  /** Moves the clock forward in one step; due timers fire at once, in order. Throws `RangeError` unless the number of seconds is positive. */
  advance(seconds: number) {
    requireSeconds(seconds);
    this.#move(this.#offsetMs + Math.round(seconds * 1000));
  }

  /**
   * Goes back to the machine's time, after the moves under way. What has fired stays so. Waits for a length of time go on for what is left of it;
   * timers for a point in time wait until it comes again, unless their service plans them anew (`onMove`).
   */
  async goBack(): Promise<void> {
    this.#advancing = this.#advancing.then(() => this.#move(0));
    return this.#advancing;
  }

  #move(offsetMs: number) {
    const movedMs = offsetMs - this.#offsetMs;
    this.#offsetMs = offsetMs;
    if (movedMs < 0) for (const timer of this.#timers) timer.followBack(movedMs);
    this.#onMove(offsetMs);
    for (const timer of [...this.#timers].sort((a, b) => a.atMs - b.atMs)) timer.arm();
    for (const listener of this.#listeners) listener(this.nowMs(), movedMs);
  }

  /**
   * Moves the clock forward without causing failures that the move alone would cause.
   *
   * It first waits for the work passed to `hold`, and waits again at the time of each `stopAt`. So a retry that is due in a minute runs
   * after a minute, even if the clock moves by an hour. While a follower is at work, a step is at most 30 s or ends at the follower's next
   * due time, whichever is later. Otherwise one step is enough. Calls run one after another. Throws `RangeError` as `advance` does.
   */
  async advanceInSteps(seconds: number): Promise<void> {
    requireSeconds(seconds);
    const milliseconds = Math.round(seconds * 1000);
    const cancellations = this.#cancellations;
    this.#leftMs += milliseconds;
    this.#advancing = this.#advancing.then(() => this.#takeSteps(milliseconds, cancellations));
    return this.#advancing;
  }

  /** Where the moves of `advanceInSteps` that are under way end; undefined if there are none. */
  get targetMs(): number | undefined {
    return this.#leftMs === 0 ? undefined : this.nowMs() + this.#leftMs;
  }

  /** Ends the moves of `advanceInSteps` where they are, after the step under way. */
  async cancel(): Promise<void> {
    this.#cancellations += 1;
    return this.#advancing;
  }

  /** Makes `advanceInSteps` wait until `work` has ended, for a limited time. */
  hold<T>(work: Promise<T>): Promise<T> {
    this.#work.add(work);
    const release = () => this.#work.delete(work);
    work.then(release, release);
    return work;
  }

  /** Makes `advanceInSteps` wait for `follower`. Returns a function that removes the follower. */
  keepPace(follower: Follower): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  /** Calls `fire` when the clock reaches `atMs` (epoch milliseconds), or soon if that is in the past. */
  at(atMs: number, fire: () => void): Timer {
    return this.#add(atMs, fire);
  }

  /** Like `at`, but a step of `advanceInSteps` ends there, so that the timer is not late. For retries, which have a time limit. */
  stopAt(atMs: number, fire: () => void): Timer {
    return this.#add(atMs, fire, { endsStep: true });
  }

  #add(atMs: number, fire: () => void, kind: TimerKind = {}): Timer {
    const expire = () => {
      this.#timers.delete(timer);
      fire();
    };
    const timer = new PendingTimer(this, atMs, expire, kind);
    this.#timers.add(timer);
    timer.arm();
    return {
      cancel: () => {
        this.#timers.delete(timer);
        timer.disarm();
      },
    };
  }

  after(milliseconds: number, fire: () => void): Timer {
    return this.#add(this.nowMs() + milliseconds, fire, { isLength: true });
  }

  /** Resolves after `milliseconds` of the cloud's time, or at once when `signal` aborts. */
  wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      if (signal?.aborted) return resolve();
      const end = () => {
        timer.cancel();
        signal?.removeEventListener("abort", end);
        resolve();
      };
      const timer = this.after(milliseconds, end);
      signal?.addEventListener("abort", end, { once: true });
    });
  }

  /** Calls `listener` after each move, with how far it was: below 0 for a move back. Returns a function that removes it. */
  onMove(listener: (nowMs: number, movedMs: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The due time of the next timer, in epoch milliseconds. */
  nextMs(): number | undefined {
    return this.#timers.size === 0 ? undefined : Math.min(...[...this.#timers].map(timer => timer.atMs));
  }

  /** Ends `advanceInSteps` early, because the followers are about to stop and would miss the remaining steps. */
  halt() {
    this.#isOver = true;
  }

  /** Ends all timers. */
  stop() {
    this.halt();
    for (const timer of this.#timers) timer.disarm();
    this.#timers.clear();
  }

  async #takeSteps(milliseconds: number, cancellations: number) {
    let leftMs = milliseconds;
    let dueMs = await this.#settle();
    while (leftMs > 0 && !this.#isOver && cancellations === this.#cancellations) {
      const stepMs = Math.min(leftMs, Math.max(MAX_STEP_MS, dueMs - this.nowMs()), this.#untilStopMs());
      this.#leftMs -= stepMs;
      this.advance(stepMs / 1000);
      leftMs -= stepMs;
      dueMs = await this.#settle();
    }
    this.#leftMs -= leftMs;
  }

  /** The time to the next stop, at least a millisecond. */
  #untilStopMs(): number {
    const stops = [...this.#timers].filter(({ kind }) => kind.endsStep).map(({ atMs }) => atMs);
    return Math.max(1, Math.min(...stops) - this.nowMs());
  }

  /** Waits for held work and for followers. Resolves with the followers' next due time. */
  async #settle(): Promise<number> {
    await this.#fireDue();
    await this.#endWork();
    const atWork = [...this.#followers].filter(({ isAtWork }) => isAtWork);
    return Math.min(...(await Promise.all(atWork.map(follower => follower.settle()))));
  }

  /** Resolves when all timers that are due have fired. */
  async #fireDue() {
    const nowMs = this.nowMs();
    const due = [...this.#timers].filter(({ atMs }) => atMs <= nowMs);
    while (due.some(timer => this.#timers.has(timer))) await sleep(1);
  }

  /** Waits for held work, including new work. Work that takes too long is not waited for again. */
  async #endWork() {
    if (this.#work.size === 0) return;
    const limit = new AbortController();
    const isOver = sleep(HOLD_LIMIT_MS, undefined, { signal: limit.signal, ref: false }).catch(() => {});
    const startedMs = performance.now();
    while (this.#work.size > 0 && performance.now() - startedMs < HOLD_LIMIT_MS) {
      await Promise.race([isOver, Promise.allSettled(this.#work)]);
    }
    limit.abort();
    this.#work.clear();
  }
}

const requireSeconds = (seconds: number) => {
  if (!(Number.isFinite(seconds) && seconds >= 0))
    throw new RangeError(`advanceSeconds is ${seconds}, but must be a number of seconds from 0 up`);
};

interface TimerKind {
  /** Whether a step of `advanceInSteps` ends there. */
  endsStep?: boolean;
  /** Whether it waits for a length of time, rather than for a point in time. */
  isLength?: boolean;
}

class PendingTimer {
  #handle: NodeJS.Timeout | undefined;

  constructor(
    private readonly clock: Clock,
    public atMs: number,
    private readonly fire: () => void,
    readonly kind: TimerKind,
  ) {}

  /** Keeps what is left of a length of time. */
  followBack(movedMs: number) {
    if (this.kind.isLength) this.atMs += movedMs;
  }

  arm() {
    this.disarm();
    const leftMs = Math.max(0, this.atMs - this.clock.nowMs());
    this.#handle = setTimeout(() => this.#expire(), Math.min(leftMs, MAX_TIMER_MS));
  }

  disarm() {
    clearTimeout(this.#handle);
  }

  /** Node's timers may fire a millisecond before the time by `Date`. Ours never fire early. */
  #expire() {
    if (this.clock.nowMs() < this.atMs) this.arm();
    else this.fire();
  }
}

export type { Follower, Timer };
export { Clock };
