import { validationError } from "../action";
import { arnOf, type Engine, type EngineOperation } from "../engine";
import { refuseUnknown } from "../request";
import { readTableName } from "../table-name";

/** Behaves as DescribeContinuousBackups; differs: nothing is backed up, so no restorable times are named. */
const describeContinuousBackups: EngineOperation = async (engine, input: object, call) => {
  refuseUnknown(input, ["TableName"]);
  const name = readTableName(input);
  call.authorize("dynamodb:DescribeContinuousBackups", arnOf(engine.place, name));
  return describe(engine, name);
};

/** Behaves as UpdateContinuousBackups; differs: only stores the setting. */
const updateContinuousBackups: EngineOperation = async (
  engine,
  input: { PointInTimeRecoverySpecification?: { PointInTimeRecoveryEnabled?: boolean } },
  call,
) => {
  refuseUnknown(input, ["TableName", "PointInTimeRecoverySpecification"]);
  const name = readTableName(input);
  const continuousBackups = input.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled;
  if (typeof continuousBackups !== "boolean") throw validationError("PointInTimeRecoverySpecification needs PointInTimeRecoveryEnabled");
  call.authorize("dynamodb:UpdateContinuousBackups", arnOf(engine.place, name));
  await engine.locks.holdTable(name, () => engine.tables.put({ ...engine.tables.describe(name), continuousBackups }));
  return describe(engine, name);
};

const describe = (engine: Engine, name: string) => ({
  ContinuousBackupsDescription: {
    ContinuousBackupsStatus: "ENABLED",
    PointInTimeRecoveryDescription: {
      PointInTimeRecoveryStatus: engine.tables.describe(name).continuousBackups ? "ENABLED" : "DISABLED",
    },
  },
});

export { describeContinuousBackups, updateContinuousBackups };
