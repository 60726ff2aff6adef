/** Ends tasks whose worker died over the last of their tries: their messages are dead letters, and their cards would say *Working* for ever. */

import { isEnded, MAX_TRIES, type Task } from "#core/agent/task";
import type { Log } from "#core/log";
import type { LastTries } from "#stores/agent/last-tries";
import type { TasksTable } from "#stores/agent/tasks-table";
import { Progress } from "./progress";
import type { GatewayTools } from "./tools";

const ERROR = `Its worker was lost over it, at the last of ${MAX_TRIES} tries.`;

class LostTasks {
  /** Another worker's last try may end badly while this one has nothing to do; a worker that was lost comes again, and looks at first. */
  #isLookDue = true;

  constructor(
    private readonly tasks: TasksTable,
    private readonly lastTries: LastTries,
    private readonly tools: GatewayTools,
    private readonly log: Log,
    private readonly nowMs: () => number,
  ) {}

  /** Ends what was lost. Looks again only while there are tasks on their last try: an idle worker leaves the table in peace. */
  async look(signal: AbortSignal): Promise<void> {
    if (!this.#isLookDue) return;
    const marked = await this.lastTries.list();
    for (const { task, untilMs } of marked) if (untilMs <= this.nowMs()) await this.end(task, signal);
    this.#isLookDue = marked.length > 0;
  }

  /** Whoever does the same at the same time does no harm: the card says the same, and a task ends once. */
  private async end(id: string, signal: AbortSignal): Promise<void> {
    const task = await this.tasks.read(id);
    if (task !== undefined && !isEnded(task)) {
      await this.show(task, signal);
      await this.tasks.finish(id, { state: "failed", error: ERROR }, this.nowMs());
      this.log.error("a task was lost", new Error(ERROR), { task: id });
    }
    await this.lastTries.remove(id);
  }

  private async show({ id }: Task, signal: AbortSignal): Promise<void> {
    const progress = new Progress(id, this.tools, this.log, signal, this.nowMs);
    for (const { number, label } of await this.tasks.readSteps(id)) progress.setStep(number, { label, state: "done" });
    try {
      await progress.settle("failed", ERROR);
    } catch (error) {
      signal.throwIfAborted();
      // As with every other end: the outage of a card may not keep a task from ending.
      this.log.error("the card does not show how the task ended", error, { task: id });
    }
  }
}

export { LostTasks };
