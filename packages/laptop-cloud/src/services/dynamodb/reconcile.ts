import { commandWith } from "../../kernel/command-name";
import type { Inventory, Resource } from "../../kernel/inventory";
import type { Engine } from "./engine";
import { addTable } from "./operations/create-table";
import { reshape } from "./operations/update-table";
import { describeKey, specOfDeclared, tableType } from "./resources";
import type { Table, TableSpec } from "./store";
import { changeExpiry } from "./table-changes";
import { describeSpec, readTableSpec } from "./table-spec";

/**
 * Creates and changes tables as the program declares them, and keeps their items.
 *
 * Indexes are deleted and built as needed. Tables that are no longer declared stay. Throws for a table whose key has
 * changed, because on AWS it would be replaced and lose its items.
 */
const reconcile = async (engine: Engine, inventory: Inventory) => {
  for (const resource of inventory.ofType(tableType)) {
    const spec = specOfDeclared(resource);
    const table = engine.tables.get(spec.TableName);
    if (table === undefined) await make(engine, resource, spec);
    else await adapt(engine, resource, spec, table);
  }
};

const make = async (engine: Engine, resource: Resource, spec: TableSpec) => {
  const description = describeSpec(readTableSpec(spec), engine.place, engine.clock.nowMs());
  await addTable(engine, { description, ...settingsOf(resource) });
};

const adapt = async (engine: Engine, resource: Resource, spec: TableSpec, table: Table) => {
  if (describeKey(spec) !== describeKey(table.description)) {
    throw new Error(
      `The table "${spec.TableName}" (declared as "${resource.name}") has the key ${describeKey(table.description)} on disk, but is declared with ${describeKey(spec)}. ` +
        `A key can't be changed: start over with \`${commandWith("--fresh")}\`, or give the table another name.`,
    );
  }
  const settings = settingsOf(resource);
  const { expiryAttribute } = table;
  await engine.locks.holdTable(spec.TableName, async () => {
    const changed = await reshape(engine, { ...table, ...settings, expiryAttribute }, spec);
    if (settings.expiryAttribute !== expiryAttribute) await changeExpiry(engine, { ...changed, expiryAttribute: settings.expiryAttribute });
  });
};

const settingsOf = ({ inputs }: Resource): Omit<Table, "description"> => ({
  expiryAttribute: inputs["ttl"]?.enabled ? inputs["ttl"].attributeName : undefined,
  continuousBackups: inputs["pointInTimeRecovery"]?.enabled ?? false,
  tags: inputs["tags"] ?? {},
});

export { reconcile };
