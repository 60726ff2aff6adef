import { pageReader } from "../kernel/caller";
import { HttpError, quote } from "../kernel/http";
import type { Cloud, Resource } from "../kernel/service";
import type { Items } from "../protocol";

/** DynamoDB's JSON for one attribute: its type and the value. */
type Attribute = Record<string, unknown>;

type Item = Record<string, unknown>;

/** Larger tables are read in part. */
const MAX_READ = 5000;
const DEFAULT_LIMIT = 200;

interface Reading {
  /** The table's Pulumi name. */
  name: string;
  /** Most items to return. */
  limit?: number;
  /** Only items with this partition key. */
  key?: string;
}

/** A table's items, those with the largest numbers first. Throws `HttpError` 404. */
const readItems = async (cloud: Cloud, { name, limit = DEFAULT_LIMIT, key }: Reading): Promise<Items> => {
  const resource = cloud.inventory.ofType("aws:dynamodb/table:Table").find(each => each.name === name);
  if (resource === undefined) throw new HttpError(404, "table_not_found", `There is no table ${quote(name)}.`);
  const table = String(resource.outputs["name"]);
  const keys = [resource.inputs["hashKey"], resource.inputs["rangeKey"]].filter(key => typeof key === "string");
  const { items, hasMore } = await readPages(
    cloud,
    key === undefined ? { operation: "Scan", TableName: table } : queryFor(resource, table, key),
  );
  const sortedBy = findNumber(items, keys);
  return { name, table, keys, sortedBy, items: sortItems(items, keys, sortedBy).slice(0, limit), count: items.length, hasMore };
};

interface Read {
  operation: "Scan" | "Query";
  TableName: string;
  [parameter: string]: unknown;
}

const queryFor = ({ inputs }: Resource, TableName: string, key: string): Read => {
  const name = String(inputs["hashKey"]);
  const { type = "S" } = ((inputs["attributes"] ?? []) as { name: string; type: string }[]).find(each => each.name === name) ?? {};
  if (type === "N" && !(key.trim() !== "" && Number.isFinite(Number(key))))
    throw new HttpError(400, "invalid_arguments", `key is ${quote(key)}, but ${name} must be a number.`);
  return {
    operation: "Query",
    TableName,
    KeyConditionExpression: "#key = :key",
    ExpressionAttributeNames: { "#key": name },
    ExpressionAttributeValues: { ":key": { [type]: key } },
  };
};

const readPages = async (cloud: Cloud, { operation, ...read }: Read): Promise<{ items: Item[]; hasMore: boolean }> => {
  const items: Item[] = [];
  let ExclusiveStartKey: unknown;
  do {
    const input = { ...read, Limit: MAX_READ - items.length, ...(ExclusiveStartKey === undefined ? {} : { ExclusiveStartKey }) };
    const page = await cloud.call("dynamodb", operation, input, pageReader);
    items.push(...((page.Items ?? []) as Record<string, Attribute>[]).map(readItem));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined && items.length < MAX_READ);
  return { items, hasMore: ExclusiveStartKey !== undefined };
};

/** The first attribute that is not a key and is a number in some item. */
const findNumber = (items: Item[], keys: string[]): string | null => {
  for (const item of items) {
    const found = Object.keys(item).find(name => !keys.includes(name) && typeof item[name] === "number");
    if (found !== undefined) return found;
  }
  return null;
};

const sortItems = (items: Item[], keys: string[], sortedBy: string | null): Item[] => {
  const numberOf = (item: Item) => {
    const value = sortedBy === null ? undefined : item[sortedBy];
    return typeof value === "number" ? value : Number.NEGATIVE_INFINITY;
  };
  const keyOf = (item: Item) => keys.map(key => String(item[key])).join(" ");
  const compareKeys = (a: Item, b: Item) => (keyOf(a) < keyOf(b) ? -1 : 1);
  return items.sort((a, b) => (numberOf(a) === numberOf(b) ? compareKeys(a, b) : numberOf(b) - numberOf(a)));
};

const readItem = (item: Record<string, Attribute>): Item =>
  Object.fromEntries(Object.entries(item).map(([key, attribute]) => [key, readAttribute(attribute)]));

/** Numbers that JavaScript would round stay strings. */
const readAttribute = (attribute: Attribute): unknown => {
  const [[type, value] = ["", undefined]] = Object.entries(attribute);
  switch (type) {
    case "N":
      return String(Number(value)) === value ? Number(value) : value;
    case "L":
      return (value as Attribute[]).map(readAttribute);
    case "M":
      return readItem(value as Record<string, Attribute>);
    case "NULL":
      return null;
    default:
      return value;
  }
};

export { readItems };
