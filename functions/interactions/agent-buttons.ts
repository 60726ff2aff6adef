/** The buttons under an agent's messages: *Stop*, and *Approve* and *Decline*. */
import { type AgentPress, buildDecidedMessage, isAgentAction, parseAgentPress } from "#core/agent-buttons";
import type { Deadline } from "#core/deadline";
import { BadRequest } from "#core/errors";
import { buildQuote } from "#core/quote";
import type { Buttons, Effect, Press, Reply } from "#functions/interactions/buttons";
import { createTasksTable, type TasksTable } from "#stores/tasks-table";
import { createToolApprovals, type Decision, type ToolApprovals } from "#stores/tool-approvals";

interface AgentButtonsSettings {
  tasksTable: string;
  activeIndex: string;
}

type Deciding = Exclude<AgentPress, { action: "agent_stop" }>;

const DECISIONS: Record<Deciding["action"], Decision> = { agent_approve: "approved", agent_decline: "declined" };

class AgentButtons implements Buttons {
  constructor(
    private readonly tasks: Pick<TasksTable, "requestStop">,
    private readonly approvals: Pick<ToolApprovals, "decide">,
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

  /** Decides about one call, unless somebody has; the decision takes the buttons' place either way. */
  async decide({ action, task, key }: Deciding, { user }: Press, deadline: Deadline): Promise<Reply> {
    const approval = await this.approvals.decide(task, key, DECISIONS[action], user, this.nowMs(), deadline);
    if (approval === undefined || approval.state === "asked") return tell("Nobody asks for that any more.");
    const { text, blocks } = buildDecidedMessage(approval, approval.state, approval.by ?? user);
    return { response_type: "in_channel", replace_original: true, text, blocks };
  }
}

const tell = (text: string): Reply => ({ response_type: "ephemeral", replace_original: false, text });

/** Creates the buttons and their stores. */
const createAgentButtons = ({ tasksTable, activeIndex }: AgentButtonsSettings): AgentButtons =>
  new AgentButtons(createTasksTable(tasksTable, activeIndex, "ack"), createToolApprovals(tasksTable, "ack"));

export type { AgentButtonsSettings };
export { AgentButtons, createAgentButtons };
