/** The buttons under an agent's messages: *Stop*, and *Approve* and *Decline*. */

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
import type { TableName } from "#core/named";
import { buildQuote } from "#core/quote";
import type { Buttons, Effect, Press, Reply } from "#functions/interactions/buttons";
import { createTasksTable, type TasksTable } from "#stores/agent/tasks-table";
import { createToolApprovals, type Decision, type ToolApprovals } from "#stores/agent/tool-approvals";

interface AgentButtonsSettings {
  tasksTable: TableName;
  activeIndex: string;
  gatewayTable: TableName;
  /** Whether the person who asked for a task may approve its calls: `anyone` may, or only `others`. */
  approvers: "anyone" | "others";
}

type Deciding = Exclude<AgentPress, { action: "agent_stop" }>;

const DECISIONS: Record<Deciding["action"], Decision> = { agent_approve: "approved", agent_decline: "declined" };

class AgentButtons implements Buttons {
  constructor(
    private readonly tasks: Pick<TasksTable, "read" | "requestStop">,
    private readonly approvals: Pick<ToolApprovals, "decide">,
    private readonly approvers: AgentButtonsSettings["approvers"] = "anyone",
    private readonly nowMs: () => number = Date.now,
  ) {}

  read(action: unknown, value: unknown): Effect | undefined {
    if (!isAgentAction(action)) return undefined;
    const pressed = parseAgentPress(action, value);
    if (pressed === undefined) throw new BadRequest(`The button's value is ${buildQuote(value)}, which is none of ours.`);
    return (press, deadline) =>
      pressed.action === "agent_stop" ? this.stop(pressed.task, press, deadline) : this.decide(pressed, press, deadline);
  }

  /** Stops a task; its card shows when it has stopped. */
  async stop(task: string, { user }: Press, deadline: Deadline): Promise<Reply> {
    const isNew = await this.tasks.requestStop(task, user, this.nowMs(), deadline);
    return tell(isNew ? "The agent is asked to stop." : "It has ended, or is asked to stop already.");
  }

  /** Decides about one call, unless somebody has or its task is over; what stands then takes the buttons' place. */
  async decide({ action, task, key }: Deciding, { user }: Press, deadline: Deadline): Promise<Reply> {
    if (action === "agent_approve" && this.approvers === "others" && (await this.isRequester(task, user, deadline)))
      return tell("You asked for this task, so somebody else has to approve it. You may decline it.");
    const approval = await this.approvals.decide({ task, key }, { decision: DECISIONS[action], by: user }, this.nowMs(), deadline);
    if (approval === undefined) return tell("Nobody asks for that any more.");
    if (approval.state === "asked") return this.tellOver(task, approval, deadline);
    return replace(buildDecidedMessage(approval, approval.state, approval.by ?? user));
  }

  /** Nobody asked for calls without a task. */
  private async isRequester(task: string, user: string, deadline: Deadline): Promise<boolean> {
    return (await this.tasks.read(task, deadline))?.user === user;
  }

  /** Says that a decision comes too late. The buttons stay where the task may yet go on, and wait for them again. */
  async tellOver(id: string, approval: Approval, deadline: Deadline): Promise<Reply> {
    const task = await this.tasks.read(id, deadline);
    if (task !== undefined && isFinal(task)) return replace(buildOverMessage(approval, task.state));
    return tell(
      task?.state === "failed"
        ? "The task has failed: nothing will be posted or changed, unless it is tried again."
        : "The task is asked to stop: nothing will be posted or changed.",
    );
  }
}

const replace = ({ text, blocks }: Layout): Reply => ({ response_type: "in_channel", replace_original: true, text, blocks });

const tell = (text: string): Reply => ({ response_type: "ephemeral", replace_original: false, text });

/** Creates the buttons and their stores. */
const createAgentButtons = ({ tasksTable, activeIndex, gatewayTable, approvers }: AgentButtonsSettings): AgentButtons =>
  new AgentButtons(createTasksTable(tasksTable, activeIndex, "ack"), createToolApprovals(gatewayTable, tasksTable, "ack"), approvers);

export type { AgentButtonsSettings };
export { AgentButtons, createAgentButtons };
