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
    const signal = this.#signals.get(reserveMs) ?? AbortSignal.timeout(Math.floor(Math.max(0, this.leftMs - reserveMs)));
    this.#signals.set(reserveMs, signal);
    return signal;
  }
}

export { Deadline };
