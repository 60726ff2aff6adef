/** `/ask`: gives the agent a task. */

import { isStopText } from "#core/agent/stop-text";
import { type Ask, buildAskEnvelope, parseTaskRequest } from "#core/agent/task-request";
import type { Deadline } from "#core/deadline";
import type { Form } from "#core/http/form";
import { createId } from "#core/ids";
import type { Log } from "#core/log";
import { isSlackId } from "#core/message/message";
import type { QueueUrl, TableName, TopicArn } from "#core/named";
import { type SlashAnswer, tell } from "#core/slack/slash-answer";
import type { TeamSettings } from "#core/slack/team-settings";
import type { SlashCommand } from "#functions/commands/slash-command";
import { type AgentInbox, createAgentInbox } from "#stores/agent/inbox";
import { createTasksTable, type TasksTable } from "#stores/agent/tasks-table";
import { createSNS } from "#stores/aws-clients";
import { MessagesTopic } from "#stores/message/messages-topic";

interface AskSettings {
  queueUrl: QueueUrl;
  /** Tells the opener, which posts the card at once. */
  topicArn: TopicArn;
  tasksTable: TableName;
}

/** The user, and the conversation of the request. */
interface Asker {
  team: string;
  channel: string;
  user: string;
}

/** The longest message that Slack allows. */
const MAX_TEXT_CHARACTERS = 40_000;
/** The precision of Slack's send time. */
const SENT_WITHIN_MS = 1000;
const USAGE =
  "Type `/ask TEXT` to give the agent a task. A card shows its progress, and the answer appears in the card's thread. " +
  "`/ask stop` stops your tasks in this channel.";
const SWITCHED_OFF = "Agents are switched off in this workspace. An admin can switch them on in the app's Home.";

interface AskParts {
  inbox: Pick<AgentInbox, "send">;
  topic: Pick<MessagesTopic, "publish">;
  tasks: Pick<TasksTable, "accept" | "findActive" | "requestStop">;
  log: Log;
  nowMs?: () => number;
}

class AskCommand implements SlashCommand {
  readonly #parts: Required<AskParts>;

  constructor(parts: AskParts) {
    this.#parts = { nowMs: Date.now, ...parts };
  }

  /** Throws `NotDurable`. */
  async answer(form: Form, deadline: Deadline, sentAtMs: number, chosen?: TeamSettings): Promise<SlashAnswer> {
    const [team, channel, user] = [form.get("team_id"), form.get("channel_id"), form.get("user_id")];
    if (!isSlackId(team) || !isSlackId(channel) || !isSlackId(user)) return tell("The command doesn't say who you are and where.");
    const text = (form.get("text") ?? "").trim();
    if (text === "" || text.toLowerCase() === "help") return tell(USAGE);
    if (isStopText(text)) return this.stop({ team, channel, user }, sentAtMs, deadline);
    if (chosen?.agents === false) return tell(SWITCHED_OFF);
    if (text.length > MAX_TEXT_CHARACTERS)
      return tell(`Your text has ${text.length} characters; the agent reads at most ${MAX_TEXT_CHARACTERS}. Share the rest as a file.`);
    return this.ask({ team, channel, user, text, triggerId: form.get("trigger_id") || createId() }, sentAtMs, deadline);
  }

  /** A task's time comes from Slack, as for a mention, so clock differences can't change which request came first. */
  async ask(ask: Ask, sentAtMs: number, deadline: Deadline): Promise<SlashAnswer> {
    const { id, envelope } = buildAskEnvelope(ask, sentAtMs);
    await this.#parts.inbox.send(envelope, deadline);
    await Promise.all([this.show(id, envelope, deadline), this.announce(id, envelope, deadline)]);
    return tell("The agent has your task. A card here will show its progress. `/ask stop` stops it.");
  }

  /** Records the task, so that `/ask stop` finds it before a worker starts it, which may take a minute. The worker does the same. */
  async show(id: string, envelope: string, deadline: Deadline): Promise<void> {
    try {
      await this.#parts.tasks.accept(parseTaskRequest(envelope), this.#parts.nowMs(), deadline);
    } catch (error) {
      this.#parts.log.error("not noted; the worker will", error, { id });
    }
  }

  /** Publishes the task for the opener. If that fails, the worker posts the card. */
  async announce(id: string, envelope: string, deadline: Deadline): Promise<void> {
    try {
      await this.#parts.topic.publish(
        envelope,
        { id, type: "slack.ask", door: "commands", mentionsBot: true, private: true },
        deadline.signal(),
      );
    } catch (error) {
      this.#parts.log.error("not published; the worker will post the card", error, { id });
    }
  }

  /** Stops the tasks requested before this command was sent, so that repeating it never stops later ones. */
  async stop({ team, channel, user }: Asker, sentAtMs: number, deadline: Deadline): Promise<SlashAnswer> {
    const active = await this.#parts.tasks.findActive(team, channel, deadline);
    const mine = active.filter(task => task.user === user && task.createdAtMs < sentAtMs + SENT_WITHIN_MS);
    if (mine.length === 0) return tell("You have no unfinished tasks here.");
    await Promise.all(mine.map(({ id }) => this.#parts.tasks.requestStop(id, user, this.#parts.nowMs(), deadline)));
    return tell(mine.length === 1 ? "One task has been asked to stop." : `${mine.length} tasks have been asked to stop.`);
  }
}

const createAskCommand = ({ queueUrl, topicArn, tasksTable }: AskSettings, log: Log): AskCommand =>
  new AskCommand({
    inbox: createAgentInbox(queueUrl),
    topic: new MessagesTopic(createSNS("ack"), topicArn),
    tasks: createTasksTable(tasksTable, "ack"),
    log,
  });

export type { AskSettings };
export { AskCommand, createAskCommand };
