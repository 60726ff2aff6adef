/** The buttons below an agent's messages: *Stop*, *Approve*, *Decline*, and those that rate an answer. */

import {
  type AgentPress,
  type Approval,
  buildDecidedMessage,
  buildOverMessage,
  FEEDBACK,
  isAgentAction,
  type Layout,
  parseAgentPress,
  type Rating,
} from "#core/agent/buttons";
import { isFinal } from "#core/agent/task";
import type { Deadline } from "#core/deadline";
import { BadRequest } from "#core/errors";
import type { Log } from "#core/log";
import { readTeamOf } from "#core/message/message";
import { metrics } from "#core/metrics";
import type { TableName } from "#core/named";
import { buildQuote } from "#core/quote";
import type { Buttons, Effect, Press, Reply } from "#functions/interactions/buttons";
import { createFeedback, type Feedback } from "#stores/agent/feedback";
import { createTasksTable, type TasksTable } from "#stores/agent/tasks-table";
import { createToolApprovals, type Decision, type ToolApprovals } from "#stores/agent/tool-approvals";

interface AgentButtonsSettings {
  tasksTable: TableName;
  gatewayTable: TableName;
  /** Who may approve a task's calls: `anyone`, or only `others` than the person who asked for the task. */
  approvers: "anyone" | "others";
}

type Deciding = Extract<AgentPress, { key: string }>;

interface AgentButtonsParts {
  tasks: Pick<TasksTable, "read" | "requestStop">;
  approvals: Pick<ToolApprovals, "decide">;
  feedback: Pick<Feedback, "put">;
  /** `isShared` tells whether the stack serves many workspaces: a button of one must not act in another. */
  settings: Pick<AgentButtonsSettings, "approvers"> & { isShared: boolean };
  log: Pick<Log, "info">;
  nowMs?: () => number;
}

const DECISIONS: Record<Deciding["action"], Decision> = { agent_approve: "approved", agent_decline: "declined" };

class AgentButtons implements Buttons {
  readonly #parts: Required<AgentButtonsParts>;

  constructor(parts: AgentButtonsParts) {
    this.#parts = { nowMs: Date.now, ...parts };
  }

  read(action: unknown, value: unknown): Effect | undefined {
    if (!isAgentAction(action)) return undefined;
    const pressed = parseAgentPress(action, value);
    if (pressed === undefined) throw new BadRequest(`The button's value is ${buildQuote(value)}, which this app did not create.`);
    return async (press, deadline) => {
      if (this.#parts.settings.isShared && readTeamOf(pressed.task) !== press.team)
        return tell("This button belongs to another workspace.");
      if (pressed.action === "agent_stop") return this.stop(pressed.task, press, deadline);
      return pressed.action === FEEDBACK ? this.rate(pressed, press, deadline) : this.decide(pressed, press, deadline);
    };
  }

  /** Asks a task to stop. Its card shows when it has stopped. */
  async stop(task: string, { user }: Press, deadline: Deadline): Promise<Reply> {
    const { tasks, nowMs } = this.#parts;
    const isNew = await tasks.requestStop(task, user, nowMs(), deadline);
    return tell(isNew ? "The agent has been asked to stop." : "The task has already ended or been asked to stop.");
  }

  /** Stores a person's rating of an answer, for the operator. */
  async rate({ task, rating }: { task: string; rating: Rating }, { user }: Press, deadline: Deadline): Promise<Reply> {
    const { feedback, log, nowMs } = this.#parts;
    await feedback.put({ task, user, rating }, nowMs(), deadline);
    metrics.add("AgentFeedback", rating === "good" ? 1 : 0);
    log.info("feedback", { task, rating });
    return tell("Thank you. The people who run this app can read what you think of this answer.");
  }

  /** Decides about one call, unless somebody has decided or the task has ended. The outcome replaces the buttons. */
  async decide({ action, task, key }: Deciding, { user }: Press, deadline: Deadline): Promise<Reply> {
    const { approvals, settings, nowMs } = this.#parts;
    if (action === "agent_approve" && settings.approvers === "others" && (await this.isRequester(task, user, deadline)))
      return tell("You asked for this task, so somebody else has to approve it. You may decline it.");
    const approval = await approvals.decide({ task, key }, { decision: DECISIONS[action], by: user }, nowMs(), deadline);
    if (approval === undefined) return tell("This approval is no longer needed.");
    if (approval.state === "asked") return this.tellOver(task, approval, deadline);
    return replace(buildDecidedMessage(approval, approval.state, approval.by ?? user));
  }

  /** Calls without a task have no requester. */
  private async isRequester(task: string, user: string, deadline: Deadline): Promise<boolean> {
    return (await this.#parts.tasks.read(task, deadline))?.user === user;
  }

  /** Says that a decision comes too late. If the task may resume, the buttons stay. */
  async tellOver(id: string, approval: Approval, deadline: Deadline): Promise<Reply> {
    const task = await this.#parts.tasks.read(id, deadline);
    if (task !== undefined && isFinal(task)) return replace(buildOverMessage(approval, task.state));
    return tell(
      task?.state === "failed"
        ? "The task has failed: nothing will be posted or changed, unless somebody retries it."
        : "The task has been asked to stop: nothing will be posted or changed.",
    );
  }
}

const replace = ({ text, blocks }: Layout): Reply => ({ response_type: "in_channel", replace_original: true, text, blocks });

const tell = (text: string): Reply => ({ response_type: "ephemeral", replace_original: false, text });

const createAgentButtons = ({ tasksTable, gatewayTable, approvers }: AgentButtonsSettings, isShared: boolean, log: Log): AgentButtons =>
  new AgentButtons({
    tasks: createTasksTable(tasksTable, "ack"),
    approvals: createToolApprovals(gatewayTable, tasksTable, "ack"),
    feedback: createFeedback(tasksTable),
    settings: { approvers, isShared },
    log,
  });

export type { AgentButtonsSettings };
export { AgentButtons, createAgentButtons };
