/** Lets `burst` requests pass at once and `ratePerSecond` in the long run. Goes by the machine's own time: callers are real. */
class TokenBucket {
  #tokens: number;
  #filledMs: number;

  constructor(
    private readonly ratePerSecond: number,
    private readonly burst: number,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.#tokens = burst;
    this.#filledMs = nowMs();
  }

  /** Takes one token, if there is one. */
  take(): boolean {
    const nowMs = this.nowMs();
    this.#tokens = Math.min(this.burst, this.#tokens + ((nowMs - this.#filledMs) / 1000) * this.ratePerSecond);
    this.#filledMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}

export { TokenBucket };
