/** Why a run ends before its brain has an answer; each is the reason of an aborted signal. */

import type { Task } from "#core/agent/task";

/** Somebody asked the task to stop. */
class StopRequested extends Error {
  override readonly name = "StopRequested";

  constructor(readonly by: string) {
    super("The task was asked to stop.");
  }
}

/** The task has been held for as long as a task may be. */
class TimeUp extends Error {
  override readonly name = "TimeUp";
}

/** This worker is about to end; another one goes on. */
class ShuttingDown extends Error {
  override readonly name = "ShuttingDown";

  constructor() {
    super("The worker is about to end.");
  }
}

/** The person who asked has as many tasks at work as anybody may have. */
class NoSlot extends Error {
  override readonly name = "NoSlot";

  constructor(readonly task: Task) {
    super("The person who asked has enough tasks at work.");
  }
}

/** The task had ended already, whoever ended it. */
class AlreadyEnded extends Error {
  override readonly name = "AlreadyEnded";

  constructor() {
    super("The task has ended already.");
  }
}

export { AlreadyEnded, NoSlot, ShuttingDown, StopRequested, TimeUp };
