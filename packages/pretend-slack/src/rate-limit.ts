import type { Clock } from "@slack-fanout/laptop-cloud/kernel/clock";
import { SlackError } from "./slack-error";

/** About one message per second and channel, with short bursts. Source: https://docs.slack.dev/apis/web-api/rate-limits */
const PER_SECOND = 1;
const BURST = 5;

/** Limits how fast an app posts. Kept in memory: a restart may allow one more burst. */
class RateLimit {
  readonly #buckets = new Map<string, { left: number; atMs: number }>();

  constructor(private readonly clock: Clock) {}

  /** Throws `SlackError` 429 `ratelimited` with `Retry-After`. */
  take(channel: string) {
    const nowMs = this.clock.nowMs();
    const { left, atMs } = this.#buckets.get(channel) ?? { left: BURST, atMs: nowMs };
    // The clock may have gone back.
    const filled = Math.min(BURST, left + (Math.max(0, nowMs - atMs) / 1000) * PER_SECOND);
    if (filled < 1) {
      const retryAfterSeconds = Math.ceil((1 - filled) / PER_SECOND);
      throw new SlackError("ratelimited", {}, 429, { "retry-after": String(retryAfterSeconds) });
    }
    this.#buckets.set(channel, { left: filled - 1, atMs: nowMs });
  }
}

export { RateLimit };
