/** How long receipts, approvals and counts of calls are kept: longer than a task's message lives in its queue and dead-letter queue. */
const KEPT_MS = 30 * 86_400_000;

export { KEPT_MS };
