import type { Item } from "./attribute-value";
import { allIndexesPrefix, type Change, type Database, expiryPrefix, indexPrefix, itemPrefix, tableKey, under } from "./database";
import type { Engine } from "./engine";
import { expiryOf, sortableSeconds } from "./expiry-time";
import { indexEntryOf } from "./item-keys";
import type { SecondaryIndex, Table, TableDescription } from "./store";

/** Changes per write: large enough to be fast, small enough for memory. */
const CHANGES_PER_WRITE = 1000;

type Entries = AsyncIterable<Change>;

/** Rebuilds indexes from the table's items, then stores `table`. The caller holds the table's lock. */
const changeIndexes = async (engine: Engine, table: Table, removed: SecondaryIndex[], added: SecondaryIndex[]) => {
  const { description } = table;
  // Clear the index first: an earlier attempt may have been interrupted.
  for (const index of [...removed, ...added]) await clear(engine.database, indexPrefix(description.TableName, index.IndexName));
  for (const index of added) await writeAll(engine.database, indexEntries(engine.database, description, index));
  await engine.tables.put(table);
};

/** Sets or removes the expiry attribute. The caller holds the table's lock. */
const changeExpiry = async (engine: Engine, table: Table) => {
  const { TableName } = table.description;
  await clear(engine.database, expiryPrefix(TableName));
  if (table.expiryAttribute !== undefined)
    await writeAll(engine.database, expiryEntries(engine.database, TableName, table.expiryAttribute));
  await engine.tables.put(table);
};

/** Deletes a table with its items. The caller holds the table's lock. */
const dropTable = async (engine: Engine, name: string) => {
  engine.tables.forget(name);
  // The record is deleted first. What a crash leaves behind is deleted before a table of that name is created.
  await engine.database.write([{ key: tableKey(name) }]);
  await clearTable(engine.database, name);
};

/** Deletes the items and index entries of a table that has no record. */
const clearTable = async (database: Database, name: string) => {
  for (const prefix of [itemPrefix(name), allIndexesPrefix(name), expiryPrefix(name)]) await clear(database, prefix);
};

async function* indexEntries(database: Database, table: TableDescription, index: SecondaryIndex): Entries {
  for await (const value of database.values(under(itemPrefix(table.TableName)))) {
    const entry = indexEntryOf(table, index, JSON.parse(value) as Item);
    if (entry !== undefined) yield { key: indexPrefix(table.TableName, index.IndexName) + entry.key, value: JSON.stringify(entry.value) };
  }
}

async function* expiryEntries(database: Database, name: string, attribute: string): Entries {
  for await (const [place, value] of database.entries(under(itemPrefix(name)))) {
    const seconds = expiryOf(JSON.parse(value) as Item, attribute);
    const key = place.slice(itemPrefix(name).length);
    if (seconds !== undefined) yield { key: `${expiryPrefix(name)}${sortableSeconds(seconds)}~${key}`, value: key };
  }
}

const clear = async (database: Database, prefix: string) => {
  const deletions = async function* (): Entries {
    for await (const key of database.keys(under(prefix))) yield { key };
  };
  await writeAll(database, deletions());
};

const writeAll = async (database: Database, entries: Entries) => {
  const changes: Change[] = [];
  for await (const change of entries) {
    changes.push(change);
    if (changes.length >= CHANGES_PER_WRITE) await database.write(changes.splice(0));
  }
  if (changes.length > 0) await database.write(changes);
};

export { changeExpiry, changeIndexes, clearTable, dropTable };
