/** Stops the agent's unfinished tasks of a thread in which somebody says `stop` or presses Slack's own stop button. */

import { createLog, type Log } from "#core/log";
import { type EventEnvelope, isEventEnvelope, parseAnyEnvelope, readTeam } from "#core/message/event";
import type { Envelope } from "#core/message/message";
import type { TableName } from "#core/named";
import type { StopPlace, TasksTable } from "#stores/agent/tasks-table";
import { createTasksTable } from "#stores/agent/tasks-table";
import { createThreadsTable, type ThreadsTable } from "#stores/agent/threads-table";
import { createEventSubscriber, type Subscriber } from "#subscribers/records";

interface StopperSettings {
  tasksTable: TableName;
}

/** Who asked to stop, where and when. */
interface Stop {
  place: StopPlace;
  user: string;
  ts: string;
  /** Whether Slack's button was pressed. Slack leaves the session's status to the app. */
  isButton: boolean;
}

class Stopper {
  constructor(
    private readonly tasks: Pick<TasksTable, "findActive" | "recordStop" | "requestStop">,
    private readonly threads: Pick<ThreadsTable, "listSaid" | "putDue">,
    private readonly log: Pick<Log, "info">,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** Asks each task once. `stop` outside a thread stops nothing. */
  async handle(envelope: Envelope | EventEnvelope): Promise<void> {
    const stop = readStop(envelope);
    if (stop === undefined) return;
    const { place, user } = stop;
    const saidAtMs = Math.floor(Number(stop.ts) * 1000);
    // The stop request comes first: a task that no worker has started is not in the table yet, and finds the request later.
    await this.tasks.recordStop(place, { by: user, atMs: saidAtMs }, this.nowMs());
    const active = await this.tasks.findActive(place.team, place.channel);
    // `stop` does not apply to tasks requested after it, even if it arrives late or twice.
    const meant = active.filter(task => task.threadTs === place.threadTs && task.createdAtMs <= saidAtMs);
    const stopped = await Promise.all(meant.map(task => this.tasks.requestStop(task.id, user, this.nowMs())));
    if (stop.isButton) await this.letRelayShow(stop);
    this.log.info("stop", { id: envelope.id, tasks: meant.length, stopped: stopped.filter(Boolean).length });
  }

  /** Lets the relay set the session's status, also if no task is left to do so. */
  private async letRelayShow({ place, ts }: Stop): Promise<void> {
    const latest = (await this.threads.listSaid(place)).findLast(({ task }) => task !== undefined)?.task;
    if (latest !== undefined) await this.threads.putDue({ item: `${latest}#stop#${ts}`, turn: latest, atMs: this.nowMs() });
  }
}

/** Reads what an event asks for; undefined if it is `stop` outside a thread. */
const readStop = (envelope: Envelope | EventEnvelope): Stop | undefined => {
  if (isEventEnvelope(envelope)) {
    const { channel, thread_ts: threadTs, user, event_ts: ts } = envelope.data;
    const place = { team: readTeam(envelope.source), channel: String(channel), threadTs: String(threadTs) };
    return { place, user: String(user), ts: String(ts), isButton: true };
  }
  const { team, channel, user, threadTs, ts } = envelope.data;
  return threadTs === undefined ? undefined : { place: { team, channel, threadTs }, user, ts, isButton: false };
};

const create = ({ tasksTable }: StopperSettings): Subscriber => {
  const log = createLog("stopper");
  const stopper = new Stopper(createTasksTable(tasksTable), createThreadsTable(tasksTable), log);
  return createEventSubscriber(log, parseAnyEnvelope, envelope => stopper.handle(envelope));
};

export type { StopperSettings };
export { create, Stopper };
