import { type Change, LevelFolder, type Range, type Snapshot } from "../../kernel/level-folder";

// Table and index names never contain "~", so it can end a name.
const tableKey = (table: string) => `table~${table}`;
const itemPrefix = (table: string) => `item~${table}~`;
const indexPrefix = (table: string, index: string) => `index~${table}~${index}~`;
const allIndexesPrefix = (table: string) => `index~${table}~`;
const expiryPrefix = (table: string) => `expiry~${table}~`;
const tokenKey = (token: string) => `token~${token}`;

/** All keys that begin with `prefix`. Keys are ASCII after the prefix. */
const under = (prefix: string): Range => ({ gte: prefix, lt: `${prefix}\x7f` });

export type { Change, Range, Snapshot };
/** All data of DynamoDB is in one folder, so that a transaction is one write, as are an item and its index entries. */
export { allIndexesPrefix, expiryPrefix, indexPrefix, itemPrefix, LevelFolder as Database, tableKey, tokenKey, under };
