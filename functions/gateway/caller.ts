/** Who calls a tool: a task, or nobody's. */
import type { Task } from "#core/agent/task";

interface Caller {
  task: Task | undefined;
  /** Under which receipts, approvals and audit rows are kept: the task's id, or `gateway`. */
  partition: string;
  /** Under which this call is done once. */
  key: string;
  /** When API Gateway got the request, by its clock; undefined for a call that did not come through it. */
  requestedAtMs?: number | undefined;
}

/** The partition of calls without a task. */
const NOBODY = "gateway";

export type { Caller };
export { NOBODY };
