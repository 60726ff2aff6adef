/** How long receipts of calls, their approvals and their counts are kept: longer than a task's message lives, in its queue and among its dead letters. */
const KEPT_MS = 30 * 86_400_000;

export { KEPT_MS };
