import { setMaxListeners } from "node:events";

/** How much time is left for some work, by a monotonic clock. */
class Deadline {
  readonly #endMs: number;
  readonly #signals = new Map<number, AbortSignal>();

  constructor(
    budgetMs: number,
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {
    this.#endMs = monotonicMs() + budgetMs;
  }

  /** Milliseconds left, never below zero. */
  get leftMs(): number {
    return Math.max(0, this.#endMs - this.monotonicMs());
  }

  /** The signal that aborts calls at the deadline, or `reserveMs` earlier, to leave time for what follows. All calls share it. */
  signal(reserveMs = 0): AbortSignal {
    const known = this.#signals.get(reserveMs);
    if (known !== undefined) return known;
    const signal = AbortSignal.timeout(Math.floor(Math.max(0, this.leftMs - reserveMs)));
    // Each call listens while it runs. Node.js would warn of a leak when many run side by side.
    setMaxListeners(0, signal);
    this.#signals.set(reserveMs, signal);
    return signal;
  }
}

export { Deadline };
