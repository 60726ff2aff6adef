import { administrator } from "../kernel/caller";
import type { Cloud } from "../kernel/service";

/** DynamoDB's JSON for one attribute: its type and the value. */
type Attribute = Record<string, unknown>;

interface ShownTable {
  /** Pulumi name. */
  name: string;
  table: string;
  keys: string[];
  items: Record<string, unknown>[];
  /** Whether there are more than are shown. */
  hasMore: boolean;
}

/** As many as a page shows without effort; a table may hold millions. */
const mostItems = 500;

/** Every table of the program with its first items, read as the administrator. */
const readTables = (cloud: Cloud): Promise<ShownTable[]> =>
  Promise.all(
    cloud.inventory.ofType("aws:dynamodb/table:Table").map(async ({ name, inputs, outputs }) => {
      const table = String(outputs["name"]);
      const { Items = [], LastEvaluatedKey } = await cloud.call("dynamodb", "Scan", { TableName: table, Limit: mostItems }, administrator);
      const items = (Items as Record<string, Attribute>[]).map(readItem);
      const keys = [inputs["hashKey"], inputs["rangeKey"]].filter(key => typeof key === "string");
      return { name, table, keys, items, hasMore: LastEvaluatedKey !== undefined };
    }),
  );

const readItem = (item: Record<string, Attribute>) =>
  Object.fromEntries(Object.entries(item).map(([key, attribute]) => [key, readAttribute(attribute)]));

/** Numbers that JavaScript would round stay text. */
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

export type { ShownTable };
export { readTables };
