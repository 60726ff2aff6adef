import { AwsError } from "../../../kernel/aws-error";
import { arnOf, type EngineOperation } from "../engine";
import { refuseUnknown } from "../request";
import { dropTable } from "../table-changes";
import { readTableName } from "../table-name";

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

export { deleteTable };
