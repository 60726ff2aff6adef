import { setTimeout as sleep } from "node:timers/promises";

/** The cloud's time: the machine's, moved forward by hand. Services and functions alike go by it. */
interface Timer {
  cancel(): void;
}

/** Whoever has to keep up while time is moved by hand. */
interface Follower {
  /** Whether there is anything to wait for now. */
  readonly isAtWork: boolean;
  /** Resolves when it has kept up, with when something is due next (epoch milliseconds of the cloud). Has a limit of its own. */
  settle(): Promise<number>;
}

interface ClockOptions {
  /** How far this cloud's time was moved forward in earlier runs. */
  offsetMs?: number;
  /** Told of each move, so that it can be kept. */
  onAdvance?: (offsetMs: number) => void;
}

/** Node's timers hold no more than 2^31 - 1 ms; longer waits are taken in steps. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The longest step while somebody keeps up, milliseconds: half a minute, the usual beat of hearts that keep leases and messages. */
const MAX_STEP_MS = 30_000;

/** How long a walk waits for work that holds it, real milliseconds: functions that take longer see time move under them. */
const HOLD_LIMIT_MS = 10_000;

class Clock {
  #offsetMs: number;
  readonly #timers = new Set<PendingTimer>();
  readonly #listeners = new Set<(nowMs: number) => void>();
  readonly #followers = new Set<Follower>();
  /** Work that a walk waits for. */
  readonly #work = new Set<Promise<unknown>>();
  readonly #onAdvance: (offsetMs: number) => void;
  #walking: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor({ offsetMs = 0, onAdvance = () => {} }: ClockOptions = {}) {
    this.#offsetMs = offsetMs;
    this.#onAdvance = onAdvance;
  }

  get offsetMs() {
    return this.#offsetMs;
  }

  nowMs() {
    return Date.now() + this.#offsetMs;
  }

  /** Moves time forward in one step; what has come due fires at once, in order. Throws `RangeError` for what is not a positive number of seconds. */
  advance(seconds: number) {
    requireSeconds(seconds);
    this.#offsetMs += Math.round(seconds * 1000);
    this.#onAdvance(this.#offsetMs);
    for (const timer of [...this.#timers].sort((a, b) => a.atMs - b.atMs)) timer.arm();
    for (const listener of this.#listeners) listener(this.nowMs());
  }

  /**
   * Moves time forward so that nothing fails that would not fail without the move.
   *
   * It first waits for the work that `hold` names, and stops at each `stopAt` on its way to wait again: a retry that is due in a minute
   * runs after a minute, not after the hour that it may take at most. Followers get steps of at most 30 s, or as far as nothing is due
   * among them. Without any of these it is one step. One walk after another. Throws `RangeError` as `advance` does.
   */
  async walk(seconds: number): Promise<void> {
    requireSeconds(seconds);
    this.#walking = this.#walking.then(() => this.#walk(Math.round(seconds * 1000)));
    return this.#walking;
  }

  /** Lets walks wait until `work` has ended, for a limited time. */
  hold<T>(work: Promise<T>): Promise<T> {
    this.#work.add(work);
    const release = () => this.#work.delete(work);
    work.then(release, release);
    return work;
  }

  /** Lets `follower` keep up with `walk`. Returns the way to end it. */
  keepPace(follower: Follower): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  /** Calls `fire` when the cloud's time reaches `atMs` (epoch milliseconds); in the past means soon. */
  at(atMs: number, fire: () => void): Timer {
    return this.#add(atMs, fire, false);
  }

  /** As `at`; walks stop there, so that what is due is not late. For retries, which have a limited time. */
  stopAt(atMs: number, fire: () => void): Timer {
    return this.#add(atMs, fire, true);
  }

  #add(atMs: number, fire: () => void, stopsWalks: boolean): Timer {
    const expire = () => {
      this.#timers.delete(timer);
      fire();
    };
    const timer = new PendingTimer(this, atMs, expire, stopsWalks);
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
    return this.at(this.nowMs() + milliseconds, fire);
  }

  /** Resolves when the cloud's time has moved on by `milliseconds`, or at once when `signal` aborts. */
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

  /** Calls `listener` after each move by hand. Returns the way to end it. */
  onAdvance(listener: (nowMs: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** When the next timer fires, epoch milliseconds. */
  nextMs(): number | undefined {
    return this.#timers.size === 0 ? undefined : Math.min(...[...this.#timers].map(timer => timer.atMs));
  }

  /** Ends walks where they are: what keeps pace is about to stop, and the rest of the way must not pass without it. */
  halt() {
    this.#isOver = true;
  }

  /** Ends all timers. */
  stop() {
    this.halt();
    for (const timer of this.#timers) timer.disarm();
    this.#timers.clear();
  }

  async #walk(milliseconds: number) {
    let leftMs = milliseconds;
    let dueMs = await this.#settle();
    while (leftMs > 0 && !this.#isOver) {
      const stepMs = Math.min(leftMs, Math.max(MAX_STEP_MS, dueMs - this.nowMs()), this.#untilStopMs());
      this.advance(stepMs / 1000);
      leftMs -= stepMs;
      dueMs = await this.#settle();
    }
  }

  /** How far it is to the next stop, at least a millisecond. */
  #untilStopMs(): number {
    const stops = [...this.#timers].filter(({ stopsWalks }) => stopsWalks).map(({ atMs }) => atMs);
    return Math.max(1, Math.min(...stops) - this.nowMs());
  }

  /** Waits for work under way and for those who keep pace. Resolves with when the next thing is due among the latter. */
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

  /** Waits for work, also for what comes meanwhile. What takes too long is not waited for again. */
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
  if (!(Number.isFinite(seconds) && seconds >= 0)) throw new RangeError(`advanceSeconds is ${seconds}: want a number of seconds from 0 up`);
};

class PendingTimer {
  #handle: NodeJS.Timeout | undefined;

  constructor(
    private readonly clock: Clock,
    readonly atMs: number,
    private readonly fire: () => void,
    readonly stopsWalks: boolean,
  ) {}

  arm() {
    this.disarm();
    const leftMs = Math.max(0, this.atMs - this.clock.nowMs());
    this.#handle = setTimeout(() => this.#expire(), Math.min(leftMs, MAX_TIMER_MS));
  }

  disarm() {
    clearTimeout(this.#handle);
  }

  /** Node's timers may come a millisecond early, by another clock than `Date`; nobody here is called before the time that was asked for. */
  #expire() {
    if (this.clock.nowMs() < this.atMs) this.arm();
    else this.fire();
  }
}

export type { Follower, Timer };
export { Clock };
