import type { TableIndex, TableSchema } from "#core/table-schema";

/** Finds the installations of one status. */
const BY_STATUS = {
  name: "by-status",
  partitionKey: "status:S",
  sortKey: "installed_at:N",
  projection: "ALL",
} as const satisfies TableIndex;

/** Where the app is installed, and the tokens, encrypted. */
const INSTALLATIONS = { partitionKey: "installation:S", indexes: [BY_STATUS] } as const satisfies TableSchema;

export { BY_STATUS, INSTALLATIONS };
