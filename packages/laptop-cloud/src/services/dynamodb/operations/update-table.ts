import { notImitated } from "../../../kernel/aws-error";
import { validationError } from "../action";
import { arnOf, type Engine, type EngineOperation } from "../engine";
import { refuseUnknown } from "../request";
import { indexesOf, type SecondaryIndex, type Table, type TableDescription, type TableSpec, typeOf } from "../store";
import { changeIndexes } from "../table-changes";
import { readTableName } from "../table-name";
import { describeSpec, readTableSpec } from "../table-spec";

interface UpdateTableRequest {
  AttributeDefinitions?: TableSpec["AttributeDefinitions"];
  BillingMode?: TableSpec["BillingMode"];
  ProvisionedThroughput?: TableSpec["ProvisionedThroughput"];
  DeletionProtectionEnabled?: boolean;
  GlobalSecondaryIndexUpdates?: IndexUpdate[];
  StreamSpecification?: { StreamEnabled?: boolean };
}

interface IndexUpdate {
  Create?: SecondaryIndex;
  Delete?: { IndexName: string };
  /** Throughput of an index, without effect here. */
  Update?: { IndexName: string };
}

/** Behaves as UpdateTable; differs: changes complete before it answers, several indexes may change at once, and throughput is only stored. */
const updateTable: EngineOperation = async (engine, input: UpdateTableRequest, call) => {
  refuseUnknown(input, [
    "TableName",
    "AttributeDefinitions",
    "BillingMode",
    "ProvisionedThroughput",
    "DeletionProtectionEnabled",
    "GlobalSecondaryIndexUpdates",
    "StreamSpecification",
    "SSESpecification",
    "TableClass",
    "OnDemandThroughput",
    "WarmThroughput",
  ]);
  if (input.StreamSpecification?.StreamEnabled) throw notImitated("DynamoDB Streams");
  const name = readTableName(input);
  call.authorize("dynamodb:UpdateTable", arnOf(engine.place, name));
  return engine.locks.holdTable(name, async () => {
    const table = engine.tables.describe(name);
    const spec = updateSpec(specOf(table.description), input);
    return { TableDescription: (await reshape(engine, table, spec)).description };
  });
};

/** Changes a table's indexes and settings, but not its key. The caller holds the table's lock. */
const reshape = async (engine: Engine, table: Table, spec: TableSpec): Promise<Table> => {
  const next = describeSpec(readTableSpec(spec), engine.place, engine.clock.nowMs());
  const description: TableDescription = {
    ...next,
    TableId: table.description.TableId,
    CreationDateTime: table.description.CreationDateTime,
  };
  const removed = indexesMissing(table.description, description);
  const added = indexesMissing(description, table.description);
  const changed = { ...table, description };
  await changeIndexes(engine, changed, removed, added);
  return changed;
};

const specOf = (description: TableDescription): TableSpec => {
  const onDemand = description.BillingModeSummary?.BillingMode === "PAY_PER_REQUEST";
  const plain = ({ IndexName, KeySchema, Projection, ProvisionedThroughput }: SecondaryIndex) => ({
    IndexName,
    KeySchema,
    Projection,
    ...(onDemand || !ProvisionedThroughput?.ReadCapacityUnits ? {} : { ProvisionedThroughput }),
  });
  const { TableName, AttributeDefinitions, KeySchema, LocalSecondaryIndexes, GlobalSecondaryIndexes, ProvisionedThroughput } = description;
  return {
    TableName,
    AttributeDefinitions,
    KeySchema,
    DeletionProtectionEnabled: description.DeletionProtectionEnabled,
    BillingMode: onDemand ? "PAY_PER_REQUEST" : "PROVISIONED",
    ...(onDemand ? {} : { ProvisionedThroughput }),
    ...(LocalSecondaryIndexes ? { LocalSecondaryIndexes: LocalSecondaryIndexes.map(plain) } : {}),
    ...(GlobalSecondaryIndexes ? { GlobalSecondaryIndexes: GlobalSecondaryIndexes.map(plain) } : {}),
  };
};

/** Throws ValidationException, ResourceNotFoundException. */
const updateSpec = (spec: TableSpec, update: UpdateTableRequest): TableSpec => {
  const updates = update.GlobalSecondaryIndexUpdates ?? [];
  const gone = new Set(updates.flatMap(({ Delete }) => (Delete === undefined ? [] : [Delete.IndexName])));
  const made = updates.flatMap(({ Create }) => (Create === undefined ? [] : [Create]));
  const indexes = spec.GlobalSecondaryIndexes ?? [];
  for (const name of gone) {
    if (!indexes.some(({ IndexName }) => IndexName === name)) throw validationError(`The table does not have the specified index: ${name}`);
  }
  const BillingMode = update.BillingMode ?? spec.BillingMode;
  const onDemand = BillingMode === "PAY_PER_REQUEST";
  const GlobalSecondaryIndexes = [...indexes.filter(({ IndexName }) => !gone.has(IndexName)), ...made].map(
    ({ ProvisionedThroughput, ...index }) => (onDemand || !ProvisionedThroughput ? index : { ...index, ProvisionedThroughput }),
  );
  const changed: TableSpec = {
    ...spec,
    BillingMode,
    ProvisionedThroughput: onDemand ? undefined : (update.ProvisionedThroughput ?? spec.ProvisionedThroughput),
    GlobalSecondaryIndexes: GlobalSecondaryIndexes.length > 0 ? GlobalSecondaryIndexes : undefined,
    DeletionProtectionEnabled: update.DeletionProtectionEnabled ?? spec.DeletionProtectionEnabled,
  };
  return { ...changed, AttributeDefinitions: usedDefinitions(changed, update.AttributeDefinitions ?? []) };
};

/** The definitions of the attributes that keys use. */
const usedDefinitions = (spec: TableSpec, added: TableSpec["AttributeDefinitions"]) => {
  const definitions = new Map([...spec.AttributeDefinitions, ...added].map(definition => [definition.AttributeName, definition]));
  const used = new Set(
    [spec.KeySchema, ...indexesOf(spec).map(({ KeySchema }) => KeySchema)].flat().map(({ AttributeName }) => AttributeName),
  );
  return [...definitions.values()].filter(({ AttributeName }) => used.has(AttributeName));
};

/** The indexes of `from` that are missing or different in `to`. */
const indexesMissing = (from: TableDescription, to: TableDescription): SecondaryIndex[] => {
  const shapes = new Set(indexesOf(to).map(index => shapeOf(to, index)));
  return indexesOf(from).filter(index => !shapes.has(shapeOf(from, index)));
};

/** Equal for indexes with the same content. */
const shapeOf = (table: TableDescription, { IndexName, KeySchema, Projection }: SecondaryIndex) =>
  JSON.stringify([
    IndexName,
    KeySchema.map(({ AttributeName, KeyType }) => [AttributeName, KeyType, typeOf(table, AttributeName)]),
    Projection.ProjectionType,
    [...(Projection.NonKeyAttributes ?? [])].sort(),
  ]);

export { reshape, updateTable };
