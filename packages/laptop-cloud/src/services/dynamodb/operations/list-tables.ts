import type { EngineOperation } from "../engine";
import { readRequest } from "../request";

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

export { listTables };
