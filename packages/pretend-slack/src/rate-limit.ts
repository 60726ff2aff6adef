import type { Clock } from "@slack-fanout/laptop-cloud/kernel/clock";
import { SlackError } from "./slack-error";

/** How fast an app may call: `burst` calls at once, then `perMinute`. */
interface Rate {
  perMinute: number;
  burst: number;
}

/** About one message per second and channel, with short bursts. Source: https://docs.slack.dev/apis/web-api/rate-limits */
const MESSAGES: Rate = { perMinute: 60, burst: 5 };

/** The tiers of methods, each method for itself in one workspace. Same source: "20+ per minute", "50+", "100+". */
const TIER_2: Rate = { perMinute: 20, burst: 20 };
const TIER_3: Rate = { perMinute: 50, burst: 50 };
const TIER_4: Rate = { perMinute: 100, burst: 100 };

/** Reading history, for apps outside of the marketplace: https://docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps */
const NON_MARKETPLACE: Rate = { perMinute: 1, burst: 1 };

/** Limits how fast an app calls. Kept in memory: a restart may allow one more burst. */
class RateLimit {
  readonly #buckets = new Map<string, { left: number; atMs: number }>();

  constructor(private readonly clock: Clock) {}

  /** `bucket` is what is limited: a channel or a method. Throws `SlackError` 429 `ratelimited` with `Retry-After`. */
  take(bucket: string, { perMinute, burst }: Rate) {
    const nowMs = this.clock.nowMs();
    const { left, atMs } = this.#buckets.get(bucket) ?? { left: burst, atMs: nowMs };
    // The clock may have gone back.
    const filled = Math.min(burst, left + (Math.max(0, nowMs - atMs) / 60_000) * perMinute);
    if (filled < 1) {
      const retryAfterSeconds = Math.ceil(((1 - filled) / perMinute) * 60);
      throw new SlackError("ratelimited", {}, 429, { "retry-after": String(retryAfterSeconds) });
    }
    this.#buckets.set(bucket, { left: filled - 1, atMs: nowMs });
  }
}

export type { Rate };
export { MESSAGES, NON_MARKETPLACE, RateLimit, TIER_2, TIER_3, TIER_4 };
