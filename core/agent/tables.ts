import type { TableIndex, TableSchema } from "#core/table-schema";

/** Finds tasks that wait or run. */
const ACTIVE = { name: "active", partitionKey: "active:S", sortKey: "created_at:N", projection: "ALL" } as const satisfies TableIndex;

/** Finds what a person has asked for. */
const BY_ASKER = { name: "by-asker", partitionKey: "asker:S", sortKey: "created_at:N", projection: "ALL" } as const satisfies TableIndex;

/** Tasks, the results of their steps, and the lease of each thread. The worker writes it. */
const AGENT_TASKS = {
  partitionKey: "task:S",
  sortKey: "item:S",
  indexes: [ACTIVE, BY_ASKER],
  expiresAt: "expires_at",
} as const satisfies TableSchema;

/** Receipts, approvals and limits. Only the gateway and the buttons write it, so a worker can't approve its own calls. */
const AGENT_GATEWAY = { partitionKey: "task:S", sortKey: "item:S", expiresAt: "expires_at" } as const satisfies TableSchema;

export { ACTIVE, AGENT_GATEWAY, AGENT_TASKS, BY_ASKER };
