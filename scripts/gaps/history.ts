/** The messages of a conversation, as Slack has them. */
import { setTimeout as sleep } from "node:timers/promises";
import { WebAPIPlatformError, WebAPIRateLimitedError, type WebClient } from "@slack/web-api";
import { isJsonObject, type JsonObject } from "#core/json";
import type { Range } from "../replay/range";

/** The fields of a message in `conversations.history` and `conversations.replies`. */
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

  /** Reads the messages of a range, in no order, and the replies in threads that began since `threadsFromMs`. */
  async *read(channel: string, { fromMs, untilMs }: Range, threadsFromMs = fromMs): AsyncGenerator<Said> {
    const range = { oldest: toTs(fromMs), latest: toTs(untilMs), inclusive: true };
    for await (const message of this.readPages("conversations.history", {
      channel,
      ...range,
      oldest: toTs(Math.min(fromMs, threadsFromMs)),
    })) {
      if (Number(message.ts) >= Number(range.oldest)) yield message;
      if (Number(message["latest_reply"]) >= Number(range.oldest)) yield* this.readReplies({ channel, ts: message.ts, ...range });
    }
  }

  /** A reply that was also sent to the channel is in its history. */
  private async *readReplies(thread: { channel: string; ts: string; oldest: string }): AsyncGenerator<Said> {
    try {
      for await (const reply of this.readPages("conversations.replies", thread))
        if (reply.ts !== thread.ts && reply["subtype"] !== "thread_broadcast") yield reply;
    } catch (error) {
      // Slack's page of this method says that bots may not use it in channels. Its page of the scopes says that they may.
      if (!(error instanceof WebAPIPlatformError)) throw error;
      this.report(`Slack does not tell the replies below ${thread.ts}, so they are not compared: ${error.data.error}.`);
    }
  }

  private async *readPages(method: string, args: Record<string, unknown>): AsyncGenerator<Said> {
    let cursor: unknown;
    do {
      const page = { ...args, limit: MESSAGES_A_PAGE, ...(cursor ? { cursor } : {}) };
      const { messages, response_metadata: more } = await this.call(method, page);
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
