/** Stops the agent's unfinished tasks of a thread in which somebody says `stop`. */

import { createLog, type Log } from "#core/log";
import type { Envelope } from "#core/message/message";
import type { TableName } from "#core/named";
import { createTasksTable, type TasksTable } from "#stores/agent/tasks-table";
import { createSubscriber, type Subscriber } from "#subscribers/records";

interface StopperSettings {
  tasksTable: TableName;
  activeIndex: string;
}

class Stopper {
  constructor(
    private readonly tasks: Pick<TasksTable, "findActive" | "recordStop" | "requestStop">,
    private readonly log: Pick<Log, "info">,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** Asks each task once. `stop` outside a thread stops nothing. */
  async handle({ id, data: { team, channel, user, threadTs, ts } }: Envelope): Promise<void> {
    if (threadTs === undefined) return;
    const saidAtMs = Math.floor(Number(ts) * 1000);
    // The stop request comes first: a task that no worker has started is not in the table yet, and finds the request later.
    await this.tasks.recordStop({ team, channel, threadTs }, { by: user, atMs: saidAtMs }, this.nowMs());
    const active = await this.tasks.findActive(team, channel);
    // `stop` does not apply to tasks requested after it, even if it arrives late or twice.
    const meant = active.filter(task => task.threadTs === threadTs && task.createdAtMs <= saidAtMs);
    const stopped = await Promise.all(meant.map(task => this.tasks.requestStop(task.id, user, this.nowMs())));
    this.log.info("stop", { id, tasks: meant.length, stopped: stopped.filter(Boolean).length });
  }
}

/** Creates the subscriber. */
const create = ({ tasksTable, activeIndex }: StopperSettings): Subscriber => {
  const log = createLog("stopper");
  const stopper = new Stopper(createTasksTable(tasksTable, activeIndex), log);
  return createSubscriber(log, envelope => stopper.handle(envelope));
};

export type { StopperSettings };
export { create, Stopper };
