/** A gateway in memory, with real MCP and receipts. Collects everything that would reach Slack in lists. */
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";
import { isEnded, type Task } from "#core/agent/task";
import type { TasksTable } from "#stores/agent/tasks-table";

type Arguments = Record<string, unknown> & { task?: string; idempotencyKey?: string };

/** One effect of a tool call. */
interface Effect {
  task: string;
  tool: string;
  key: string;
  args: Record<string, unknown>;
}

interface Card {
  state: string;
  steps: { label: string; state: string }[];
  note?: string;
}

const context = { task: z.string().optional(), idempotencyKey: z.string().optional() };
const ANYTHING = z.looseObject(context);

class FakeGateway {
  readonly effects: Effect[] = [];
  /** The contents of each task's card, first to last. */
  readonly cards = new Map<string, Card[]>();
  readonly requests: Request[] = [];
  /** Tools that wait for approval. */
  readonly awaiting = new Set<string>();
  /** The number of next requests to answer with 503. */
  outages = 0;
  readonly #receipts = new Map<string, unknown>();
  #posted = 0;

  constructor(
    private readonly tasks: TasksTable,
    private readonly nowMs: () => number,
  ) {}

  /** The posts of a task, in order. */
  posts(task: string): unknown[] {
    return this.effects.filter(effect => effect.task === task && effect.tool === "post_to_slack").map(({ args }) => args["text"]);
  }

  card(task: string): Card | undefined {
    return this.cards.get(task)?.at(-1);
  }

  readonly fetch = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = new Request(url, init);
    this.requests.push(request.clone());
    if (this.outages > 0) {
      this.outages -= 1;
      return new Response("out", { status: 503 });
    }
    if (request.headers.get("authorization") !== "Bearer secret") return new Response("no", { status: 401 });
    if (request.method !== "POST") return new Response("no", { status: 405 });
    return createMcpHandler(() => this.createServer()).fetch(request);
  };

  private createServer(): McpServer {
    const server = new McpServer({ name: "gateway", version: "1.0.0" });
    const add = (name: string, work: (args: Arguments, task: Task) => Promise<unknown>) =>
      server.registerTool(name, { description: `Does ${name}.`, inputSchema: ANYTHING }, async args => this.answer(args, work));
    add("post_to_slack", args => this.once("post_to_slack", args, () => ({ channel: "C0001", ts: this.nextTs() })));
    add("create_trello_card", args => this.once("create_trello_card", args, () => ({ cardId: "t1", url: "https://trello.test/t1" })));
    add("create_canvas", args => this.once("create_canvas", args, () => ({ canvasId: "F1" })));
    add("claim_dibs", args => this.once("claim_dibs", args, () => ({ status: "holding" })));
    add("release_dibs", args => this.once("release_dibs", args, () => ({})));
    add("read_words", async () => ({ words: [{ word: "lunch", count: 12 }] }));
    add("report_progress", (args, task) => this.report(args, task));
    add("write_answer", args => this.write(args));
    add("read_conversation", async () => ({ entries: [], files: [] }));
    server.registerTool("show_session", { inputSchema: ANYTHING }, async () => ({ content: [{ type: "text", text: "{}" }] }));
    server.registerTool("refuse", { inputSchema: ANYTHING }, async () => ({
      isError: true,
      content: [{ type: "text", text: "channel: C0009 is not allowed." }],
    }));
    return server;
  }

  private async answer(args: Arguments, work: (args: Arguments, task: Task) => Promise<unknown>) {
    const task = await this.tasks.read(args.task ?? "");
    if (task === undefined || isEnded(task)) return { isError: true, content: [{ type: "text" as const, text: "task: it has ended." }] };
    return { content: [{ type: "text" as const, text: JSON.stringify(await work(args, task)) }] };
  }

  private async once(tool: string, { task = "", idempotencyKey: key = "", ...args }: Arguments, result: () => object): Promise<unknown> {
    if (this.awaiting.has(tool)) return { status: "waiting-for-approval", retryAfterSeconds: 1 };
    const receipt = `${task} ${key}`;
    if (!this.#receipts.has(receipt)) {
      this.effects.push({ task, tool, key, args });
      this.#receipts.set(receipt, result());
    }
    return this.#receipts.get(receipt);
  }

  /** Shows a growing answer. When it ends, it is a post of the task. */
  private async write({ text, step, stream, ...call }: Arguments): Promise<unknown> {
    if (step === "end") return this.once("post_to_slack", { ...call, text, idempotencyKey: "answer" }, () => ({ ts: "1763805600.000001" }));
    if (stream === undefined) await this.tasks.keepStream(call.task ?? "");
    return stream ?? { ts: "1763805600.000001", mode: "stream", sent: 0 };
  }

  private async report({ task: id = "", state, steps, note }: Arguments, task: Task): Promise<unknown> {
    const ts = task.cardTs ?? this.nextTs();
    await this.tasks.keepCard(task, { ts, threadTs: task.threadTs ?? ts }, this.nowMs());
    const card = { state, steps, ...(note === undefined ? {} : { note }) } as Card;
    this.cards.set(id, [...(this.cards.get(id) ?? []), card]);
    return { ts };
  }

  private nextTs(): string {
    this.#posted += 1;
    return `1763805600.${String(this.#posted).padStart(6, "0")}`;
  }
}

export type { Card, Effect };
export { FakeGateway };
