/** A running task with default values, which a test can override. */
import type { Task } from "#core/agent/task";

const buildTask = (over: Partial<Task> = {}): Task => ({
  id: "T0001-C0001-1763805600.000100",
  state: "processing",
  team: "T0001",
  channel: "C0001",
  user: "U0001",
  text: "post one",
  threadTs: "1763805600.000100",
  createdAtMs: 0,
  startedAtMs: 0,
  attempts: 1,
  ...over,
});

export { buildTask };
