/**
 * Reacts to what people say to the agent. It stores the messages of its threads, with their latest edits, decides which of them start a turn, and shows
 * in Slack that a turn has been received, before any worker has started.
 */
import { isStopText } from "#core/agent/stop-text";
import type { Task } from "#core/agent/task";
import { parseTaskRequest } from "#core/agent/task-request";
import { type AgentBusy, type AgentFollow, idOfTurn, placeOf, type Thread, type ThreadPlace } from "#core/agent/thread";
import { createLog, type Log } from "#core/log";
import {
  type EventEnvelope,
  findThread,
  isEventEnvelope,
  parseAnyEnvelope,
  readEventVersion,
  readNewText,
  type SlackChange,
} from "#core/message/event";
import { type Envelope, findTrigger, serialize } from "#core/message/message";
import { DELETED } from "#core/message/version";
import type { HttpUrl, QueueUrl, TableName } from "#core/named";
import { type AgentGateway, createAgentGateway } from "#stores/agent/gateway";
import { type AgentQueue, createAgentQueue } from "#stores/agent/queue";
import { createSessions, type Sessions } from "#stores/agent/sessions";
import { createTasksTable, type TasksTable } from "#stores/agent/tasks-table";
import { createThreadsTable, type ThreadsTable } from "#stores/agent/threads-table";
import { createTeamSettings, type TeamSettingsNames, type TeamSettingsTable } from "#stores/slack/team-settings";
import type { TokensSettings } from "#stores/slack/tokens";
import { type Attributes, createEventSubscriber, type Subscriber } from "#subscribers/records";

interface OpenerSettings {
  tasksTable: TableName;
  queueUrl: QueueUrl;
  /** The gateway, which posts the card. */
  gatewayUrl: HttpUrl;
  /** Whose replies in the agent's thread make turns. */
  follow: AgentFollow;
  /** What a request does while another one is at work in its thread. */
  busy: AgentBusy;
  /** A message to the bot that begins with one of these is counted, and starts no turn. */
  triggerWords: readonly string[];
  /** The tokens of many workspaces, and what those have chosen. Both are undefined where the stack serves one workspace. */
  tokens?: TokensSettings | undefined;
  chosen?: TeamSettingsNames | undefined;
}

interface OpenerParts {
  tasks: Pick<TasksTable, "accept">;
  threads: Pick<ThreadsTable, "read" | "keepSaid" | "reviseSaid">;
  queue: Pick<AgentQueue, "send">;
  sessions: Pick<Sessions, "show">;
  gateway: Pick<AgentGateway, "open">;
  settings: Pick<OpenerSettings, "follow" | "busy" | "triggerWords">;
  /** What workspaces have chosen. Undefined where the stack serves one workspace. */
  chosen?: Pick<TeamSettingsTable, "readRecent"> | undefined;
  log: Log;
  nowMs?: () => number;
}

/** Slack sends mentions as two events, and `/ask` is an event of ours. All of them come to the agent's queue by themselves. */
const isAddressed = ({ type, data }: Envelope, attributes: Attributes): boolean =>
  (type as string) === "slack.ask" || type === "slack.app_mention" || (data.mentionsBot ?? attributes["mentionsBot"]?.Value === "true");

/** Tells whether an edited message may begin a thread with the agent: it is a direct message, or mentions somebody. */
const mayBegin = ({ data }: EventEnvelope): boolean => {
  const { channel_type: kind, message, previous_message: previous } = data as SlackChange;
  return kind === "im" || [message?.text, previous?.text].some(text => String(text ?? "").includes("<@"));
};

class Opener {
  readonly #parts: OpenerParts & Required<Pick<OpenerParts, "nowMs">>;

  constructor(parts: OpenerParts) {
    this.#parts = { nowMs: Date.now, ...parts };
  }

  /** Does each part once, however often and in whichever order the events of a message come. */
  async handle(envelope: Envelope | EventEnvelope, attributes: Attributes): Promise<void> {
    return isEventEnvelope(envelope) ? this.revise(envelope) : this.hear(envelope, attributes);
  }

  /** Applies an edit or a deletion to the stored message. Either may come before the message that begins a thread. */
  private async revise(envelope: EventEnvelope): Promise<void> {
    const { threads, nowMs } = this.#parts;
    const version = readEventVersion(envelope);
    if (version === undefined) return;
    const { team, channel, ts, order } = version;
    const place = { team, channel, threadTs: findThread(envelope) ?? ts };
    if (order !== DELETED && !mayBegin(envelope) && (await threads.read(place)) === undefined) return;
    await threads.reviseSaid(place, { ts, order, text: readNewText(envelope) }, nowMs());
  }

  private async hear(envelope: Envelope, attributes: Attributes): Promise<void> {
    const { tasks, threads, queue, nowMs } = this.#parts;
    const { team, channel, ts, threadTs = ts, user, text, files } = envelope.data;
    const place = { team, channel, threadTs };
    const isSpokenTo = isAddressed(envelope, attributes);
    const isDirect = attributes["channelType"]?.Value === "im";
    const thread = isSpokenTo ? undefined : await this.findThread(place, envelope);
    if (await this.startsTurn(envelope, isSpokenTo || isDirect, thread)) {
      const body = serialize(envelope);
      const task = await tasks.accept(parseTaskRequest(body), nowMs());
      if (!isSpokenTo) await queue.send(body);
      await this.show(task);
    } else if (thread !== undefined) {
      await threads.keepSaid(place, { ts, user, text, files }, nowMs());
    }
  }

  /** Decides whether a message starts a turn. */
  async startsTurn({ data }: Envelope, isToAgent: boolean, thread: Thread | undefined): Promise<boolean> {
    const { settings, chosen } = this.#parts;
    if (data.external || data.user === "" || isStopText(data.text) || (!isToAgent && thread === undefined)) return false;
    const own = (await chosen?.readRecent(data.team))?.settings;
    if (own?.agents === false) return false;
    const { follow } = settings;
    const { triggerWords } = own ?? settings;
    if (isToAgent) return data.mentionsBot === true || findTrigger(data.text, triggerWords) === undefined;
    return thread !== undefined && (follow === "everyone" || (follow === "asker" && data.user === thread.asker));
  }

  /** Finds the thread that a message replies to, if it has the agent. */
  private async findThread(place: ThreadPlace, { data }: Envelope): Promise<Thread | undefined> {
    return data.threadTs === undefined ? undefined : this.#parts.threads.read(place);
  }

  /** Tells whether another task of the thread takes up the request, so that it needs no card. */
  private async isTakenUp(task: Task): Promise<boolean> {
    const place = this.#parts.settings.busy === "steer" ? placeOf(task) : undefined;
    const thread = place && (await this.#parts.threads.read(place));
    return thread?.pending.some(key => idOfTurn(key) !== task.id) ?? false;
  }

  /** Sets the session's status, and has the card posted. The turn has begun anyway: the relay and the worker show what can't be shown now. */
  private async show(task: Task): Promise<void> {
    const { sessions, gateway, log } = this.#parts;
    const ends = await Promise.allSettled([sessions.show(task), (await this.isTakenUp(task)) ? undefined : gateway.open(task.id)]);
    for (const end of ends) if (end.status === "rejected") log.error("the sign of life is late", end.reason, { id: task.id });
  }
}

/** Creates the subscriber; its secrets are `MCP_TOKEN` and `ACCESS_TOKEN`. */
const create = (settings: OpenerSettings): Subscriber => {
  const log = createLog("opener");
  const sessionsOf = createSessions(settings.tasksTable, settings.tokens);
  const opener = new Opener({
    tasks: createTasksTable(settings.tasksTable),
    threads: createThreadsTable(settings.tasksTable),
    queue: createAgentQueue(settings.queueUrl),
    sessions: { show: task => sessionsOf(task.team).show(task) },
    gateway: createAgentGateway(settings.gatewayUrl),
    chosen: createTeamSettings(settings.chosen),
    settings,
    log,
  });
  return createEventSubscriber(log, parseAnyEnvelope, (envelope, attributes) => opener.handle(envelope, attributes));
};

export type { OpenerSettings };
export { create, Opener };
