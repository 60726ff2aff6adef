import { AwsError } from "../../../kernel/aws-error";
import { arnOf, type EngineOperation } from "../engine";
import { readRequest, refuseUnknown } from "../request";
import { dropTable } from "../table-changes";
import { readTableName } from "../table-name";

/** Behaves as DescribeTable; differs: ItemCount and TableSizeBytes stay 0 (AWS updates them every six hours). */
const describeTable: EngineOperation = async (engine, input: object, call) => {
  refuseUnknown(input, ["TableName"]);
  const name = readTableName(input);
  call.authorize("dynamodb:DescribeTable", arnOf(engine.place, name));
  return { Table: engine.tables.describe(name).description };
};

const listTables: EngineOperation = async (engine, input: object, call) => {
  const { ExclusiveStartTableName: start = "", Limit: limit = 100 } = readRequest<{ ExclusiveStartTableName?: string; Limit?: number }>(
    "listTables",
    input,
  );
  call.authorize("dynamodb:ListTables", "*");
  const names = engine.tables
    .all()
    .map(({ description }) => description.TableName)
    .filter(name => name > start);
  const TableNames = names.slice(0, limit);
  return { TableNames, ...(names.length > limit ? { LastEvaluatedTableName: TableNames.at(-1) } : {}) };
};

/** Behaves as DeleteTable; differs: deletes the table at once, and a declared table is created again at the next start. */
const deleteTable: EngineOperation = async (engine, input: object, call) => {
  refuseUnknown(input, ["TableName"]);
  const name = readTableName(input);
  call.authorize("dynamodb:DeleteTable", arnOf(engine.place, name));
  return engine.locks.holdTable(name, async () => {
    const { description } = engine.tables.describe(name);
    if (description.DeletionProtectionEnabled)
      throw new AwsError(
        "ValidationException",
        `Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.`,
      );
    await dropTable(engine, name);
    return { TableDescription: { ...description, TableStatus: "DELETING" } };
  });
};

export { deleteTable, describeTable, listTables };
