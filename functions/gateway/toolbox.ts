/** Every call of a tool goes through here: who calls, the rules, the tool, and a row in the audit. */

import { createHash } from "node:crypto";
import { isEnded } from "#core/agent/task";
import { chooseChannel, choosePlace, refuse, verifyLengths } from "#core/agent/tool-rules";
import { isPost, needsApproval, parseCall, TOOL_NAMES, type ToolCall, type ToolName } from "#core/agent/tools";
import { Deadline } from "#core/deadline";
import { BadRequest, SlackBusy, SlackRefused, ToolBusy, ToolRefused } from "#core/errors";
import { createId } from "#core/ids";
import type { JsonObject } from "#core/json";
import type { TableName } from "#core/named";
import { type Approvals, WAITING_FOR_APPROVAL } from "#functions/gateway/approvals";
import { type Caller, NOBODY } from "#functions/gateway/caller";
import type { Cards } from "#functions/gateway/cards";
import type { DibsTools } from "#functions/gateway/dibs-tools";
import type { Attempt, Done, Once, Work } from "#functions/gateway/once";
import type { SlackTools } from "#functions/gateway/slack-tools";
import type { TrelloTool } from "#functions/gateway/trello-tool";
import type { WordsTool } from "#functions/gateway/words-tool";
import type { TasksTable } from "#stores/agent/tasks-table";
import type { Outcome, ToolAudit } from "#stores/agent/tool-audit";
import { buildLimits, type ToolLimits } from "#stores/agent/tool-limits";
import type { SlackNames } from "#stores/slack/names";

interface ToolboxSettings extends ToolLimits {
  /** Receipts, approvals, limits and the audit: only the gateway and the approving door write it. */
  gatewayTable: TableName;
  /** Where agents may post besides a task's own channel. */
  channels: readonly string[];
  /** The tools of which each call is to be approved by a person. */
  approvals: readonly string[];
}

/** The tools themselves, and what their calls go through. */
interface Parts {
  tasks: Pick<TasksTable, "read">;
  audit: Pick<ToolAudit, "put">;
  once: Pick<Once, "run">;
  approvals: Pick<Approvals, "verify">;
  cards: Pick<Cards, "report" | "ensureThread">;
  names: Pick<SlackNames, "writeIntoAll">;
  slack: SlackTools;
  trello: TrelloTool;
  words: WordsTool;
  dibs: DibsTools;
}

/** A caller, and the fingerprint of the call as it came: the names in it may be others the next time. */
interface KnownCaller extends Caller {
  fingerprint: string;
}

/** What the caller is told: a result, or the sentence that says which rule refused the call. */
type Answer = { result: JsonObject } | { refusal: string };

/** How a call came out: for the audit, and for the caller. An `error` is thrown there, so that the same call comes again. */
type Came = { outcome: Outcome; rule?: string; detail?: string } & ({ answer: Answer } | { error: unknown });

/** Less than the function's 30 s, so that there is an answer. */
const BUDGET_MS = 20_000;

class Toolbox {
  constructor(
    private readonly parts: Parts,
    private readonly settings: ToolboxSettings,
    private readonly nowMs: () => number = Date.now,
    private readonly newId: () => string = createId,
  ) {}

  /** The tools that can be called here. */
  get names(): ToolName[] {
    return TOOL_NAMES.filter(name => name !== "create_trello_card" || this.parts.trello.isConfigured);
  }

  /** Calls a tool with arguments that nobody has looked at; API Gateway says when it got the request. Throws what is neither the caller's fault nor a rule's: it may go well later. */
  async call(name: ToolName, args: unknown, requestedAtMs?: number): Promise<Answer> {
    const deadline = new Deadline(BUDGET_MS);
    const call = readCall(name, args);
    const came = await this.attempt(call, deadline, requestedAtMs);
    await this.audit(name, call, came, deadline);
    if ("error" in came) throw came.error;
    return came.answer;
  }

  private async attempt(call: ToolCall | BadRequest, deadline: Deadline, requestedAtMs?: number): Promise<Came> {
    try {
      if (call instanceof BadRequest) throw call;
      const { result, isRepeat } = await this.run(call, await this.identify(call, requestedAtMs), deadline);
      return { outcome: isRepeat ? "repeat" : "ok", answer: { result } };
    } catch (error) {
      return explain(error);
    }
  }

  /** Finds out who calls. Throws `ToolRefused` (`task`) for a task that is unknown or has ended; the end itself may still be shown. */
  private async identify(call: ToolCall, requestedAtMs?: number): Promise<KnownCaller> {
    const { name, task: id, key } = call;
    if (id === undefined && name === "report_progress") return refuse("task", "progress is a task's: say which.");
    const task = id === undefined ? undefined : await this.parts.tasks.read(id);
    if (id !== undefined && task === undefined) refuse("task", "there is no such task.");
    if (task !== undefined && isEnded(task) && name !== "report_progress") refuse("task", `the task has ended: it is ${task.state}.`);
    return { task, partition: id ?? NOBODY, key: key ?? this.newId(), requestedAtMs, fingerprint: fingerprintOf(call) };
  }

  private async run(asked: ToolCall, caller: KnownCaller, deadline: Deadline): Promise<Done> {
    const call = await this.nameMentions(asked);
    verifyLengths(call);
    switch (call.name) {
      case "post_to_slack":
        return this.post(call, caller, deadline);
      case "update_message": {
        const channel = this.channelOf(call.args, caller);
        return this.doOnce(call, caller, channel, deadline, () => this.parts.slack.update(call, channel, caller, deadline));
      }
      case "create_canvas": {
        const channel = this.channelOf(call.args, caller);
        return this.doOnce(call, caller, channel, deadline, attempt =>
          this.parts.slack.createCanvas(call, channel, caller, attempt, deadline),
        );
      }
      case "create_trello_card":
        return this.doOnce(call, caller, "", deadline, attempt => this.parts.trello.create(call.args, attempt, deadline));
      case "read_words":
        return { result: await this.parts.words.read(call.args, caller, deadline), isRepeat: false };
      case "claim_dibs": {
        const approved = await this.approve(call, caller, "", deadline);
        return { result: await this.parts.dibs.claim(call.args, approved, deadline), isRepeat: false };
      }
      case "release_dibs": {
        const approved = await this.approve(call, caller, "", deadline);
        return { result: await this.parts.dibs.release(call.args, approved, deadline), isRepeat: false };
      }
      case "report_progress": {
        const { task, requestedAtMs } = caller;
        if (task === undefined) return refuse("task", "progress is a task's: say which.");
        return { result: await this.parts.cards.report(task, call.args, deadline, requestedAtMs), isRepeat: false };
      }
    }
  }

  /** People are shown names, not ids. Progress is named by its card. */
  private async nameMentions(call: ToolCall): Promise<ToolCall> {
    return { ...call, args: await this.parts.names.writeIntoAll(call.args) } as ToolCall;
  }

  /** Posts where the rules let the call. In its own channel a task's first post may have to wait for the card, whose thread it goes to. */
  private async post(call: Extract<ToolCall, { name: "post_to_slack" }>, caller: KnownCaller, deadline: Deadline): Promise<Done> {
    const { channels } = this.settings;
    const asked = choosePlace(call.args, caller.task, channels);
    const isThreadless = caller.task !== undefined && asked.channel === caller.task.channel && asked.threadTs === undefined;
    const place = isThreadless
      ? choosePlace(call.args, await this.parts.cards.ensureThread(caller.task!, deadline, caller.requestedAtMs), channels)
      : asked;
    return this.doOnce(call, caller, place.channel, deadline, attempt => this.parts.slack.post(call, place, attempt));
  }

  /** Does a call once, when it is approved and the limits allow it. */
  private async doOnce(
    call: ToolCall,
    caller: KnownCaller,
    channel: string,
    deadline: Deadline,
    work: (attempt: Attempt) => Promise<Work>,
  ): Promise<Done> {
    const { partition: task, key, fingerprint, requestedAtMs } = await this.approve(call, caller, channel, deadline);
    const { gatewayTable } = this.settings;
    const limits = isPost(call.name) ? buildLimits(gatewayTable, caller.task?.id, this.settings, this.nowMs()) : [];
    return this.parts.once.run({ task, key, tool: call.name, fingerprint, limits, requestedAtMs }, deadline, work);
  }

  /** Lets a call pass that needs no approval, or has it. */
  private async approve(call: ToolCall, caller: KnownCaller, channel: string, deadline: Deadline): Promise<KnownCaller> {
    if (!needsApproval(call.name, this.settings.approvals)) return caller;
    const { fingerprint } = caller;
    // Without a key of its own, the call is known by what it says: how else could it come again?
    const known = call.key === undefined ? { ...caller, key: fingerprint } : caller;
    await this.parts.approvals.verify(call, known, channel, fingerprint, deadline);
    return known;
  }

  private channelOf(args: { channel?: string | undefined }, { task }: Caller): string {
    return chooseChannel(args.channel, task, this.settings.channels);
  }

  private audit(tool: ToolName, call: ToolCall | BadRequest, came: Came, deadline: Deadline): Promise<void> {
    const { outcome, rule, detail } = came;
    const task = (call instanceof BadRequest ? undefined : call.task) ?? NOBODY;
    return this.parts.audit.put(
      { task, tool, outcome, rule, channel: findChannel(call, came), detail, request: this.newId(), atMs: this.nowMs() },
      deadline,
    );
  }
}

/** Where a call acted, or else where it was to. */
const findChannel = (call: ToolCall | BadRequest, came: Came): string | undefined => {
  const acted = "answer" in came && "result" in came.answer ? came.answer.result["channel"] : undefined;
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

/** Says of a call that was not done why not. */
const explain = (error: unknown): Came => {
  if (error instanceof BadRequest) return buildRefusal("arguments", error.message);
  if (error instanceof ToolRefused) return buildRefusal(error.rule, error.message);
  // The agent may do otherwise; the same call would be refused again.
  if (error instanceof SlackRefused) return buildRefusal("slack", error.message);
  if (error instanceof ToolBusy && error.status === WAITING_FOR_APPROVAL) return buildWaiting(error);
  if (error instanceof ToolBusy || error instanceof SlackBusy) return { outcome: "waiting", detail: error.message, error };
  return { outcome: "failed", detail: error instanceof Error ? error.name : "unknown", error };
};

const buildRefusal = (rule: string, message: string): Came => ({
  outcome: "refused",
  rule,
  detail: message,
  answer: { refusal: `${rule}: ${message}` },
});

/** A person may take hours: this is an answer, where what passes in seconds is none. */
const buildWaiting = ({ status, retryAfterMs }: ToolBusy): Came => ({
  outcome: "waiting",
  detail: status,
  answer: { result: { status, retryAfterSeconds: Math.ceil(retryAfterMs / 1000) } },
});

/** The parser writes the arguments in the order of the tool's schema. */
const fingerprintOf = ({ name, args }: ToolCall): string =>
  createHash("sha256")
    .update(JSON.stringify([name, args]))
    .digest("hex");

export type { Answer, Parts, ToolboxSettings };
export { Toolbox };
