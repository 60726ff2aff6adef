/** The agents' gateway, for functions that only show how a task goes. Each call is one MCP request, without a session. */
import type { Progress } from "#core/agent/task-card";
import { ToolBusy, ToolRefused } from "#core/errors";
import { isJsonObject, type JsonObject, parseJsonObject } from "#core/json";

/** The gateway answers within Lambda's 30 s. */
const TIMEOUT_MS = 35_000;
/** How long to wait if the gateway does not say. */
const BUSY_MS = 10_000;

class AgentGateway {
  constructor(
    private readonly url: string,
    private readonly token: string,
    private readonly fetchGateway: typeof fetch = fetch,
  ) {}

  /** Shows the state of a task on its card. Throws `ToolBusy` if a retry may succeed, `ToolRefused` if not. */
  async report(task: string, progress: Progress): Promise<void> {
    const result = await this.request("report_progress", { task, ...progress });
    const shown = result["structuredContent"];
    const retryAfterMs = isJsonObject(shown) ? shown["retryAfterMs"] : undefined;
    if (typeof retryAfterMs === "number") throw new ToolBusy("waiting-for-slack", retryAfterMs);
  }

  /** Shows that a task has been heard. Throws like `report`. */
  async open(task: string): Promise<void> {
    await this.request("open_task", { task });
  }

  /** Sets the status of Slack's session to that of the task's thread. Throws like `report`. */
  async showSession(task: string): Promise<void> {
    await this.request("show_session", { task });
  }

  private async request(name: string, args: JsonObject): Promise<JsonObject> {
    const { result, error } = await this.call(name, args);
    if (!isJsonObject(result)) throw new ToolRefused("arguments", `The gateway answers ${JSON.stringify(error)}.`);
    if (result["isError"] === true) throw new ToolRefused("card", `The gateway refuses ${name}: ${JSON.stringify(result["content"])}.`);
    return result;
  }

  private async call(name: string, args: JsonObject): Promise<JsonObject> {
    const response = await this.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } }));
    if (response.status === 429 || response.status >= 500) throw new ToolBusy("waiting-for-the-gateway", BUSY_MS);
    if (!response.ok) throw new ToolRefused("gateway", `The gateway answers ${response.status}.`);
    return parseJsonObject(Buffer.from(await response.arrayBuffer()));
  }

  private async send(body: string): Promise<Response> {
    try {
      return await this.fetchGateway(this.url, {
        method: "POST",
        headers: {
          authorization: `Bearer ${this.token}`,
          "content-type": "application/json",
          accept: "application/json, text/event-stream",
        },
        body,
        // No other host may get the token.
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch (cause) {
      throw new ToolBusy("waiting-for-the-gateway", BUSY_MS, { cause });
    }
  }
}

/** Creates the client; `MCP_TOKEN` is its secret. */
const createAgentGateway = (url: string, environment: Record<string, string | undefined> = process.env): AgentGateway =>
  new AgentGateway(url, environment["MCP_TOKEN"] ?? "");

export { AgentGateway, createAgentGateway };
