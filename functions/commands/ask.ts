/** `/ask`: work for the agent. */

import { isStopText } from "#core/agent/stop-text";
import { type Ask, buildAskEnvelope, parseTaskRequest } from "#core/agent/task-request";
import type { Deadline } from "#core/deadline";
import type { Form } from "#core/form";
import { createId } from "#core/ids";
import type { Log } from "#core/log";
import { isSlackId } from "#core/message/message";
import type { QueueUrl, TableName } from "#core/named";
import { type SlashAnswer, tell } from "#core/slack/slash-answer";
import type { SlashCommand } from "#functions/commands/slash-command";
import { type AgentInbox, createAgentInbox } from "#stores/agent/inbox";
import { createTasksTable, type TasksTable } from "#stores/agent/tasks-table";

interface AskSettings {
  queueUrl: QueueUrl;
  tasksTable: TableName;
  activeIndex: string;
}

/** Who asks, and where. */
interface Asker {
  team: string;
  channel: string;
  user: string;
}

/** As much as Slack lets somebody say in one message. */
const MAX_TEXT_CHARACTERS = 40_000;
/** Slack tells to the second when it sends. */
const SENT_WITHIN_MS = 1000;
const USAGE =
  "Say `/ask TEXT` to give the agent something to do: a card shows how far it is, and its answer comes in the card's thread. " +
  "`/ask stop` stops what you asked for in this channel.";

class AskCommand implements SlashCommand {
  constructor(
    private readonly inbox: Pick<AgentInbox, "send">,
    private readonly tasks: Pick<TasksTable, "accept" | "findActive" | "requestStop">,
    private readonly log: Log,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** Throws `NotDurable`. */
  async answer(form: Form, deadline: Deadline, sentAtMs: number): Promise<SlashAnswer> {
    const [team, channel, user] = [form.get("team_id"), form.get("channel_id"), form.get("user_id")];
    if (!isSlackId(team) || !isSlackId(channel) || !isSlackId(user)) return tell("I can't tell who asks, and where.");
    const text = (form.get("text") ?? "").trim();
    if (text === "" || text.toLowerCase() === "help") return tell(USAGE);
    if (isStopText(text)) return this.stop({ team, channel, user }, sentAtMs, deadline);
    if (text.length > MAX_TEXT_CHARACTERS)
      return tell(`That is ${text.length} characters; the agent takes ${MAX_TEXT_CHARACTERS}. Share the rest as a file.`);
    return this.ask({ team, channel, user, text, triggerId: form.get("trigger_id") || createId() }, sentAtMs, deadline);
  }

  /** A task's time comes from Slack, as for a mention, so clock differences can't change which request came first. */
  async ask(ask: Ask, sentAtMs: number, deadline: Deadline): Promise<SlashAnswer> {
    const { id, envelope } = buildAskEnvelope(ask, sentAtMs);
    await this.inbox.send(envelope, deadline);
    await this.show(id, envelope, deadline);
    return tell("The agent has it. A card here will show how far it is; `/ask stop` stops it.");
  }

  /** Notes the task before a worker comes to it, which may take a minute: `/ask stop` finds it from now on. The worker does the same. */
  async show(id: string, envelope: string, deadline: Deadline): Promise<void> {
    try {
      await this.tasks.accept(parseTaskRequest(envelope), this.nowMs(), deadline);
    } catch (error) {
      this.log.error("not noted; the worker will", error, { id });
    }
  }

  /** Stops the tasks requested before this command was sent, so that repeating it never stops later ones. */
  async stop({ team, channel, user }: Asker, sentAtMs: number, deadline: Deadline): Promise<SlashAnswer> {
    const active = await this.tasks.findActive(team, channel, deadline);
    const mine = active.filter(task => task.user === user && task.createdAtMs < sentAtMs + SENT_WITHIN_MS);
    if (mine.length === 0) return tell("Nothing that you asked for here is still to be done.");
    await Promise.all(mine.map(({ id }) => this.tasks.requestStop(id, user, this.nowMs(), deadline)));
    return tell(mine.length === 1 ? "One task is asked to stop." : `${mine.length} tasks are asked to stop.`);
  }
}

/** Creates the command. */
const createAskCommand = ({ queueUrl, tasksTable, activeIndex }: AskSettings, log: Log): AskCommand =>
  new AskCommand(createAgentInbox(queueUrl), createTasksTable(tasksTable, activeIndex, "ack"), log);

export type { AskSettings };
export { AskCommand, createAskCommand };
