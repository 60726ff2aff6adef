import { randomBytes } from "node:crypto";
import type { Clock } from "@slack-fanout/laptop-cloud/kernel/clock";
import { SlackError } from "./slack-error";

/** Source: https://docs.slack.dev/interactivity/handling-user-interaction, "trigger_id" */
const LIFETIME_MS = 3000;

/** Trigger ids, each of which opens one modal within three seconds. In memory: a restart takes longer. */
class Triggers {
  readonly #started = new Map<string, { user: string; startedMs: number; isUsed: boolean }>();

  constructor(private readonly clock: Clock) {}

  /** A new id. Its time begins when it is sent to the app. */
  create(): string {
    return `${this.clock.nowMs()}.900000000001.${randomBytes(16).toString("hex")}`;
  }

  /** Starts the time of an id. A request that is sent again starts it again. */
  start(id: string, user: string) {
    const nowMs = this.clock.nowMs();
    for (const [each, { startedMs }] of this.#started) if (nowMs - startedMs > 10 * LIFETIME_MS) this.#started.delete(each);
    this.#started.set(id, { user, startedMs: nowMs, isUsed: false });
  }

  has(id: unknown): boolean {
    return this.#started.has(String(id));
  }

  /** The person who triggered. Throws `SlackError` `invalid_trigger_id`, `expired_trigger_id`, `exchanged_trigger_id`. */
  exchange(id: string): string {
    if (!/^\d+\.\d+\.[0-9a-f]+$/.test(id)) throw new SlackError("invalid_trigger_id");
    const trigger = this.#started.get(id);
    if (trigger?.isUsed) throw new SlackError("exchanged_trigger_id");
    if (trigger === undefined || this.clock.nowMs() - trigger.startedMs > LIFETIME_MS) throw new SlackError("expired_trigger_id");
    trigger.isUsed = true;
    return trigger.user;
  }
}

export { Triggers };
