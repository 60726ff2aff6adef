import { validationError } from "../action";
import { arnOf, type EngineOperation } from "../engine";
import { refuseUnknown } from "../request";
import { changeExpiry } from "../table-changes";
import { readTableName } from "../table-name";

interface UpdateTimeToLiveRequest {
  TimeToLiveSpecification?: { AttributeName?: string; Enabled?: boolean };
}

/** Behaves as UpdateTimeToLive; differs: takes effect at once, with no limit on how often it is changed. */
const updateTimeToLive: EngineOperation = async (engine, input: UpdateTimeToLiveRequest, call) => {
  refuseUnknown(input, ["TableName", "TimeToLiveSpecification"]);
  const name = readTableName(input);
  const { AttributeName: attribute, Enabled: enabled } = input.TimeToLiveSpecification ?? {};
  if (typeof attribute !== "string" || attribute === "" || typeof enabled !== "boolean")
    throw validationError("TimeToLiveSpecification needs an AttributeName and Enabled");
  call.authorize("dynamodb:UpdateTimeToLive", arnOf(engine.place, name));
  await engine.locks.holdTable(name, async () => {
    const { expiryAttribute, ...table } = engine.tables.describe(name);
    if (enabled && expiryAttribute === attribute) throw validationError("TimeToLive is already enabled");
    if (enabled && expiryAttribute !== undefined)
      throw validationError(`TimeToLive is active on a different AttributeName: current AttributeName is ${expiryAttribute}`);
    if (!enabled && expiryAttribute === undefined) throw validationError("TimeToLive is already disabled");
    await changeExpiry(engine, enabled ? { ...table, expiryAttribute: attribute } : table);
  });
  return { TimeToLiveSpecification: { AttributeName: attribute, Enabled: enabled } };
};

const describeTimeToLive: EngineOperation = async (engine, input: object, call) => {
  refuseUnknown(input, ["TableName"]);
  const name = readTableName(input);
  call.authorize("dynamodb:DescribeTimeToLive", arnOf(engine.place, name));
  const { expiryAttribute } = engine.tables.describe(name);
  return {
    TimeToLiveDescription:
      expiryAttribute === undefined ? { TimeToLiveStatus: "DISABLED" } : { TimeToLiveStatus: "ENABLED", AttributeName: expiryAttribute },
  };
};

export { describeTimeToLive, updateTimeToLive };
