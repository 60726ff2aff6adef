import type { TableIndex, TableSchema } from "#core/table-schema";

/** Finds queues whose holder's turn is over. */
const DUE = { name: "due", partitionKey: "due:S", sortKey: "due_at:N", projection: "KEYS_ONLY" } as const satisfies TableIndex;

/** One item a queue: who holds the resource, and who waits. */
const DIBS = { partitionKey: "team:S", sortKey: "name:S", indexes: [DUE] } as const satisfies TableSchema;

/** Finds the claims of one queue. */
const BY_QUEUE = { name: "by-queue", partitionKey: "queue:S", sortKey: "place:S", projection: "ALL" } as const satisfies TableIndex;

/** Claims that are over. */
const DIBS_HISTORY = { partitionKey: "claim:S", indexes: [BY_QUEUE], expiresAt: "expires_at" } as const satisfies TableSchema;

/** Finds the tokens of one person. */
const BY_OWNER = { name: "by-owner", partitionKey: "owner:S", sortKey: "created_at:N", projection: "ALL" } as const satisfies TableIndex;

/** The API's tokens, by their SHA-256. */
const DIBS_TOKENS = { partitionKey: "hash:S", indexes: [BY_OWNER], expiresAt: "expires_at" } as const satisfies TableSchema;

/** What each request of Slack or of the API has done, so that its repetition does nothing. */
const DIBS_REQUESTS = { partitionKey: "request:S", expiresAt: "expires_at" } as const satisfies TableSchema;

export { BY_OWNER, BY_QUEUE, DIBS, DIBS_HISTORY, DIBS_REQUESTS, DIBS_TOKENS, DUE };
