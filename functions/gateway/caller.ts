/** The caller of a tool: a task, or a caller without one. */
import type { Task } from "#core/agent/task";

interface Caller {
  task: Task | undefined;
  /** The partition of receipts, approvals and audit rows: the task's id, or `gateway`. */
  partition: string;
  /** The idempotency key. */
  key: string;
  /** When API Gateway received the request, by its clock. Undefined for calls that did not come through API Gateway. */
  requestedAtMs?: number | undefined;
}

/** A caller, with the fingerprint of the original call: the names that replace mentions may differ the next time. */
interface KnownCaller extends Caller {
  fingerprint: string;
}

/** The partition of calls without a task. */
const NOBODY = "gateway";

export type { Caller, KnownCaller };
export { NOBODY };
