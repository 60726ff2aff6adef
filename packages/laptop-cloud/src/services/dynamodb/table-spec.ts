import { randomUUID } from "node:crypto";
import type { Place } from "../../kernel/service";
import { arnOf } from "./engine";
import { readRequest } from "./request";
import type { SecondaryIndex, TableDescription, TableSpec } from "./store";

/** Parameters of CreateTable that dynalite does not know: the first three are read elsewhere, the others have no effect here. */
const extraParameters = [
  "DeletionProtectionEnabled",
  "StreamSpecification",
  "Tags",
  "OnDemandThroughput",
  "SSESpecification",
  "TableClass",
  "WarmThroughput",
] as const;

/** Checks a table's keys, indexes and billing as CreateTable does. Throws ValidationException. */
const readTableSpec = (input: { DeletionProtectionEnabled?: boolean }): TableSpec => ({
  ...readRequest<TableSpec>("createTable", withoutIndexExtras(input), extraParameters),
  DeletionProtectionEnabled: input.DeletionProtectionEnabled ?? false,
});

/** dynalite knows no on-demand or warm throughput of an index. */
const withoutIndexExtras = (input: object): object => {
  const { GlobalSecondaryIndexes: indexes } = input as { GlobalSecondaryIndexes?: SecondaryIndex[] };
  if (indexes === undefined) return input;
  const plain = indexes.map(({ IndexName, KeySchema, Projection, ProvisionedThroughput }) => ({
    IndexName,
    KeySchema,
    Projection,
    ProvisionedThroughput,
  }));
  return { ...input, GlobalSecondaryIndexes: plain };
};

/** Builds the description of a table from the input of CreateTable. */
const describeSpec = (spec: TableSpec, place: Place, nowMs: number): TableDescription => {
  const { BillingMode, ProvisionedThroughput, LocalSecondaryIndexes, GlobalSecondaryIndexes, ...rest } = spec;
  const arn = arnOf(place, spec.TableName);
  const onDemand = BillingMode === "PAY_PER_REQUEST";
  const throughput = { NumberOfDecreasesToday: 0, ...(ProvisionedThroughput ?? { ReadCapacityUnits: 0, WriteCapacityUnits: 0 }) };
  return {
    ...rest,
    TableArn: arn,
    TableId: randomUUID(),
    TableStatus: "ACTIVE",
    CreationDateTime: nowMs / 1000,
    ItemCount: 0,
    TableSizeBytes: 0,
    ProvisionedThroughput: throughput,
    ...(onDemand ? { BillingModeSummary: { BillingMode, LastUpdateToPayPerRequestDateTime: nowMs / 1000 } } : {}),
    ...(LocalSecondaryIndexes ? { LocalSecondaryIndexes: LocalSecondaryIndexes.map(index => describeIndex(index, arn)) } : {}),
    ...(GlobalSecondaryIndexes
      ? {
          GlobalSecondaryIndexes: GlobalSecondaryIndexes.map(index => ({
            ...describeIndex(index, arn),
            IndexStatus: "ACTIVE",
            ProvisionedThroughput: {
              NumberOfDecreasesToday: 0,
              ...(index.ProvisionedThroughput ?? { ReadCapacityUnits: 0, WriteCapacityUnits: 0 }),
            },
          })),
        }
      : {}),
  };
};

const describeIndex = (index: SecondaryIndex, tableArn: string) => ({
  ...index,
  IndexArn: `${tableArn}/index/${index.IndexName}`,
  IndexSizeBytes: 0,
  ItemCount: 0,
});

export { describeSpec, readTableSpec };
