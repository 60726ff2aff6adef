import { arnOf, type EngineOperation } from "../engine";
import { refuseUnknown } from "../request";
import { readTableName } from "../table-name";

/** Behaves as DescribeTable; differs: ItemCount and TableSizeBytes stay 0 (AWS updates them every six hours). */
const describeTable: EngineOperation = async (engine, input: object, call) => {
  refuseUnknown(input, ["TableName"]);
  const name = readTableName(input);
  call.authorize("dynamodb:DescribeTable", arnOf(engine.place, name));
  return { Table: engine.tables.describe(name).description };
};

export { describeTable };
