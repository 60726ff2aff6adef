import type { TableSchema } from "#core/table-schema";

/** Items by owner. */
const SAMPLE_NAME = { partitionKey: "owner:S", sortKey: "item:S" } as const satisfies TableSchema;

export { SAMPLE_NAME };
