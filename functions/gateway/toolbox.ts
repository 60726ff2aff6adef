/** Handles every tool call: identifies the caller, checks the rules, runs the tool, and writes an audit row. */

import { createHash } from "node:crypto";
import type { Conversation } from "#core/agent/conversation";
import { isEnded, type Task } from "#core/agent/task";
import { chooseChannel, choosePlace, refuse, verifyLengths } from "#core/agent/tool-rules";
import {
  isAboutTask,
  isPost,
  listTools,
  needsApproval,
  parseCall,
  TOOLS,
  type ToolArguments,
  type ToolCall,
  type ToolName,
  type ToolSpec,
} from "#core/agent/tools";
import { Deadline } from "#core/deadline";
import { BadRequest, SlackBusy, SlackRefused, ToolBusy, ToolRefused } from "#core/errors";
import { OFF } from "#core/feature-off";
import { createId } from "#core/ids";
import type { JsonObject } from "#core/json";
import type { TableName } from "#core/named";
import { type AnswerTool, verifyStreamable } from "#functions/gateway/answer-tool";
import { type Approvals, WAITING_FOR_APPROVAL } from "#functions/gateway/approvals";
import type { ArchiveTool } from "#functions/gateway/archive-tool";
import { type Caller, type KnownCaller, NOBODY } from "#functions/gateway/caller";
import type { Cards } from "#functions/gateway/cards";
import type { ConversationTool } from "#functions/gateway/conversation-tool";
import type { DibsTools } from "#functions/gateway/dibs-tools";
import type { FileContent, FileTool } from "#functions/gateway/file-tool";
import type { Attempt, Done, Once, Work } from "#functions/gateway/once";
import type { SlackTools } from "#functions/gateway/slack-tools";
import type { TrelloTool } from "#functions/gateway/trello-tool";
import type { WordsTool } from "#functions/gateway/words-tool";
import type { Sessions } from "#stores/agent/sessions";
import type { TasksTable } from "#stores/agent/tasks-table";
import type { Outcome, ToolAudit } from "#stores/agent/tool-audit";
import { buildLimits, type ToolLimits } from "#stores/agent/tool-limits";
import type { SlackNames } from "#stores/slack/names";

interface ToolboxSettings extends ToolLimits {
  /** The table of receipts, approvals, limits and the audit. Only the gateway and the interactions door write to it. */
  gatewayTable: TableName;
  /** Channels where agents may post, in addition to a task's own channel. */
  channels: readonly string[];
  /** Tools whose calls each need a person's approval. */
  approvals: readonly string[];
  /** Whether a call needs a task, because only the task tells the workspace. */
  needsTask?: boolean | undefined;
}

/** The parts that act in one workspace. */
interface TeamParts {
  approvals: Pick<Approvals, "verify">;
  cards: Pick<Cards, "report" | "open" | "ensureThread">;
  sessions: Pick<Sessions, "show">;
  names: Pick<SlackNames, "writeIntoAll">;
  slack: SlackTools;
  answer: Pick<AnswerTool, "write">;
  conversation: Pick<ConversationTool, "read">;
  files: Pick<FileTool, "read">;
}

/** The tools, and the parts that every call uses. */
interface Parts {
  /** The parts for a workspace; its id is empty for a call without a task. */
  of(team: string): TeamParts;
  tasks: Pick<TasksTable, "read">;
  audit: Pick<ToolAudit, "put">;
  once: Pick<Once, "run">;
  trello: TrelloTool;
  words: WordsTool;
  /** Undefined if turn queues are off. */
  dibs: DibsTools | undefined;
  /** Undefined if the archive is off. */
  archive: ArchiveTool | undefined;
}

/** A call that may be done only once. */
interface Job {
  call: ToolCall;
  caller: KnownCaller;
  /** Empty for a call that concerns no channel. */
  channel: string;
  deadline: Deadline;
}

/** The answer to the caller: a result, with the content of a file if one was read, or a sentence that names the rule that refused the call. */
type Answer = { result: JsonObject; bytes?: Buffer } | { refusal: string };

/** The outcome of a call, for the audit and the caller. An `error` is thrown to the caller, so that it repeats the call. */
type CallOutcome = { outcome: Outcome; rule?: string; detail?: string } & ({ answer: Answer } | { error: unknown });

/** Why a tool is not available. */
const NOT_HERE = { trello: "Trello is not configured.", dibs: OFF.dibs, documents: OFF.documents };

/** Less than the function's 30 s, so that it can still answer. */
const BUDGET_MS = 20_000;

class Toolbox {
  constructor(
    private readonly parts: Parts,
    private readonly settings: ToolboxSettings,
    private readonly nowMs: () => number = Date.now,
    private readonly newId: () => string = createId,
  ) {}

  /** The names of the available tools. A call of another tool is refused. */
  get names(): ToolName[] {
    const { trello, dibs, archive } = this.parts;
    return listTools({ trello: trello.isConfigured, dibs: dibs !== undefined, documents: archive !== undefined });
  }

  /** Calls a tool with unchecked arguments. `requestedAtMs` is API Gateway's timestamp. Throws temporary failures, so that the caller retries. */
  async call(name: ToolName, args: unknown, requestedAtMs?: number): Promise<Answer> {
    const deadline = new Deadline(BUDGET_MS);
    const call = readCall(name, args);
    const attempted = await this.attempt(call, deadline, requestedAtMs);
    await this.audit(name, call, attempted, deadline);
    if ("error" in attempted) throw attempted.error;
    return attempted.answer;
  }

  private async attempt(call: ToolCall | BadRequest, deadline: Deadline, requestedAtMs?: number): Promise<CallOutcome> {
    try {
      if (call instanceof BadRequest) throw call;
      this.verifyAvailable(call.name);
      const { isRepeat, ...answer } = await this.run(call, await this.identify(call, requestedAtMs), deadline);
      return { outcome: isRepeat ? "repeat" : "ok", answer };
    } catch (error) {
      return explain(error);
    }
  }

  /** Identifies the caller. Throws `ToolRefused` (`task`) if the task is unknown or has ended, but lets an ended task report its end. */
  private async identify(call: ToolCall, requestedAtMs?: number): Promise<KnownCaller> {
    const { name, task: id, key } = call;
    if (id === undefined && isAboutTask(name)) return refuse("task", `${name} is about a task: name the task.`);
    const task = id === undefined ? undefined : await this.parts.tasks.read(id);
    if (id !== undefined && task === undefined) refuse("task", "there is no such task.");
    if (task === undefined && this.settings.needsTask) refuse("task", "the workspace is unknown: name the task.");
    if (task !== undefined && isEnded(task) && !isAboutTask(name)) refuse("task", `the task has ended: it is ${task.state}.`);
    return { task, partition: id ?? NOBODY, key: key ?? this.newId(), requestedAtMs, fingerprint: fingerprintOf(call) };
  }

  /** Throws `ToolRefused` (`trello`, `dibs`, `documents`) for a tool that is not available. */
  private verifyAvailable(name: ToolName): void {
    const { needs } = TOOLS[name] as ToolSpec;
    if (needs !== undefined && !this.names.includes(name)) refuse(needs, NOT_HERE[needs]);
  }

  private async run(asked: ToolCall, caller: KnownCaller, deadline: Deadline): Promise<Done & Partial<FileContent>> {
    const { slack, cards } = this.partsOf(caller);
    const call = await this.nameMentions(asked, caller);
    verifyLengths(call);
    switch (call.name) {
      case "post_to_slack":
        return this.post(call, caller, deadline);
      case "update_message": {
        const channel = this.channelOf(call.args, caller);
        return this.doOnce({ call, caller, channel, deadline }, () => slack.update(call, channel, caller, deadline));
      }
      case "create_canvas": {
        const channel = this.channelOf(call.args, caller);
        return this.doOnce({ call, caller, channel, deadline }, attempt =>
          slack.createCanvas(call, channel, { ...attempt, caller, deadline }),
        );
      }
      case "create_trello_card":
        return this.doOnce({ call, caller, channel: "", deadline }, attempt => this.parts.trello.create(call.args, attempt, deadline));
      case "read_words":
        return { result: await this.parts.words.read(call.args, caller, deadline), isRepeat: false };
      case "find_files":
        return { result: await this.parts.archive!.find(call.args, caller, deadline), isRepeat: false };
      case "claim_dibs": {
        const approved = await this.approve(call, caller, "", deadline);
        return { result: await this.parts.dibs!.claim(call.args, approved, deadline), isRepeat: false };
      }
      case "release_dibs": {
        const approved = await this.approve(call, caller, "", deadline);
        return { result: await this.parts.dibs!.release(call.args, approved, deadline), isRepeat: false };
      }
      // Calls about a task have one.
      case "open_task":
        return { result: await this.open(caller.task!, deadline, caller.requestedAtMs), isRepeat: false };
      case "show_session":
        return { result: { status: (await this.partsOf(caller).sessions.show(caller.task!)) ?? null }, isRepeat: false };
      case "read_thread": {
        const { entries } = await this.readConversation(caller, deadline, "all");
        return { result: { messages: entries.map(({ name, text }) => ({ name, text })) }, isRepeat: false };
      }
      case "read_conversation":
        return { result: { ...(await this.readConversation(caller, deadline)) }, isRepeat: false };
      case "read_file":
        return { ...(await this.readFile(call.args.file, caller, deadline)), isRepeat: false };
      case "write_answer":
        return { result: await this.write(call.args, caller, deadline), isRepeat: false };
      case "report_progress":
        return { result: await cards.report(caller.task!, call.args, deadline, caller.requestedAtMs), isRepeat: false };
    }
  }

  /** Posts the card. The card of `/ask` begins a thread, and only then does the session exist whose status can be set. */
  private async open(task: Task, deadline: Deadline, requestedAtMs?: number): Promise<JsonObject> {
    const { cards, sessions } = this.parts.of(task.team);
    const opened = await cards.open(task, deadline, requestedAtMs);
    const bound = task.threadTs === undefined ? await this.parts.tasks.read(task.id) : undefined;
    if (bound !== undefined) await sessions.show(bound);
    return opened;
  }

  private async readConversation({ task }: KnownCaller, deadline: Deadline, until: "request" | "all" = "request"): Promise<Conversation> {
    if (task === undefined) return refuse("task", "a conversation belongs to a task: name the task.");
    return this.parts.of(task.team).conversation.read(task, deadline, until);
  }

  private async readFile(id: string, { task }: KnownCaller, deadline: Deadline): Promise<FileContent> {
    if (task === undefined) return refuse("task", "a file was shared in a task's thread: name the task.");
    return this.parts.of(task.team).files.read(id, task, deadline);
  }

  private async write(args: ToolArguments<"write_answer">, caller: KnownCaller, deadline: Deadline): Promise<JsonObject> {
    const { task, requestedAtMs } = caller;
    if (task === undefined) return refuse("task", "an answer belongs to a task: name the task.");
    verifyStreamable(this.settings.approvals);
    const { cards, answer } = this.parts.of(task.team);
    const bound = await cards.ensureThread(task, deadline, requestedAtMs);
    return answer.write(args, { task: bound, deadline, requestedAtMs });
  }

  /** Replaces mentions with names. The card does that itself for progress. */
  private async nameMentions(call: ToolCall, caller: Caller): Promise<ToolCall> {
    // `answer-tool` replaces the mentions of an answer itself, because it counts the characters that the worker sent.
    if (call.name === "write_answer") return call;
    return { ...call, args: await this.partsOf(caller).names.writeIntoAll(call.args) } as ToolCall;
  }

  /** Posts where the rules allow it. In the task's own channel, the first post may have to wait for the card whose thread it belongs to. */
  private async post(call: Extract<ToolCall, { name: "post_to_slack" }>, caller: KnownCaller, deadline: Deadline): Promise<Done> {
    const { channels } = this.settings;
    const { slack, cards } = this.partsOf(caller);
    const asked = choosePlace(call.args, caller.task, channels);
    const isThreadless = caller.task !== undefined && asked.channel === caller.task.channel && asked.threadTs === undefined;
    const place = isThreadless
      ? choosePlace(call.args, await cards.ensureThread(caller.task!, deadline, caller.requestedAtMs), channels)
      : asked;
    return this.doOnce({ call, caller, channel: place.channel, deadline }, attempt => slack.post(call, place, attempt));
  }

  /** Does a call once, if it is approved and within the limits. */
  private async doOnce({ call, caller, channel, deadline }: Job, work: (attempt: Attempt) => Promise<Work>): Promise<Done> {
    const { partition: task, key, fingerprint, requestedAtMs } = await this.approve(call, caller, channel, deadline);
    const { gatewayTable, needsTask } = this.settings;
    const rules = { ...this.settings, team: needsTask ? caller.task?.team : undefined };
    const limits = isPost(call.name) ? buildLimits(gatewayTable, caller.task?.id, rules, this.nowMs()) : [];
    return this.parts.once.run({ task, key, tool: call.name, fingerprint, limits, requestedAtMs }, deadline, work);
  }

  /** Lets a call pass if it needs no approval or has one. */
  private async approve(call: ToolCall, caller: KnownCaller, channel: string, deadline: Deadline): Promise<KnownCaller> {
    if (!needsApproval(call.name, this.settings.approvals)) return caller;
    // Without a key, the arguments identify the call, so that it can be repeated.
    const known = call.key === undefined ? { ...caller, key: caller.fingerprint } : caller;
    await this.partsOf(caller).approvals.verify(call, known, channel, deadline);
    return known;
  }

  private partsOf({ task }: Caller): TeamParts {
    return this.parts.of(task?.team ?? "");
  }

  private channelOf(args: { channel?: string | undefined }, { task }: Caller): string {
    return chooseChannel(args.channel, task, this.settings.channels);
  }

  private audit(tool: ToolName, call: ToolCall | BadRequest, attempted: CallOutcome, deadline: Deadline): Promise<void> {
    const { outcome, rule, detail } = attempted;
    const task = (call instanceof BadRequest ? undefined : call.task) ?? NOBODY;
    return this.parts.audit.put(
      { task, tool, outcome, rule, channel: findChannel(call, attempted), detail, request: this.newId(), atMs: this.nowMs() },
      deadline,
    );
  }
}

/** The channel where a call acted, or else where it should have. */
const findChannel = (call: ToolCall | BadRequest, attempted: CallOutcome): string | undefined => {
  const acted = "answer" in attempted && "result" in attempted.answer ? attempted.answer.result["channel"] : undefined;
  if (typeof acted === "string") return acted;
  return call instanceof BadRequest || !("channel" in call.args) ? undefined : call.args.channel;
};

const readCall = (name: ToolName, args: unknown): ToolCall | BadRequest => {
  try {
    return parseCall(name, args);
  } catch (error) {
    if (error instanceof BadRequest) return error;
    throw error;
  }
};

/** Explains why a call was not done. */
const explain = (error: unknown): CallOutcome => {
  if (error instanceof BadRequest) return buildRefusal("arguments", error.message);
  if (error instanceof ToolRefused) return buildRefusal(error.rule, error.message);
  // The agent can try something else; the same call would be refused again.
  if (error instanceof SlackRefused) return buildRefusal("slack", error.message);
  if (error instanceof ToolBusy && error.status === WAITING_FOR_APPROVAL) return buildWaiting(error);
  if (error instanceof ToolBusy || error instanceof SlackBusy) return { outcome: "waiting", detail: error.message, error };
  return { outcome: "failed", detail: error instanceof Error ? error.name : "unknown", error };
};

const buildRefusal = (rule: string, message: string): CallOutcome => ({
  outcome: "refused",
  rule,
  detail: message,
  answer: { refusal: `${rule}: ${message}` },
});

/** Waiting for a person may take hours, so it is an answer. Failures that pass in seconds are thrown instead. */
const buildWaiting = ({ status, retryAfterMs }: ToolBusy): CallOutcome => ({
  outcome: "waiting",
  detail: status,
  answer: { result: { status, retryAfterSeconds: Math.ceil(retryAfterMs / 1000) } },
});

/** Equal calls have equal hashes, because the parser puts the arguments in the schema's order. */
const fingerprintOf = ({ name, args }: ToolCall): string =>
  createHash("sha256")
    .update(JSON.stringify([name, args]))
    .digest("hex");

export type { Answer, Parts, TeamParts, ToolboxSettings };
export { Toolbox };
