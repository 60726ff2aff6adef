import db from "dynalite/db";
import { toAwsError, validationError } from "./action";
import type { AttributeValue, Item } from "./attribute-value";
import { indexesOf, type SecondaryIndex, type TableDescription, typeOf } from "./store";

/** Largest parts of a key, bytes (DynamoDB Developer Guide, "Service, account, and table quotas"). */
const MAX_HASH_BYTES = 2048;
const MAX_RANGE_BYTES = 1024;

/** An item's key in the database, from the item or its key. Throws ValidationException. */
const keyOf = (table: TableDescription, request: { Item?: Item; Key?: Item }): string => {
  const { Item: item, Key: key } = request;
  const invalid = item === undefined ? db.validateKey(key!, table) : db.validateItem(item, table);
  if (invalid) throw toAwsError(invalid);
  const attributes = item ?? key!;
  // dynalite counts characters, DynamoDB bytes.
  for (const { AttributeName, KeyType } of table.KeySchema) checkKeyPartSize(attributes[AttributeName]!, KeyType === "HASH");
  return db.createKey(attributes, table);
};

const checkKeyPartSize = (value: AttributeValue, isHash: boolean) => {
  const sizeBytes = value.S !== undefined ? Buffer.byteLength(value.S) : value.B !== undefined ? Buffer.byteLength(value.B, "base64") : 0;
  if (isHash && sizeBytes > MAX_HASH_BYTES)
    throw validationError("One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes");
  if (!isHash && sizeBytes > MAX_RANGE_BYTES)
    throw validationError(
      "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes",
    );
};

/** The index entry of an item. Undefined if the item lacks a key of the index or has one of a wrong type. */
const indexEntryOf = (table: TableDescription, index: SecondaryIndex, item: Item | undefined): { key: string; value: Item } | undefined => {
  const value = indexedItemOf(table, index, item);
  return value && { key: indexKeyOf(table, index, item!), value };
};

/** What an index contains of an item. */
const indexedItemOf = (table: TableDescription, index: SecondaryIndex, item: Item | undefined): Item | undefined =>
  item !== undefined && index.KeySchema.every(({ AttributeName }) => isIndexable(item, AttributeName, typeOf(table, AttributeName)))
    ? project(table, index, item)
    : undefined;

const isIndexable = (item: Item, attribute: string, type: "S" | "N" | "B") =>
  Object.hasOwn(item, attribute) && item[attribute]![type] !== undefined && item[attribute]![type] !== "";

/** Throws ValidationException if a key of an index has the wrong type, is empty or too large. */
const checkIndexKeys = (table: TableDescription, item: Item) => {
  for (const index of indexesOf(table)) {
    for (const { AttributeName, KeyType } of index.KeySchema) {
      if (!Object.hasOwn(item, AttributeName)) continue;
      checkIndexKeyPart(table, index, AttributeName, item[AttributeName]!);
      checkKeyPartSize(item[AttributeName]!, KeyType === "HASH");
    }
  }
};

const checkIndexKeyPart = (table: TableDescription, { IndexName }: SecondaryIndex, attribute: string, value: AttributeValue) => {
  const wanted = typeOf(table, attribute);
  const actual = Object.keys(value)[0];
  if (actual !== wanted)
    throw validationError(
      `One or more parameter values were invalid: Type mismatch for Index Key ${attribute} Expected: ${wanted} Actual: ${actual} IndexName: ${IndexName}`,
    );
  if (value.S === "" || value.B === "")
    throw validationError(
      `One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty ${value.S === "" ? "string" : "binary"} value. IndexName: ${IndexName}, IndexKey: ${attribute}`,
    );
};

/**
 * An item's key in an index, in dynalite's order.
 *
 * In dynalite it ends with only 24 bits of a hash of the item's key, so a few of 10,000 items with equal index keys would overwrite
 * one another. Ours ends with the whole key.
 */
const indexKeyOf = (table: TableDescription, index: Pick<SecondaryIndex, "KeySchema">, item: Item) =>
  `${db.createIndexKey(item, table, index.KeySchema)}/${db.createKey(item, table)}`;

const project = (table: TableDescription, { KeySchema, Projection }: SecondaryIndex, item: Item): Item => {
  if (Projection.ProjectionType === "ALL") return item;
  const names = new Set([
    ...[...table.KeySchema, ...KeySchema].map(({ AttributeName }) => AttributeName),
    ...(Projection.NonKeyAttributes ?? []),
  ]);
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name)));
};

export { checkIndexKeys, indexEntryOf, indexedItemOf, indexKeyOf, keyOf };
