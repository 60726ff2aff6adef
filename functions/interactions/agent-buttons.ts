/** The buttons below an agent's messages: *Stop*, *Approve* and *Decline*. */

import {
  type AgentPress,
  type Approval,
  buildDecidedMessage,
  buildOverMessage,
  isAgentAction,
  type Layout,
  parseAgentPress,
} from "#core/agent/buttons";
import { isFinal } from "#core/agent/task";
import type { Deadline } from "#core/deadline";
import { BadRequest } from "#core/errors";
import { readTeamOf } from "#core/message/message";
import type { TableName } from "#core/named";
import { buildQuote } from "#core/quote";
import type { Buttons, Effect, Press, Reply } from "#functions/interactions/buttons";
import { createTasksTable, type TasksTable } from "#stores/agent/tasks-table";
import { createToolApprovals, type Decision, type ToolApprovals } from "#stores/agent/tool-approvals";

interface AgentButtonsSettings {
  tasksTable: TableName;
  activeIndex: string;
  gatewayTable: TableName;
  /** Who may approve a task's calls: `anyone`, or only `others` than the person who asked for the task. */
  approvers: "anyone" | "others";
}

type Deciding = Exclude<AgentPress, { action: "agent_stop" }>;

const DECISIONS: Record<Deciding["action"], Decision> = { agent_approve: "approved", agent_decline: "declined" };

class AgentButtons implements Buttons {
  constructor(
    private readonly tasks: Pick<TasksTable, "read" | "requestStop">,
    private readonly approvals: Pick<ToolApprovals, "decide">,
    /** Whether the stack serves many workspaces: a button of one must not act in another. */
    private readonly settings: Pick<AgentButtonsSettings, "approvers"> & { isShared: boolean },
    private readonly nowMs: () => number = Date.now,
  ) {}

  read(action: unknown, value: unknown): Effect | undefined {
    if (!isAgentAction(action)) return undefined;
    const pressed = parseAgentPress(action, value);
    if (pressed === undefined) throw new BadRequest(`The button's value is ${buildQuote(value)}, which this app did not create.`);
    return async (press, deadline) => {
      if (this.settings.isShared && readTeamOf(pressed.task) !== press.team) return tell("This button belongs to another workspace.");
      return pressed.action === "agent_stop" ? this.stop(pressed.task, press, deadline) : this.decide(pressed, press, deadline);
    };
  }

  /** Asks a task to stop. Its card shows when it has stopped. */
  async stop(task: string, { user }: Press, deadline: Deadline): Promise<Reply> {
    const isNew = await this.tasks.requestStop(task, user, this.nowMs(), deadline);
    return tell(isNew ? "The agent has been asked to stop." : "The task has already ended or been asked to stop.");
  }

  /** Decides about one call, unless somebody has decided or the task has ended. The outcome replaces the buttons. */
  async decide({ action, task, key }: Deciding, { user }: Press, deadline: Deadline): Promise<Reply> {
    if (action === "agent_approve" && this.settings.approvers === "others" && (await this.isRequester(task, user, deadline)))
      return tell("You asked for this task, so somebody else has to approve it. You may decline it.");
    const approval = await this.approvals.decide({ task, key }, { decision: DECISIONS[action], by: user }, this.nowMs(), deadline);
    if (approval === undefined) return tell("This approval is no longer needed.");
    if (approval.state === "asked") return this.tellOver(task, approval, deadline);
    return replace(buildDecidedMessage(approval, approval.state, approval.by ?? user));
  }

  /** Calls without a task have no requester. */
  private async isRequester(task: string, user: string, deadline: Deadline): Promise<boolean> {
    return (await this.tasks.read(task, deadline))?.user === user;
  }

  /** Says that a decision comes too late. If the task may resume, the buttons stay. */
  async tellOver(id: string, approval: Approval, deadline: Deadline): Promise<Reply> {
    const task = await this.tasks.read(id, deadline);
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

/** Creates the buttons and their stores. */
const createAgentButtons = ({ tasksTable, activeIndex, gatewayTable, approvers }: AgentButtonsSettings, isShared: boolean): AgentButtons =>
  new AgentButtons(createTasksTable(tasksTable, activeIndex, "ack"), createToolApprovals(gatewayTable, tasksTable, "ack"), {
    approvers,
    isShared,
  });

export type { AgentButtonsSettings };
export { AgentButtons, createAgentButtons };
