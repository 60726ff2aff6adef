import type { TableSchema } from "#core/table-schema";

/** Who has an account in which system, and what it may do. */
const ACCOUNTS = { partitionKey: "person:S", sortKey: "system:S" } as const satisfies TableSchema;

export { ACCOUNTS };
