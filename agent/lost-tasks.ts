/** Ends tasks whose worker died during their last try. Their messages are dead letters, and their cards would say *Working* forever. */
import { isEnded, MAX_TRIES, type Task } from "#core/agent/task";
import type { WorkerDependencies } from "./assignment";
import { Progress } from "./progress";

const ERROR = `Its worker died during the last of ${MAX_TRIES} tries.`;

class LostTasks {
  /** True at first, because the worker that replaces a dead one is new. */
  #isLookDue = true;

  constructor(private readonly dependencies: Pick<WorkerDependencies, "tasks" | "lastTries" | "nextTurns" | "tools" | "log" | "nowMs">) {}

  /** Ends the lost tasks. Looks again only while some task is on its last try, so that an idle worker doesn't read the table for nothing. */
  async look(signal: AbortSignal): Promise<void> {
    if (!this.#isLookDue) return;
    const { lastTries, nowMs } = this.dependencies;
    const marked = await lastTries.list();
    for (const { task, untilMs } of marked) if (untilMs <= nowMs()) await this.end(task, signal);
    this.#isLookDue = marked.length > 0;
  }

  /** Several workers may do this at once: the card says the same, and a task ends once. */
  private async end(id: string, signal: AbortSignal): Promise<void> {
    const { tasks, lastTries, nextTurns, log, nowMs } = this.dependencies;
    const task = await tasks.read(id);
    if (task !== undefined && !isEnded(task)) {
      await this.show(task, signal);
      await tasks.finish(task, { state: "failed", error: ERROR }, nowMs());
      log.error("a task was lost", new Error(ERROR), { task: id });
    }
    if (task !== undefined) await nextTurns.wake(task);
    await lastTries.remove(id);
  }

  private async show({ id }: Task, signal: AbortSignal): Promise<void> {
    const { tasks, log } = this.dependencies;
    const progress = new Progress(id, this.dependencies, signal);
    for (const { number, label } of await tasks.readSteps(id)) progress.setStep(number, { label, state: "done" });
    try {
      await progress.settle("failed", ERROR);
    } catch (error) {
      signal.throwIfAborted();
      // A card that can't be changed must not keep a task from ending.
      log.error("the card does not show how the task ended", error, { task: id });
    }
  }
}

export { LostTasks };
