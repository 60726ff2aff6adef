import { AwsError, notImitated } from "../../../kernel/aws-error";
import { readTags, type Tag } from "../../../kernel/tags";
import { arnOf, type Engine, type EngineOperation } from "../engine";
import type { Table } from "../store";
import { clearTable } from "../table-changes";
import { describeSpec, readTableSpec } from "../table-spec";

interface CreateTableRequest {
  DeletionProtectionEnabled?: boolean;
  StreamSpecification?: { StreamEnabled?: boolean };
  Tags?: Tag[];
}

/** Behaves as CreateTable; differs: the table is active at once. */
const createTable: EngineOperation = async (engine, input: CreateTableRequest, call) => {
  if (input.StreamSpecification?.StreamEnabled) throw notImitated("DynamoDB Streams");
  const spec = readTableSpec(input);
  call.authorize("dynamodb:CreateTable", arnOf(engine.place, spec.TableName));
  const tags = readTags(input.Tags);
  const description = describeSpec(spec, engine.place, engine.clock.nowMs());
  await addTable(engine, { description, tags, continuousBackups: false });
  return { TableDescription: description };
};

/** Throws ResourceInUseException if the table exists. */
const addTable = (engine: Engine, table: Table) => {
  const name = table.description.TableName;
  return engine.locks.holdTable(name, async () => {
    if (engine.tables.get(name) !== undefined) throw new AwsError("ResourceInUseException", `Table already exists: ${name}`);
    await clearTable(engine.database, name);
    await engine.tables.put(table);
  });
};

export { addTable, createTable };
