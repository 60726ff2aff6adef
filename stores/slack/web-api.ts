/** Slack's Web API, as far as the program uses it. Every error tells whether a retry may succeed. */
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
import { createTokens, type Tokens, type TokensSettings } from "#stores/slack/tokens";

/** A message to post. */
interface Post {
  channel: string;
  /** Sent as metadata, so that `findPosted` finds the message again. */
  id: string;
  text: string;
  blocks?: JsonObject[];
  threadTs?: string;
}

/** The new content of a message of ours. Without blocks, the message loses its blocks. */
interface Change {
  channel: string;
  ts: string;
  text: string;
  blocks?: JsonObject[];
}

/** The new text of a message of ours, in markdown, and the blocks below it. */
interface MarkdownChange extends Pick<Change, "channel" | "ts" | "text"> {
  below?: JsonObject[];
}

/** The thread of a stream, and the person who asked. Slack requires the recipient of a stream, except in direct messages. */
interface StreamPlace {
  channel: string;
  threadTs: string;
  reader: { user: string; team: string };
}

interface StreamEnd {
  channel: string;
  ts: string;
  /** Sent as metadata, as for a post. */
  id: string;
  text: string;
  /** The status of the agent session afterwards. */
  status: string;
  /** Shown below the text. */
  blocks?: JsonObject[];
}

/** The notifier must return within 3 s. If a post succeeds after the timeout, `findPosted` finds it. */
const TIMEOUT_MS = 2000;
/** The longest `markdown_text`. */
const MAX_MARKDOWN_CHARACTERS = 12_000;
const EVENT_TYPE = "slack_fanout_notice";
/** Longer than `TIMEOUT_MS`: the first call uses up the code or refresh token, so it can't be retried. */
const EXCHANGE_TIMEOUT_MS = 10_000;
/** Slack returns at most 999 messages per page; `findPosted` searches the latest pages. */
const MESSAGES_A_PAGE = 200;
const MAX_PAGES = 5;
const TEAMS_A_PAGE = 1000;
/** Slack's clock and ours may differ. */
const CLOCK_SKEW_SECONDS = 600;

/** Transient errors. Source: https://docs.slack.dev/reference/methods/chat.postMessage#errors */
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

/** Converts an error of the client to one that tells whether a retry may succeed. */
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
  // The original error may contain headers, and with them the token.
  if (error instanceof WebAPIRequestError) return new SlackBusy(`Slack did not answer ${method}: ${error.original.message}.`);
  return error;
};

class Slack {
  constructor(private readonly client: Pick<WebClient, "apiCall">) {}

  /** Calls a method. Throws `SlackBusy` if a retry may succeed, `SlackRefused` if not. */
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
      metadata: buildMetadata(id),
      // Links in a notice need no preview.
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

  /** Posts a message in markdown; returns its `ts`. */
  async postMarkdown({ channel, id, text, threadTs }: Post): Promise<string> {
    const { ts } = await this.call("chat.postMessage", {
      channel,
      thread_ts: threadTs,
      ...buildMarkdown(text),
      metadata: buildMetadata(id),
      unfurl_links: false,
      unfurl_media: false,
    });
    return String(ts);
  }

  /** Replaces the text of a message of ours by markdown, with blocks below it if they fit. */
  async updateMarkdown({ channel, ts, text, below = [] }: MarkdownChange): Promise<void> {
    await this.call("chat.update", { channel, ts, ...buildMarkdown(text, below) });
  }

  /** Begins a message that grows; returns its `ts`. */
  async startStream({ channel, threadTs, reader }: StreamPlace, text: string): Promise<string> {
    const { ts } = await this.call("chat.startStream", {
      channel,
      thread_ts: threadTs,
      recipient_user_id: reader.user,
      recipient_team_id: reader.team,
      markdown_text: text,
    });
    return String(ts);
  }

  async appendStream(channel: string, ts: string, text: string): Promise<void> {
    await this.call("chat.appendStream", { channel, ts, markdown_text: text });
  }

  /** Ends a stream, with its last text. */
  async stopStream({ channel, ts, id, text, status, blocks = [] }: StreamEnd): Promise<void> {
    await this.call("chat.stopStream", {
      channel,
      ts,
      ...(text === "" ? {} : { markdown_text: text }),
      ...(blocks.length === 0 ? {} : { blocks }),
      metadata: buildMetadata(id),
      session_status: status,
    });
  }

  /** Finds the `ts` of our message in a thread that was posted without an id: a stream that has not ended. */
  async findStream({ channel, threadTs }: Pick<StreamPlace, "channel" | "threadTs">, sinceMs: number): Promise<string | undefined> {
    const { bot_id: bot } = await this.call("auth.test", {});
    const isOurs = (message: unknown) => isJsonObject(message) && message["bot_id"] === bot && idOf(message) === undefined;
    return this.findMessage(["conversations.replies", { channel, ts: threadTs }], isOurs, sinceMs);
  }

  /** Creates a canvas that only this app can see; returns its id. */
  async createCanvas(title: string, markdown: string): Promise<string> {
    const { canvas_id } = await this.call("canvases.create", { title, document_content: { type: "markdown", markdown } });
    return String(canvas_id);
  }

  /** Gives a channel read access to a canvas. Idempotent. */
  async shareCanvas(canvasId: string, channel: string): Promise<void> {
    await this.call("canvases.access.set", { canvas_id: canvasId, access_level: "read", channel_ids: [channel] });
  }

  /** Opens the direct conversation with a person; returns its channel. */
  async openConversation(user: string): Promise<string> {
    const { channel } = await this.call("conversations.open", { users: user });
    return isJsonObject(channel) ? String(channel["id"]) : "";
  }

  /** Finds the `ts` of a message that was posted with an id since a time; undefined if there is none. */
  async findPosted({ channel, id, threadTs }: Pick<Post, "channel" | "id" | "threadTs">, sinceMs: number): Promise<string | undefined> {
    const isWanted = (message: unknown) => idOf(message) === id;
    if (threadTs === undefined) return this.findMessage(["conversations.history", { channel }], isWanted, sinceMs);
    try {
      return await this.findMessage(["conversations.replies", { channel, ts: threadTs }], isWanted, sinceMs);
    } catch (error) {
      // If the thread does not exist, Slack silently posts the reply as a message of the channel.
      if (!(error instanceof SlackRefused) || error.context["code"] !== "thread_not_found") throw error;
      return this.findPosted({ channel, id }, sinceMs);
    }
  }

  /** Searches the pages of a conversation or thread. */
  private async findMessage(
    [method, place]: [method: string, place: object],
    isWanted: (message: unknown) => boolean,
    sinceMs: number,
  ): Promise<string | undefined> {
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
      const found = Array.isArray(messages) ? messages.find(isWanted) : undefined;
      if (isJsonObject(found)) return String(found["ts"]);
      cursor = response_metadata?.next_cursor || undefined;
      if (cursor === undefined) return undefined;
    }
    return undefined;
  }

  /** Lists the workspaces of an organisation, with its token. Source: https://docs.slack.dev/reference/methods/auth.teams.list */
  async listTeams(): Promise<string[]> {
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const { teams, response_metadata } = await this.call("auth.teams.list", {
        limit: TEAMS_A_PAGE,
        ...(cursor === undefined ? {} : { cursor }),
      });
      if (Array.isArray(teams)) found.push(...teams.filter(isJsonObject).map(({ id }) => String(id)));
      cursor = response_metadata?.next_cursor || undefined;
    } while (cursor !== undefined);
    return found;
  }

  async readFile(fileId: string): Promise<JsonObject> {
    const { file } = await this.call("files.info", { file: fileId });
    return isJsonObject(file) ? file : {};
  }
}

const buildMetadata = (id: string) => ({ event_type: EVENT_TYPE, event_payload: { id } });

/** Sends longer markdown as `text`, which may have 40,000 characters. Source: https://docs.slack.dev/reference/methods/chat.update */
const buildMarkdown = (text: string, below: JsonObject[] = []) => {
  if (text.length > MAX_MARKDOWN_CHARACTERS) return { text, blocks: [] };
  // Slack takes no blocks beside `markdown_text`.
  return below.length === 0 ? { markdown_text: text } : { text, blocks: [{ type: "markdown", text }, ...below] };
};

/** Reads the id from the metadata of a message; undefined if the message is not ours. */
const idOf = (message: unknown): unknown => {
  const metadata = isJsonObject(message) ? message["metadata"] : undefined;
  if (!isJsonObject(metadata) || metadata["event_type"] !== EVENT_TYPE || !isJsonObject(metadata["event_payload"])) return undefined;
  return metadata["event_payload"]["id"];
};

/** Slack's errors for a token that is no longer valid. Source: https://docs.slack.dev/reference/methods/auth.test#errors */
const REVOKED = new Set(["token_revoked", "account_inactive", "invalid_auth"]);

/** Slack's error if a workspace no longer has the app through the organisation whose token is used. */
const NOT_GRANTED = "team_access_not_granted";

/** Slack clients for all workspaces, each with its workspace's token. */
class Slacks {
  constructor(
    private readonly tokens: Tokens,
    private readonly connect: (token: string) => Pick<WebClient, "apiCall">,
  ) {}

  /** Slack as the bot of a workspace. Its methods also throw `SlackRefused` with the code `not_installed`. */
  of(team: string): Slack {
    return new Slack({ apiCall: (method, args) => this.#call(team, method, args) });
  }

  /** Reads a workspace's token, for downloads. Throws `SlackRefused` with the code `not_installed`. */
  async tokenOf(team: string): Promise<string> {
    return this.tokens.of(team);
  }

  async #call(team: string, method: string, args?: Record<string, unknown>): Promise<WebAPICallResult> {
    const token = await this.tokens.of(team);
    try {
      return await this.connect(token).apiCall(method, args);
    } catch (error) {
      const code = error instanceof WebAPIPlatformError ? error.data.error : "";
      const isRevoked = REVOKED.has(code);
      if (!isRevoked && code !== NOT_GRANTED) throw error;
      if (!(await this.tokens.refuse(team, token, isRevoked))) throw error;
      return this.connect(await this.tokens.of(team)).apiCall(method, args);
    }
  }
}

/** Connects to `SLACK_URL` (default: Slack's); the token goes nowhere else. The client never retries by itself. */
const connectTo =
  ({ SLACK_URL: url }: Record<string, string | undefined>, timeout = TIMEOUT_MS) =>
  (token?: string): WebClient =>
    new WebClient(token, {
      ...(url ? { slackApiUrl: url.endsWith("/") ? url : `${url}/` } : {}),
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      timeout,
      allowAbsoluteUrls: false,
      logLevel: LogLevel.ERROR,
    });

/** Creates the clients. A stack that serves one workspace uses the token `ACCESS_TOKEN`. */
const createSlacks = (settings?: TokensSettings, environment: Record<string, string | undefined> = process.env): Slacks =>
  new Slacks(createTokens(settings, environment), connectTo(environment));

/** Creates a client without a token, for methods that take the app's credentials. */
const createTokenlessSlack = (): Slack => new Slack(connectTo(process.env, EXCHANGE_TIMEOUT_MS)());

export type { Change, MarkdownChange, Post, StreamEnd, StreamPlace };
export { createSlacks, createTokenlessSlack, MAX_MARKDOWN_CHARACTERS, Slack, Slacks };
