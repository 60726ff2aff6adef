/** A task with default values, which a test can override. */
import type { Task } from "#core/agent/task";
import { NOW_MS } from "../requests";

const buildTask = (over: Partial<Task> = {}): Task => ({
  id: "T0001-C0001-1763805500.000100",
  state: "processing",
  team: "T0001",
  channel: "C0001",
  user: "U0001",
  text: "count",
  createdAtMs: NOW_MS,
  attempts: 1,
  ...over,
});

export { buildTask };
