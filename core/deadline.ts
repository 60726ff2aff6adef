import { setMaxListeners } from "node:events";

/** Milliseconds of a monotonic clock. `performance` would take two milliseconds of a cold start, because Node.js loads it when it is first used. */
const monotonicMs = (): number => {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
};

/** How much time is left for some work, by a monotonic clock. */
class Deadline {
  readonly #endMs: number;
  readonly #signals = new Map<number, AbortSignal>();
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(
    budgetMs: number,
    private readonly nowMs: () => number = monotonicMs,
  ) {
    this.#endMs = nowMs() + budgetMs;
  }

  /** Milliseconds left, never below zero. */
  get leftMs(): number {
    return Math.max(0, this.#endMs - this.nowMs());
  }

  /** The signal that aborts calls at the deadline, or `reserveMs` earlier, to leave time for what follows. All calls share it. */
  signal(reserveMs = 0): AbortSignal {
    const signal = this.#signals.get(reserveMs) ?? this.#createSignal(Math.max(0, this.leftMs - reserveMs));
    this.#signals.set(reserveMs, signal);
    return signal;
  }

  /** Ends the signals when the work is done. Otherwise each would build an error and keep the work in memory until its time. */
  end(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** Aborts as `AbortSignal.timeout` does, whose timer nobody can end. */
  #createSignal(afterMs: number): AbortSignal {
    const controller = new AbortController();
    // Each call listens while it runs. Node.js would warn of a leak when many run side by side.
    setMaxListeners(0, controller.signal);
    const abort = () => controller.abort(new DOMException("The time was up.", "TimeoutError"));
    this.#timers.push(setTimeout(abort, Math.floor(afterMs)).unref());
    return controller.signal;
  }
}

export { Deadline, monotonicMs };
