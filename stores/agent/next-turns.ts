/** Tells the next turn of a thread that it may begin. It waits in the table, without a worker or a message in the queue. */
import type { Task } from "#core/agent/task";
import { isEnded } from "#core/agent/task";
import { buildNextEnvelope } from "#core/agent/task-request";
import { idOfTurn, placeOf, sortTurns } from "#core/agent/thread";
import type { TasksTable } from "#stores/agent/tasks-table";
import type { ThreadsTable } from "#stores/agent/threads-table";

/** Sends a task to the queue. */
type Send = (body: string) => Promise<void>;

class NextTurns {
  constructor(
    private readonly tasks: Pick<TasksTable, "read">,
    private readonly threads: Pick<ThreadsTable, "read" | "unqueue">,
    private readonly send: Send,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** Lists the turns that wait in the thread of a task, without the task itself, the earliest first. */
  async list(task: Task): Promise<Task[]> {
    const place = placeOf(task);
    const thread = place && (await this.threads.read(place));
    const waiting: Task[] = [];
    for (const id of sortTurns(thread?.queued ?? [])
      .map(idOfTurn)
      .filter(each => each !== task.id)) {
      const next = await this.tasks.read(id);
      if (next !== undefined && !isEnded(next)) waiting.push(next);
      else if (next !== undefined) await this.threads.unqueue(next, this.nowMs());
    }
    return waiting;
  }

  /** Finds the first of the turns that wait; undefined if none does. */
  async find(task: Task): Promise<Task | undefined> {
    return (await this.list(task))[0];
  }

  /** Sends the message that tells a task to begin. Sent twice, it does no harm. */
  async tell(next: Task): Promise<void> {
    await this.send(buildNextEnvelope(next));
  }

  /** Tells the first of the turns that wait in the thread of a task, if any. */
  async wake(task: Task): Promise<void> {
    const next = await this.find(task);
    if (next !== undefined) await this.tell(next);
  }
}

export { NextTurns };
