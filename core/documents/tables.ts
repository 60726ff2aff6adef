import type { TableSchema } from "#core/table-schema";

/** Archived files by hashtag. */
const FILES = { partitionKey: "tag:S", sortKey: "posted:S" } as const satisfies TableSchema;

/** Which files each message shared, and whether it was deleted. */
const SHARES = { partitionKey: "folder:S", sortKey: "ts:S", expiresAt: "expires_at" } as const satisfies TableSchema;

export { FILES, SHARES };
