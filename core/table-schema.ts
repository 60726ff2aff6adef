/** What the keys and indexes of a DynamoDB table are. The program creates tables from schemas, and the stores query their indexes. */

/** A key attribute with its type, S for a string and N for a number: "word:S". */
type Attribute = `${string}:${"S" | "N"}`;

interface Key {
  partitionKey: Attribute;
  sortKey?: Attribute;
}

/** A global secondary index. It leaves out items without its partition key. A changed index needs a new name. */
interface TableIndex extends Key {
  name: string;
  projection: "ALL" | "KEYS_ONLY";
}

interface TableSchema extends Key {
  indexes?: readonly TableIndex[];
  /** The attribute with the time when an item expires, in epoch seconds. */
  expiresAt?: string;
}

/** Splits "word:S" into its name and type. */
const splitAttribute = (attribute: Attribute) => attribute.split(":") as [name: string, type: "S" | "N"];

/** The names of a key's attributes: the partition key, and the sort key if there is one. */
const keyNames = ({ partitionKey, sortKey }: Key): string[] =>
  [partitionKey, sortKey].filter(key => key !== undefined).map(key => splitAttribute(key)[0]);

/** The attributes of all keys with their types, each once. */
const keyAttributes = ({ indexes = [], ...table }: TableSchema): Map<string, "S" | "N"> =>
  new Map(
    [table, ...indexes]
      .flatMap(({ partitionKey, sortKey }) => [partitionKey, sortKey])
      .filter(key => key !== undefined)
      .map(splitAttribute),
  );

export type { Attribute, TableIndex, TableSchema };
export { keyAttributes, keyNames };
