import type { TableSchema } from "#core/table-schema";

/** Which notices were posted, and when each channel is free again. */
const RECEIPTS = { partitionKey: "id:S", expiresAt: "expires_at" } as const satisfies TableSchema;

export { RECEIPTS };
