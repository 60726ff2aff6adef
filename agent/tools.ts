/** The gateway's tools over MCP: the worker's only access to Slack, Trello and the rest. */
import {
  type CallToolResult,
  Client,
  ProtocolError,
  ProtocolErrorCode,
  SdkHttpError,
  StreamableHTTPClientTransport,
} from "@modelcontextprotocol/client";
import type { Conversation } from "#core/agent/conversation";
import type { ModelFormat } from "#core/agent/model-file";
import type { Json } from "#core/agent/task";
import { isForModels, isToolName } from "#core/agent/tools";
import { isJsonObject } from "#core/json";
import type { Log } from "#core/log";
import { buildQuote } from "#core/quote";
import type { FileRead, ToolDescription, ToolOutcome, Tools } from "./brain";
import { buildTraceHeaders } from "./trace";
import { waitUntil } from "./wait";

interface ToolsSettings {
  url: string;
  token: string;
}

interface WriteOptions {
  signal: AbortSignal;
  isRepeatable: boolean;
}

type Refusal = Extract<ToolOutcome, { ok: false }>;

/** The gateway's answer, or why it refuses. */
type Asked = { answer: CallToolResult } | { refusal: Refusal };

interface TaskCalls {
  /** Called when a call starts to wait for approval, and when it goes on. */
  onWaiting(waiting: boolean): void;
}

/** The gateway answers within Lambda's 30 s. */
const CALL_TIMEOUT_MS = 35_000;
/** Waits between retries while the gateway can't be reached: doubled from the first to the longest. */
const FIRST_WAIT_MS = 500;
const LAST_WAIT_MS = 15_000;
/** A longer outage of the gateway costs the task one of its tries. */
const MAX_OUTAGE_MINUTES = 5;
const SHOW_SESSION_MS = 10_000;
const DEFAULT_APPROVAL_SECONDS = 10;
/** Arguments that the worker adds. */
const OWN_ARGUMENTS = ["task", "idempotencyKey"];

/** Whether brains may call a tool. Unknown tools belong to another gateway, which applies its own rules. */
const isOffered = (name: string): boolean => !isToolName(name) || isForModels(name);

const isJson = (value: unknown): value is Json => value !== undefined;

const readText = ({ content = [] }: CallToolResult): string => content.map(part => (part.type === "text" ? part.text : "")).join("\n");

const readResult = (answer: CallToolResult): Json => {
  if (isJson(answer.structuredContent)) return answer.structuredContent;
  const text = readText(answer);
  try {
    return JSON.parse(text) as Json;
  } catch {
    // Tools of other gateways may answer in plain text.
    return text;
  }
};

/** The content of a file stands beside the result. */
const readContent = (answer: CallToolResult): FileRead => {
  const resource = answer.content.find(part => part.type === "resource")?.resource;
  const bytes = Buffer.from(resource !== undefined && "blob" in resource ? resource.blob : "", "base64");
  return { ...(answer.structuredContent as ModelFormat & { sha256: string }), bytes };
};

/** A refusal's text begins with its rule: `channel: C0009 is not allowed.` */
const parseRefusal = (text: string): Refusal => {
  const [, rule = "unknown", message = text] = /^([a-z-]+)\b[:.]?\s*([\s\S]*)$/.exec(text) ?? [];
  return { ok: false, rule, message };
};

const isWaiting = (result: Json): result is { status: "waiting-for-approval"; retryAfterSeconds?: number } =>
  isJsonObject(result) && result["status"] === "waiting-for-approval";

/** Removes the arguments that the worker adds itself from a schema. */
const dropOwnArguments = (schema: { [key: string]: Json }): { [key: string]: Json } => {
  const { properties, required, ...rest } = schema;
  return {
    ...rest,
    properties: isJsonObject(properties)
      ? (Object.fromEntries(Object.entries(properties).filter(([name]) => !OWN_ARGUMENTS.includes(name))) as { [key: string]: Json })
      : {},
    ...(Array.isArray(required) ? { required: required.filter(name => !OWN_ARGUMENTS.includes(String(name))) } : {}),
  };
};

/** Tells whether the same request may succeed a moment later. */
const isOutage = (error: unknown): boolean => {
  if (error instanceof ProtocolError) return error.code === ProtocolErrorCode.InternalError;
  const status = error instanceof SdkHttpError ? error.status : undefined;
  return status === undefined || status === 429 || status >= 500;
};

/** Explains an error that only the operator can fix. */
const explain = (error: unknown): unknown =>
  error instanceof SdkHttpError && error.status === 401
    ? new Error("The gateway refuses the worker's token: deploy both with the same agentToken.", { cause: error })
    : error;

class GatewayTools {
  private client: Promise<Client> | undefined;

  constructor(
    private readonly settings: ToolsSettings,
    private readonly log: Log,
    private readonly nowMs: () => number = Date.now,
    private readonly fetchGateway: typeof fetch = fetch,
  ) {}

  /** Lists the tools that brains may call. */
  async list(signal: AbortSignal): Promise<ToolDescription[]> {
    const { tools } = await this.withRetries("tools/list", signal, client =>
      client.listTools(undefined, { signal, timeout: CALL_TIMEOUT_MS }),
    );
    return tools
      .filter(({ name }) => isOffered(name))
      .map(({ name, description = "", inputSchema }) => ({
        name,
        description,
        inputSchema: dropOwnArguments(inputSchema as ToolDescription["inputSchema"]),
      }));
  }

  /** Reports a task's progress. Needs no idempotency key, because each report replaces the one before. */
  report(task: string, args: { [key: string]: Json }, signal: AbortSignal): Promise<ToolOutcome> {
    return this.request("report_progress", { ...args, task }, signal);
  }

  /** Sets the status of Slack's agent session. If that can't be done soon, the relay does it. */
  async showSession(task: string, signal: AbortSignal): Promise<void> {
    await this.request("show_session", { task }, AbortSignal.any([signal, AbortSignal.timeout(SHOW_SESSION_MS)]));
  }

  /** Reads what was said in a task's thread. Returns nothing if the gateway refuses. */
  async readConversation(task: string, signal: AbortSignal): Promise<Conversation> {
    const outcome = await this.request("read_conversation", { task }, signal);
    return outcome.ok && isJsonObject(outcome.result) ? (outcome.result as Conversation) : { entries: [], files: [] };
  }

  /** Reads a file that was shared in a task's thread. */
  async readFile(task: string, file: string, signal: AbortSignal): Promise<FileRead> {
    const asked = await this.ask("read_file", { task, file }, signal);
    return "refusal" in asked ? { reason: asked.refusal.message } : readContent(asked.answer);
  }

  /** Shows a task's answer. Throws after the first failure if the call may not be repeated. */
  async write(task: string, args: { [key: string]: Json }, { signal, isRepeatable }: WriteOptions): Promise<ToolOutcome> {
    return this.request("write_answer", { ...args, task }, signal, isRepeatable);
  }

  /** Builds the tools of one task. Calls are idempotent under their key, and wait for approval where they need it. */
  bind(task: string, { onWaiting }: TaskCalls): Tools {
    return {
      list: signal => this.list(signal),
      readFile: (id, signal) => this.readFile(task, id, signal),
      call: async (name, args, { signal, key }) => {
        if (!isOffered(name)) return { ok: false, rule: "arguments", message: `There is no tool ${buildQuote(name)}.` };
        let hasWaited = false;
        for (;;) {
          const outcome = await this.request(name, { ...args, task, idempotencyKey: key }, signal);
          if (!outcome.ok || !isWaiting(outcome.result)) {
            if (hasWaited) onWaiting(false);
            return outcome;
          }
          if (!hasWaited) onWaiting(true);
          hasWaited = true;
          const { retryAfterSeconds = DEFAULT_APPROVAL_SECONDS } = outcome.result;
          await waitUntil(this.nowMs() + retryAfterSeconds * 1000, signal, this.nowMs);
        }
      },
    };
  }

  private async request(name: string, args: { [key: string]: Json }, signal: AbortSignal, isRepeatable = true): Promise<ToolOutcome> {
    const asked = await this.ask(name, args, signal, isRepeatable);
    return "refusal" in asked ? asked.refusal : { ok: true, result: readResult(asked.answer) };
  }

  private async ask(name: string, args: { [key: string]: Json }, signal: AbortSignal, isRepeatable = true): Promise<Asked> {
    const params = { name, arguments: args };
    const call = (client: Client) => client.callTool(params, { signal, timeout: CALL_TIMEOUT_MS });
    try {
      const answer = isRepeatable ? await this.withRetries(name, signal, call) : await call(await this.connect());
      return answer.isError ? { refusal: parseRefusal(readText(answer)) } : { answer };
    } catch (error) {
      // The gateway answered that the arguments or the tool's name are wrong; a retry would not help.
      if (error instanceof ProtocolError && !isOutage(error)) return { refusal: { ok: false, rule: "arguments", message: error.message } };
      throw error;
    }
  }

  /** Retries a request during an outage; keys make that safe. Throws if the outage lasts too long. */
  private async withRetries<T>(what: string, signal: AbortSignal, request: (client: Client) => Promise<T>): Promise<T> {
    const giveUpAtMs = performance.now() + MAX_OUTAGE_MINUTES * 60_000;
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LAST_WAIT_MS)) {
      try {
        return await request(await this.connect());
      } catch (error) {
        signal.throwIfAborted();
        if (!isOutage(error)) throw explain(error);
        // The card shows this message; the client's own errors are about its protocol.
        if (performance.now() > giveUpAtMs)
          throw new Error(`The gateway did not answer ${what} for ${MAX_OUTAGE_MINUTES} minutes.`, { cause: error });
        this.log.error("the gateway does not answer", error, { call: what });
        await waitUntil(this.nowMs() + waitMs, signal, this.nowMs);
      }
    }
  }

  /** Connects once, and again only after a failed attempt, because each call is a request of its own. */
  private async connect(): Promise<Client> {
    const opening = this.client ?? this.open();
    this.client = opening;
    try {
      return await opening;
    } catch (error) {
      if (this.client === opening) this.client = undefined;
      throw error;
    }
  }

  private async open(): Promise<Client> {
    const client = new Client({ name: "slack-fanout-agent", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });
    const transport = new StreamableHTTPClientTransport(new URL(this.settings.url), {
      requestInit: { headers: { authorization: `Bearer ${this.settings.token}` } },
      fetch: (url, init) => {
        const headers = new Headers(init?.headers);
        for (const [name, value] of Object.entries(buildTraceHeaders())) headers.set(name, value);
        return this.fetchGateway(url, { ...init, headers });
      },
    });
    await client.connect(transport, { timeout: CALL_TIMEOUT_MS });
    return client;
  }
}

export { GatewayTools };
