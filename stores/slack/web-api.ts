/** Slack's Web API, as far as the program uses it. Every error says whether trying again helps. */
import {
  LogLevel,
  type WebAPICallResult,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
  WebClient,
} from "@slack/web-api";
import { SlackBusy, SlackRefused } from "#core/errors";
import { isJsonObject, type JsonObject } from "#core/json";

/** A message to post. `id` goes along as metadata, by which the message is found again. */
interface Post {
  channel: string;
  id: string;
  text: string;
  blocks?: JsonObject[];
  threadTs?: string;
}

/** What a message of ours is to say instead; without blocks, it has none any more. */
interface Change {
  channel: string;
  ts: string;
  text: string;
  blocks?: JsonObject[];
}

/** A notifier is to return within 3 s; a post that came through all the same is found again by its id. */
const TIMEOUT_MS = 2000;
const EVENT_TYPE = "slack_fanout_notice";
/** Slack gives out at most 999; a notice is looked for among the latest. */
const MESSAGES_A_PAGE = 200;
const MAX_PAGES = 5;
/** Clocks differ by a little, Slack's from ours. */
const CLOCK_SKEW_SECONDS = 600;

/** Errors of Slack's that pass. Source: https://docs.slack.dev/reference/methods/chat.postMessage#errors */
const PASSING = new Set([
  "ratelimited",
  "rate_limited",
  "internal_error",
  "fatal_error",
  "service_unavailable",
  "request_timeout",
  "team_added_to_org",
  "message_limit_exceeded",
]);

/** Turns an error of the client's into one that says whether trying again helps. */
const explain = (method: string, error: unknown): unknown => {
  if (error instanceof WebAPIRateLimitedError) {
    return new SlackBusy(`Slack asks to wait ${error.retryAfter} s before ${method}.`, {
      cause: error,
      retryAfterSeconds: error.retryAfter,
    });
  }
  if (error instanceof WebAPIPlatformError) {
    const { error: code } = error.data;
    const message = `Slack refuses ${method}: ${code}.`;
    return PASSING.has(code) ? new SlackBusy(message, { cause: error }) : new SlackRefused(message, { cause: error, context: { code } });
  }
  if (error instanceof WebAPIHTTPError) {
    const message = `Slack answers ${method} with ${error.statusCode}.`;
    return error.statusCode === 429 || error.statusCode >= 500 ? new SlackBusy(message) : new SlackRefused(message);
  }
  // The original error may hold headers, and with them the token.
  if (error instanceof WebAPIRequestError) return new SlackBusy(`Slack did not answer ${method}: ${error.original.message}.`);
  return error;
};

class Slack {
  constructor(private readonly client: Pick<WebClient, "apiCall">) {}

  /** Calls a method. Throws `SlackBusy` when it may succeed later, `SlackRefused` when it won't. */
  async call(method: string, args: Record<string, unknown>): Promise<WebAPICallResult & Record<string, unknown>> {
    try {
      return { ...(await this.client.apiCall(method, args)) };
    } catch (error) {
      throw explain(method, error);
    }
  }

  /** Posts a message; returns its `ts`. */
  async post({ channel, id, text, blocks, threadTs }: Post): Promise<string> {
    const { ts } = await this.call("chat.postMessage", {
      channel,
      text,
      ...(blocks === undefined ? {} : { blocks }),
      ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
      metadata: { event_type: EVENT_TYPE, event_payload: { id } },
      // Links in a notice are facts, not something to show off.
      unfurl_links: false,
      unfurl_media: false,
      parse: "none",
    });
    return String(ts);
  }

  /** Changes a message; its metadata stays. */
  async update({ channel, ts, text, blocks = [] }: Change): Promise<void> {
    await this.call("chat.update", { channel, ts, text, blocks, parse: "none" });
  }

  /** Creates a canvas that only this app can see; returns its id. */
  async createCanvas(title: string, markdown: string): Promise<string> {
    const { canvas_id } = await this.call("canvases.create", { title, document_content: { type: "markdown", markdown } });
    return String(canvas_id);
  }

  /** Lets a channel read a canvas; doing so again changes nothing. */
  async shareCanvas(canvasId: string, channel: string): Promise<void> {
    await this.call("canvases.access.set", { canvas_id: canvasId, access_level: "read", channel_ids: [channel] });
  }

  /** Opens the direct conversation with a person; returns its channel. */
  async openConversation(user: string): Promise<string> {
    const { channel } = await this.call("conversations.open", { users: user });
    return isJsonObject(channel) ? String(channel["id"]) : "";
  }

  /** Finds the `ts` of a message posted under an id since a time; undefined when there is none. */
  async findPosted({ channel, id, threadTs }: Pick<Post, "channel" | "id" | "threadTs">, sinceMs: number): Promise<string | undefined> {
    if (threadTs === undefined) return this.findAmong(["conversations.history", { channel }], id, sinceMs);
    try {
      return await this.findAmong(["conversations.replies", { channel, ts: threadTs }], id, sinceMs);
    } catch (error) {
      // Slack posts a reply to what is not there as a message of the channel, and says nothing.
      if (!(error instanceof SlackRefused) || error.context["code"] !== "thread_not_found") throw error;
      return this.findPosted({ channel, id }, sinceMs);
    }
  }

  /** Looks through the pages that a method gives of a place. */
  private async findAmong([method, place]: [method: string, place: object], id: string, sinceMs: number): Promise<string | undefined> {
    const oldest = String(Math.max(0, Math.floor(sinceMs / 1000) - CLOCK_SKEW_SECONDS));
    let cursor: string | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const { messages, response_metadata } = await this.call(method, {
        ...place,
        oldest,
        limit: MESSAGES_A_PAGE,
        include_all_metadata: true,
        ...(cursor === undefined ? {} : { cursor }),
      });
      const found = Array.isArray(messages) ? messages.find(message => idOf(message) === id) : undefined;
      if (isJsonObject(found)) return String(found["ts"]);
      cursor = response_metadata?.next_cursor || undefined;
      if (cursor === undefined) return undefined;
    }
    return undefined;
  }

  /** Reads what Slack knows about a file. */
  async readFile(fileId: string): Promise<JsonObject> {
    const { file } = await this.call("files.info", { file: fileId });
    return isJsonObject(file) ? file : {};
  }
}

/** The id that a message carries in its metadata, when it is one of ours. */
const idOf = (message: unknown): unknown => {
  const metadata = isJsonObject(message) ? message["metadata"] : undefined;
  if (!isJsonObject(metadata) || metadata["event_type"] !== EVENT_TYPE || !isJsonObject(metadata["event_payload"])) return undefined;
  return metadata["event_payload"]["id"];
};

/** Creates the client; its token is `ACCESS_TOKEN` and goes only to `SLACK_URL` (default: Slack's). It never tries again by itself. */
const createSlack = (environment: Record<string, string | undefined> = process.env): Slack => {
  const { ACCESS_TOKEN: token, SLACK_URL: url } = environment;
  return new Slack(
    new WebClient(token, {
      ...(url ? { slackApiUrl: url.endsWith("/") ? url : `${url}/` } : {}),
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      timeout: TIMEOUT_MS,
      allowAbsoluteUrls: false,
      logLevel: LogLevel.ERROR,
    }),
  );
};

export type { Change, Post };
export { createSlack, Slack };
