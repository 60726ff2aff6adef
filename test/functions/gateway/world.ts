/** A test bed for the gateway: its tables, fakes of Slack and Trello that record requests, and processes that die at a given call. */
import { AGENT_GATEWAY, AGENT_TASKS } from "#core/agent/tables";
import type { Task } from "#core/agent/task";
import { FILES } from "#core/documents/tables";
import { SlackRefused, ToolBusy } from "#core/errors";
import type { JsonObject } from "#core/json";
import { createLog } from "#core/log";
import type { MessageFile } from "#core/message/message";
import { BOARDS, WORDS } from "#core/message/tables";
import { nameMentions } from "#core/slack/mentions";
import { Gateway } from "#functions/gateway";
import { AnswerTool } from "#functions/gateway/answer-tool";
import { Approvals } from "#functions/gateway/approvals";
import { ArchiveTool } from "#functions/gateway/archive-tool";
import { Cards } from "#functions/gateway/cards";
import { ConversationTool } from "#functions/gateway/conversation-tool";
import { DibsTools } from "#functions/gateway/dibs-tools";
import { FileTool } from "#functions/gateway/file-tool";
import { McpEndpoint } from "#functions/gateway/mcp";
import { Once } from "#functions/gateway/once";
import { SlackTools } from "#functions/gateway/slack-tools";
import { Toolbox, type ToolboxSettings } from "#functions/gateway/toolbox";
import { TrelloTool } from "#functions/gateway/trello-tool";
import { WordsTool } from "#functions/gateway/words-tool";
import { Sessions } from "#stores/agent/sessions";
import { StreamLimits } from "#stores/agent/stream-limits";
import { TaskCards } from "#stores/agent/task-cards";
import { TasksTable } from "#stores/agent/tasks-table";
import { ThreadsTable } from "#stores/agent/threads-table";
import { ToolApprovals } from "#stores/agent/tool-approvals";
import { ToolAudit } from "#stores/agent/tool-audit";
import { ToolReceipts } from "#stores/agent/tool-receipts";
import type { TrelloCard } from "#stores/agent/trello";
import { FilesTable } from "#stores/documents/files-table";
import { BoardsTable } from "#stores/message/boards-table";
import { WordsTable } from "#stores/message/words-table";
import { SlackFiles } from "#stores/slack/files";
import { SlackNames } from "#stores/slack/names";
import type { Change, MarkdownChange, Post, StreamEnd, StreamPlace } from "#stores/slack/web-api";
import { Table } from "#stores/table";
import { MortalProcess } from "../../dibs-tables";
import { createTablesOf } from "../../dynamodb-endpoint";
import { createDibsWorld, type DibsWorld } from "../dibs/world";
import { NOW_MS } from "../requests";

const TEAM = "T0001";
const TOKEN = "agent-token";
const THREAD = "1763805600.000100";
/** The people whom this Slack knows. */
const NAMES = new Map([
  ["UBOT01", "fanout"],
  ["U0007", "Bob"],
  ["C0007", "random"],
]);

const SCHEMAS = { tasks: AGENT_TASKS, gateway: AGENT_GATEWAY, files: FILES, words: WORDS, boards: BOARDS };

type Tables = Awaited<ReturnType<typeof createTablesOf<keyof typeof SCHEMAS>>>;

interface Shown extends Post {
  ts: string;
}

/** Slack, as far as the gateway uses it. `problems` are its next answers. */
class KeepingSlack {
  readonly messages: Shown[] = [];
  readonly canvases: { id: string; title: string; markdown: string; channels: string[] }[] = [];
  readonly problems: Error[] = [];

  post(post: Post): string {
    this.#answer();
    const ts = `1763805700.${String(this.messages.length + 1).padStart(6, "0")}`;
    this.messages.push({ ...post, ts });
    return ts;
  }

  update({ channel, ts, text, blocks }: Change): void {
    this.#answer();
    const message = this.messages.find(each => each.channel === channel && each.ts === ts)!;
    Object.assign(message, { text, blocks });
  }

  findPosted({ channel, id, threadTs }: Pick<Post, "channel" | "id" | "threadTs">): string | undefined {
    this.#answer();
    return this.messages.find(each => each.channel === channel && each.id === id && each.threadTs === threadTs)?.ts;
  }

  /** The statuses of agent sessions, in the order in which they were set. */
  readonly statuses: string[] = [];

  async call(method: string, { status }: Record<string, unknown>): Promise<{ ok: true }> {
    this.#answer();
    if (method === "agents.sessions.setStatus") this.statuses.push(String(status));
    return { ok: true };
  }

  /** Streams, whose messages are in `messages` as well. */
  readonly open = new Set<string>();

  startStream({ channel, threadTs }: StreamPlace, text: string): string {
    const ts = this.post({ channel, threadTs, text, id: "" });
    this.open.add(ts);
    return ts;
  }

  appendStream(ts: string, text: string): void {
    this.#answer();
    this.#streaming(ts).text += text;
  }

  stopStream({ ts, id, text, blocks }: Pick<StreamEnd, "ts" | "id" | "text" | "blocks">): void {
    this.#answer();
    const message = this.#streaming(ts);
    Object.assign(message, { text: message.text + text, id, blocks });
    this.open.delete(ts);
  }

  findStream({ channel, threadTs }: Pick<StreamPlace, "channel" | "threadTs">): string | undefined {
    this.#answer();
    return this.messages.find(each => each.channel === channel && each.threadTs === threadTs && each.id === "")?.ts;
  }

  #streaming(ts: string): Shown {
    const message = this.messages.find(each => each.ts === ts);
    if (message === undefined || !this.open.has(ts)) throw new SlackRefused("Slack refuses: message_not_in_streaming_state.");
    return message;
  }

  createCanvas(title: string, markdown: string): string {
    this.#answer();
    const id = `F${this.canvases.length + 1}`;
    this.canvases.push({ id, title, markdown, channels: [] });
    return id;
  }

  shareCanvas(canvasId: string, channel: string): void {
    this.#answer();
    this.canvases.find(({ id }) => id === canvasId)!.channels.push(channel);
  }

  #answer() {
    const problem = this.problems.shift();
    if (problem !== undefined) throw problem;
  }
}

class GatewayWorld {
  nowMs = NOW_MS;
  readonly slack = new KeepingSlack();
  /** Where files may be fetched from. */
  readonly fileOrigins: string[] = [];
  readonly cards: TrelloCard[] = [];
  isTrelloDown = false;
  readonly tasks: TasksTable;
  readonly approvals: ToolApprovals;

  constructor(
    readonly tables: Tables,
    readonly dibs: DibsWorld,
  ) {
    this.tasks = new TasksTable(tables.client, tables.names.tasks);
    this.approvals = new ToolApprovals(tables.client, tables.names.gateway, tables.names.tasks);
  }

  /** Resets Slack, Trello and the clock; the tables keep their items. */
  empty(): void {
    this.nowMs = NOW_MS;
    this.slack.messages.length = 0;
    this.slack.problems.length = 0;
    this.slack.statuses.length = 0;
    this.slack.open.clear();
    this.cards.length = 0;
    this.isTrelloDown = false;
  }

  /** A process that runs the gateway; it dies at the given call. */
  createToolbox(settings: Partial<ToolboxSettings> & { dibs?: "off" } = {}, process = new MortalProcess()): Toolbox {
    const { names } = this.tables;
    const client = process.wrap(this.tables.client);
    const now = () => this.nowMs;
    const given = {
      gatewayTable: names.gateway,
      channels: ["C0002"],
      approvals: [],
      postsPerTask: 20,
      postsPerDay: 200,
      ...settings,
    };
    const slack = {
      post: (post: Post) => process.call("post", async () => this.slack.post(post)),
      update: (change: Change) => process.call("update", async () => this.slack.update(change)),
      findPosted: (post: Pick<Post, "channel" | "id" | "threadTs">) => process.call("find", async () => this.slack.findPosted(post)),
      postMarkdown: (post: Post) => process.call("post", async () => this.slack.post(post)),
      updateMarkdown: ({ below, ...change }: MarkdownChange) =>
        process.call("update", async () => this.slack.update({ ...change, ...(below === undefined ? {} : { blocks: below }) })),
      startStream: (place: StreamPlace, text: string) => process.call("start", async () => this.slack.startStream(place, text)),
      appendStream: (_: string, ts: string, text: string) => process.call("append", async () => this.slack.appendStream(ts, text)),
      stopStream: (end: Pick<StreamEnd, "ts" | "id" | "text" | "blocks">) => process.call("stop", async () => this.slack.stopStream(end)),
      findStream: (place: StreamPlace) => process.call("find stream", async () => this.slack.findStream(place)),
      createCanvas: (title: string, markdown: string) => process.call("canvas", async () => this.slack.createCanvas(title, markdown)),
      shareCanvas: (id: string, channel: string) => process.call("share", async () => this.slack.shareCanvas(id, channel)),
    };
    const trello = {
      create: (card: TrelloCard) => process.call("card", async () => this.createCard(card)),
      find: ({ id }: Pick<TrelloCard, "id" | "list">) => process.call("find card", async () => this.findCard(id)),
    };
    const sessionsSlack = {
      call: (method: string, args: Record<string, unknown>) => process.call(method, async () => this.slack.call(method, args)),
    };
    const slackNames = new SlackNames({ call: async () => Promise.reject(new SlackRefused("unknown")) });
    slackNames.writeInto = async text => nameMentions(text, NAMES);
    const receipts = new ToolReceipts(client, names.gateway);
    const tasks = new TasksTable(client, names.tasks);
    const once = new Once(receipts, now);
    const cards = new Cards({ slack, once, turns: new TaskCards(client, names.tasks), tasks, names: slackNames, nowMs: now });
    const approvals = new Approvals({
      approvals: new ToolApprovals(client, names.gateway, names.tasks),
      once,
      cards,
      slack,
      channels: given.channels,
      nowMs: now,
    });
    const threads = new ThreadsTable(client, names.tasks);
    const sessions = new Sessions({ slack: sessionsSlack, threads, names: slackNames, nowMs: now });
    const answer = new AnswerTool({
      slack,
      once,
      limits: new StreamLimits(client, names.gateway),
      sessions,
      tasks,
      names: slackNames,
      settings: given,
      nowMs: now,
    });
    const conversation = new ConversationTool({ threads, names: slackNames, slack: sessionsSlack, log: createLog("test", {}), nowMs: now });
    const files = new FileTool(
      new SlackFiles({ of: () => ({ readFile: async () => ({}) }), tokenOf: async () => "" }, this.fileOrigins),
      conversation,
    );
    const parts = {
      tasks,
      audit: new ToolAudit(client, names.gateway),
      once,
      of: () => ({ approvals, cards, sessions, names: slackNames, slack: new SlackTools(slack, receipts), conversation, files, answer }),
      trello: new TrelloTool(trello, "L0001"),
      words: new WordsTool(new WordsTable(client, names.words), new BoardsTable(client, names.boards), TEAM),
      archive: new ArchiveTool(new FilesTable(client, names.files), TEAM),
      dibs: settings.dibs === "off" ? undefined : new DibsTools(this.dibs.dibs, { teamId: TEAM, dibsDefault: 3600 }),
    };
    const toolbox = new Toolbox(parts, given, now);
    const { call } = toolbox;
    // API Gateway stamps every request.
    toolbox.call = (name, args, requestedAtMs = this.nowMs) => call.bind(toolbox)(name, args, requestedAtMs);
    return toolbox;
  }

  /** The door before that process. */
  createGateway(toolbox: Toolbox = this.createToolbox(), tokens: readonly string[] = [TOKEN]): Gateway {
    return new Gateway(new McpEndpoint(toolbox), toolbox, tokens, createLog("test", {}));
  }

  /** Accepts a task that was asked for in a thread of C0001. */
  createTask(id: string, files: readonly MessageFile[] = []): Promise<Task> {
    const place = { team: TEAM, channel: "C0001", user: "U0001", threadTs: THREAD };
    return this.tasks.accept({ id, ...place, text: "count <words>", files, createdAtMs: NOW_MS }, NOW_MS);
  }

  /** Accepts a task of `/ask`, which has no thread yet. */
  createAsk(id: string): Promise<Task> {
    return this.tasks.accept({ id, team: TEAM, channel: "C0001", user: "U0001", text: "count", createdAtMs: NOW_MS }, NOW_MS);
  }

  /** Items of one partition of the gateway's table whose sort key has this prefix, by the rest of the sort key. */
  async items(task: string, prefix: string): Promise<Record<string, JsonObject>> {
    const rows = await new Table(this.tables.client, this.tables.names.gateway).query<JsonObject & { item: string }>({
      KeyConditionExpression: "task = :task AND begins_with(#item, :prefix)",
      ExpressionAttributeNames: { "#item": "item" },
      ExpressionAttributeValues: { ":task": task, ":prefix": prefix },
    });
    return Object.fromEntries(rows.map(row => [row.item.slice(prefix.length), row]));
  }

  /** The audit rows of a task's calls, oldest first: `TOOL OUTCOME [RULE]`. */
  async audit(task: string): Promise<string[]> {
    const rows = Object.values(await this.items(task, "audit#"));
    return rows.map(({ tool, outcome, rule }) => [tool, outcome, rule].filter(each => each !== undefined).join(" "));
  }

  async posts(task: string): Promise<unknown> {
    return (await this.items(task, "limits"))[""]?.["calls"];
  }

  private createCard(card: TrelloCard) {
    if (this.isTrelloDown) throw new ToolBusy("waiting-for-trello", 10_000);
    this.cards.push(card);
    return { cardId: `card${this.cards.length}`, url: `https://trello.com/c/${this.cards.length}` };
  }

  private findCard(wanted: string) {
    const index = this.cards.findIndex(({ id }) => id === wanted);
    return index === -1 ? undefined : { cardId: `card${index + 1}`, url: `https://trello.com/c/${index + 1}` };
  }
}

/** Starts one test bed for all tests of a suite, resets its Slack and Trello before each test, and stops it after the last. */
const useGatewayWorld = (begin: (world: GatewayWorld) => void): void => {
  let tables: Tables | undefined;
  let dibs: Awaited<ReturnType<typeof createDibsWorld>> | undefined;
  let world: GatewayWorld | undefined;
  before(async () => {
    tables = await createTablesOf(SCHEMAS);
    dibs = await createDibsWorld();
    world = new GatewayWorld(tables, dibs.world);
    begin(world);
  });
  beforeEach(() => world?.empty());
  after(async () => {
    await tables?.stop();
    await dibs?.stop();
  });
};

export type { GatewayWorld };
export { MortalProcess, THREAD, TOKEN, useGatewayWorld };
