/** Reasons why a run ends before its brain has an answer. Each is the reason of an aborted signal. */
import type { Task } from "#core/agent/task";

/** Somebody asked the task to stop. */
class StopRequested extends Error {
  override readonly name = "StopRequested";

  constructor(readonly by: string) {
    super("The task was asked to stop.");
  }
}

/** The task has reached its time limit. */
class TimeUp extends Error {
  override readonly name = "TimeUp";
}

/** This worker shuts down; another one resumes the task. */
class ShuttingDown extends Error {
  override readonly name = "ShuttingDown";

  constructor() {
    super("The worker is shutting down.");
  }
}

/** Other tasks hold all slots of the user, or of the workspace. */
class NoSlot extends Error {
  override readonly name = "NoSlot";

  constructor(
    readonly task: Task,
    readonly full: "user" | "team",
  ) {
    super(`Other tasks hold all slots of the ${full}.`);
  }
}

/** Another task is at work in the thread. */
class ThreadBusy extends Error {
  override readonly name = "ThreadBusy";

  constructor() {
    super("Another task is at work in the thread.");
  }
}

/** Another worker is at work on this task: it has received the other message of a mention. */
class RunsElsewhere extends Error {
  override readonly name = "RunsElsewhere";

  constructor() {
    super("Another worker is at work on the task.");
  }
}

class AlreadyEnded extends Error {
  override readonly name = "AlreadyEnded";

  constructor() {
    super("The task has ended already.");
  }
}

export { AlreadyEnded, NoSlot, RunsElsewhere, ShuttingDown, StopRequested, ThreadBusy, TimeUp };
