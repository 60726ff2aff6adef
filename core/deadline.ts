/** How long a piece of work may still take, by a clock that only moves forward. */
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

  /** Builds a signal that aborts a call when the time is up, or so much earlier that `reserveMs` are left for what follows. */
  signal(reserveMs = 0): AbortSignal {
    return AbortSignal.timeout(Math.floor(Math.max(0, this.leftMs - reserveMs)));
  }
}

export { Deadline };
