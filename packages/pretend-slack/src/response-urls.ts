import { randomBytes } from "node:crypto";
import type { Clock } from "@slack-fanout/laptop-cloud/kernel/clock";
import type { State, StateChange } from "@slack-fanout/laptop-cloud/kernel/state";
import { SlackError } from "./slack-error";

interface ResponseUrl {
  id: string;
  kind: "commands" | "actions";
  channel: string;
  user: string;
  threadTs?: string;
  /** The message whose button was pressed, which `replace_original` replaces. */
  messageTs?: string;
  uses: number;
  expiresMs: number;
}

/** Source: https://docs.slack.dev/interactivity/handling-user-interaction, "message responses" */
const MAX_USES = 5;
const LIFETIME_MS = 30 * 60_000;

/** All `response_url`s. Each can be used five times within thirty minutes. */
class ResponseUrls {
  readonly #urls = new Map<string, ResponseUrl>();

  constructor(
    private readonly state: State,
    private readonly clock: Clock,
    private readonly slackUrl: string,
    private readonly teamId: string,
  ) {}

  async load() {
    const expired: StateChange[] = [];
    for (const [key, url] of await this.state.entries<ResponseUrl>("response/")) {
      if (url.expiresMs > this.clock.nowMs()) this.#urls.set(url.id, url);
      else expired.push({ delete: key });
    }
    await this.state.batch(expired);
  }

  create(place: Omit<ResponseUrl, "id" | "uses" | "expiresMs">): { id: string; change: StateChange } {
    const url = { ...place, id: randomBytes(18).toString("hex"), uses: 0, expiresMs: this.clock.nowMs() + LIFETIME_MS };
    this.#urls.set(url.id, url);
    return { id: url.id, change: { put: `response/${url.id}`, value: url } };
  }

  format(kind: ResponseUrl["kind"], id: string) {
    return `${this.slackUrl}/${kind}/${this.teamId}/${id}`;
  }

  /** Counts a use. Throws `SlackError` 404 `used_url` or `expired_url`. */
  async use(id: string): Promise<ResponseUrl> {
    const url = this.#urls.get(id);
    if (url === undefined || url.expiresMs <= this.clock.nowMs()) throw new SlackError("expired_url", {}, 404);
    if (url.uses >= MAX_USES) throw new SlackError("used_url", {}, 404);
    url.uses += 1;
    await this.state.put(`response/${id}`, url);
    return url;
  }
}

export type { ResponseUrl };
export { ResponseUrls };
