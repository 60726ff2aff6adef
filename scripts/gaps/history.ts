/** The messages of a conversation, as Slack has them. */
import { setTimeout as sleep } from "node:timers/promises";
import { WebAPIRateLimitedError, type WebClient } from "@slack/web-api";
import { isJsonObject, type JsonObject } from "#core/json";
import type { Range } from "../replay/range";

/** What `conversations.history` tells of a message. */
interface Said extends JsonObject {
  ts: string;
}

/** Slack recommends at most 200. Apps outside of its marketplace get 15. Source: https://docs.slack.dev/reference/methods/conversations.history */
const MESSAGES_A_PAGE = 200;

class SlackHistory {
  constructor(
    private readonly slack: Pick<WebClient, "apiCall">,
    private readonly report: (sentence: string) => void,
    private readonly wait: (ms: number) => Promise<unknown> = sleep,
  ) {}

  /** Slack's type of a conversation, as its events tell it. Source: https://docs.slack.dev/reference/objects/conversation-object */
  async readChannelType(channel: string): Promise<string> {
    const { channel: found } = await this.call("conversations.info", { channel });
    const { is_im, is_mpim, is_private } = isJsonObject(found) ? found : {};
    return is_im === true ? "im" : is_mpim === true ? "mpim" : is_private === false ? "channel" : "group";
  }

  /** Reads the messages of a range, newest first, without the replies in threads. */
  async *read(channel: string, { fromMs, untilMs }: Range): AsyncGenerator<Said> {
    const range = { oldest: toTs(fromMs), latest: toTs(untilMs), inclusive: true };
    let cursor: unknown;
    do {
      const page = { channel, ...range, limit: MESSAGES_A_PAGE, ...(cursor ? { cursor } : {}) };
      const { messages, response_metadata: more } = await this.call("conversations.history", page);
      for (const message of Array.isArray(messages) ? messages : [])
        if (isJsonObject(message) && typeof message["ts"] === "string") yield message as Said;
      cursor = isJsonObject(more) ? more["next_cursor"] : undefined;
    } while (cursor);
  }

  /** Waits for as long as Slack asks: apps outside of its marketplace may read once a minute. */
  private async call(method: string, args: Record<string, unknown>): Promise<JsonObject> {
    for (;;) {
      try {
        return (await this.slack.apiCall(method, args)) as unknown as JsonObject;
      } catch (error) {
        if (!(error instanceof WebAPIRateLimitedError)) throw error;
        this.report(`Slack asks to wait ${error.retryAfter} s before ${method}.`);
        await this.wait(error.retryAfter * 1000);
      }
    }
  }
}

const toTs = (ms: number) => (ms / 1000).toFixed(6);

export type { Said };
export { SlackHistory };
