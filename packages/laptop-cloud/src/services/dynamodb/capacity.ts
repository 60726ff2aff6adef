/**
 * How many units a request consumes, and of which partition keys.
 *
 * Sources: Developer Guide, "DynamoDB read and write operations" and "Using Global Secondary Indexes" (Provisioned throughput considerations).
 */
import type { Item } from "./attribute-value";
import { isEqual } from "./condition";
import { indexedItemOf } from "./item-keys";
import { itemSizeBytes } from "./item-size";
import type { KeySchemaElement, SecondaryIndex, TableDescription } from "./store";

/** Units that a request consumes of one partition key of a table or of a global index. */
interface Charge {
  table: TableDescription;
  /** The global index; undefined for the table. */
  index?: string | undefined;
  /** The value of the partition key. */
  key: string;
  kind: "read" | "write";
  units: number;
}

interface ItemChange {
  /** The item's key, or the item. */
  key: Item;
  before: Item | undefined;
  /** The same as `before` if a condition fails or is all that there is. */
  after: Item | undefined;
}

const WRITE_UNIT_BYTES = 1024;
const READ_UNIT_BYTES = 4 * 1024;

/** A transaction prepares each item, and then writes or reads it (Developer Guide, "Amazon DynamoDB Transactions: How it works"). */
const TRANSACTION_FACTOR = 2;

/**
 * The charges of a changed item: the table's, and those of its global indexes. Local indexes share the table's partitions.
 *
 * AWS counts the larger of the item's two sizes, and one unit where there is no item.
 */
const chargesOfWrite = (table: TableDescription, { key, before, after }: ItemChange): Charge[] => {
  const { LocalSecondaryIndexes: local = [], GlobalSecondaryIndexes: global = [] } = table;
  const charge = (schema: KeySchemaElement[], item: Item, units: number): Charge => ({
    table,
    key: partitionKeyOf(schema, item),
    kind: "write",
    units,
  });
  const localUnits = local.flatMap(index => changesOfIndex(table, index, before, after)).reduce((sum, { units }) => sum + units, 0);
  return [
    charge(table.KeySchema, key, Math.max(1, writeUnits(before), writeUnits(after)) + localUnits),
    ...global.flatMap(index =>
      changesOfIndex(table, index, before, after).map(({ item, units }) => ({
        ...charge(index.KeySchema, item, units),
        index: index.IndexName,
      })),
    ),
  ];
};

/** The writes to an index: none if nothing changes in it, and two if the item moves, since it is deleted and put. */
const changesOfIndex = (table: TableDescription, index: SecondaryIndex, before: Item | undefined, after: Item | undefined) => {
  const [old, next] = before === after ? [] : [indexedItemOf(table, index, before), indexedItemOf(table, index, after)];
  if (old === undefined || next === undefined || !hasSameKey(index.KeySchema, old, next))
    return [old, next].filter(item => item !== undefined).map(item => ({ item, units: writeUnits(item) }));
  return isEqual({ M: old }, { M: next }) ? [] : [{ item: next, units: Math.max(writeUnits(old), writeUnits(next)) }];
};

/** In a transaction, an item costs twice. Its index entries don't: they follow after the transaction. */
const inTransaction = (charges: Charge[]): Charge[] =>
  charges.map(charge => (charge.index === undefined ? { ...charge, units: TRANSACTION_FACTOR * charge.units } : charge));

/** The charge of reading one item by its key. An item that does not exist costs as much as a small one. */
const chargeOfGet = (table: TableDescription, key: Item, item: Item | undefined, isConsistent: boolean): Charge => ({
  table,
  key: partitionKeyOf(table.KeySchema, key),
  kind: "read",
  units: readUnits(item === undefined ? 0 : itemSizeBytes(item), isConsistent),
});

interface RangeRead {
  index: SecondaryIndex | undefined;
  isConsistent: boolean;
  /** All items that were read, before any filter. */
  items: Item[];
  /** The partition key of a query. */
  key?: Item | undefined;
}

/** The charges of a query or scan: the items' total size, rounded up once, and spread over their partition keys. */
const chargesOfRange = (table: TableDescription, { index, isConsistent, items, key }: RangeRead): Charge[] => {
  const schema = index?.KeySchema ?? table.KeySchema;
  const isGlobal = table.GlobalSecondaryIndexes?.some(({ IndexName }) => IndexName === index?.IndexName);
  const sizes = new Map<string, number>(key === undefined ? [] : [[partitionKeyOf(schema, key), 0]]);
  for (const item of items) {
    const value = partitionKeyOf(schema, item);
    sizes.set(value, (sizes.get(value) ?? 0) + itemSizeBytes(item));
  }
  const totalBytes = [...sizes.values()].reduce((sum, sizeBytes) => sum + sizeBytes, 0);
  const units = readUnits(totalBytes, isConsistent);
  return [...sizes].map(([value, sizeBytes]) => ({
    table,
    index: isGlobal ? index?.IndexName : undefined,
    key: value,
    kind: "read",
    units: totalBytes === 0 ? units : (units * sizeBytes) / totalBytes,
  }));
};

const writeUnits = (item: Item | undefined): number =>
  item === undefined ? 0 : Math.max(1, Math.ceil(itemSizeBytes(item) / WRITE_UNIT_BYTES));

const readUnits = (sizeBytes: number, isConsistent: boolean): number =>
  Math.max(1, Math.ceil(sizeBytes / READ_UNIT_BYTES)) * (isConsistent ? 1 : 0.5);

const hasSameKey = (schema: KeySchemaElement[], a: Item, b: Item): boolean =>
  schema.every(({ AttributeName }) => isEqual(a[AttributeName], b[AttributeName]));

const partitionKeyOf = ([hash]: KeySchemaElement[], item: Item): string => {
  const { S, N, B } = item[hash!.AttributeName]!;
  return S ?? N ?? B ?? "";
};

export type { Charge, ItemChange };
export { chargeOfGet, chargesOfRange, chargesOfWrite, inTransaction };
