/** How much time is left for some work, by a monotonic clock. */
class Deadline {
  readonly #endMs: number;

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

  /** Builds a signal that aborts a call at the deadline, or `reserveMs` earlier, to leave time for what follows. */
  signal(reserveMs = 0): AbortSignal {
    return AbortSignal.timeout(Math.floor(Math.max(0, this.leftMs - reserveMs)));
  }
}

export { Deadline };
