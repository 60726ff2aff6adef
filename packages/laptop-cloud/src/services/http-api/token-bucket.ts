/** Allows `burst` requests at once and `ratePerSecond` in the long run. Uses real time, because its callers are real. */
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

  /** Takes a token, if there is one. */
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
