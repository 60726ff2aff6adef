import { pageReader } from "../../kernel/caller";
import { acts, automaticName, inert } from "../../kernel/declared";
import type { Declared, ResourceKind } from "../../kernel/service";
import { arnOf } from "./engine";
import { type KeySchemaElement, type SecondaryIndex, type TableSpec, typeOf } from "./store";
import { readTableSpec } from "./table-spec";

const tableType = "aws:dynamodb/table:Table";

/** The inputs of aws.dynamodb.Table that have an effect here. */
interface TableInputs {
  name?: string;
  attributes?: { name: string; type: "S" | "N" | "B" }[];
  hashKey?: string;
  rangeKey?: string;
  billingMode?: "PROVISIONED" | "PAY_PER_REQUEST";
  readCapacity?: number;
  writeCapacity?: number;
  globalSecondaryIndexes?: IndexInputs[];
  localSecondaryIndexes?: IndexInputs[];
  deletionProtectionEnabled?: boolean;
  ttl?: { attributeName?: string; enabled?: boolean };
}

interface IndexInputs {
  name: string;
  hashKey?: string;
  rangeKey?: string;
  keySchemas?: { attributeName: string; keyType: "HASH" | "RANGE" }[];
  projectionType: "ALL" | "KEYS_ONLY" | "INCLUDE";
  nonKeyAttributes?: string[];
  readCapacity?: number;
  writeCapacity?: number;
}

const asMuchAsThereIs = "the laptop does not limit the throughput";

/** `aws:dynamodb/table:Table`. Not imitated: streams, replicas, imports, restores, and index keys of several attributes. */
const table: ResourceKind = {
  properties: {
    ...acts("attributes", "billingMode", "deletionProtectionEnabled", "globalSecondaryIndexes", "globalTableWitness", "hashKey"),
    ...acts("importTable", "localSecondaryIndexes", "name", "pointInTimeRecovery", "rangeKey", "replicas", "restoreBackupArn"),
    ...acts("restoreDateTime", "restoreSourceName", "restoreSourceTableArn", "restoreToLatestTime", "streamEnabled"),
    ...acts("streamViewType", "tags", "ttl"),
    ...inert(asMuchAsThereIs, "onDemandThroughput", "readCapacity", "warmThroughput", "writeCapacity"),
    ...inert("the laptop does not encrypt the table", "serverSideEncryption"),
    ...inert("storage costs nothing here", "tableClass"),
    ...inert("the page shows `tags`", "tagsAll"),
  },
  data: {
    // A table with another name is another table.
    isReplaced: (before, after) => tableNameOf(before) === tableNameOf(after) && describeKeyOf(before) !== describeKeyOf(after),
    count: async ({ outputs }, cloud) => {
      let count = 0;
      let ExclusiveStartKey: object | undefined;
      do {
        const page = await cloud.call("dynamodb", "Scan", { TableName: outputs["name"], Select: "COUNT", ExclusiveStartKey }, pageReader);
        count += page.Count;
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey !== undefined);
      return count;
    },
  },
  check: declared => refuseFeatures(declared) ?? refuseSpec(declared),
  outputs: (declared, place) => {
    const name = tableNameOf(declared);
    return { id: name, name, arn: arnOf(place, name), streamArn: "", streamLabel: "", tagsAll: declared.inputs["tags"] ?? {} };
  },
};

/** A sentence about the first unsupported feature that a program could notice. */
const refuseFeatures = ({ inputs }: Declared): string | undefined => {
  for (const property of ["streamEnabled", "restoreToLatestTime"]) {
    if (inputs[property]) return `${property} is ${quote(inputs[property])}, which is not imitated. Leave it out, or set it to false.`;
  }
  for (const property of [
    "streamViewType",
    "globalTableWitness",
    "importTable",
    "restoreBackupArn",
    "restoreDateTime",
    "restoreSourceName",
    "restoreSourceTableArn",
  ]) {
    if (inputs[property]) return `${property} is ${quote(inputs[property])}, which is not imitated. Leave it out.`;
  }
  if (inputs["replicas"]?.length > 0) return `replicas is ${quote(inputs["replicas"])}, which is not imitated: there is one machine.`;
  const { globalSecondaryIndexes = [], ttl } = inputs as TableInputs;
  if (ttl !== undefined && (ttl.enabled ?? false) !== (ttl.attributeName !== undefined && ttl.attributeName !== ""))
    return `ttl is ${quote(ttl)}, but must have enabled: true and an attributeName, or neither.`;
  const wide = globalSecondaryIndexes.find(index => (index.keySchemas ?? []).length > 2 || countOf(index, "HASH") > 1);
  return wide === undefined
    ? undefined
    : `globalSecondaryIndexes has ${quote(wide.keySchemas)}: keys of several attributes are not imitated, one HASH and one RANGE are.`;
};

const countOf = ({ keySchemas = [] }: IndexInputs, type: string) => keySchemas.filter(({ keyType }) => keyType === type).length;

/** Returns the message with which CreateTable would refuse the table. */
const refuseSpec = (declared: Declared): string | undefined => {
  try {
    readTableSpec(specOfDeclared(declared));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

const tableNameOf = ({ name, inputs }: Pick<Declared, "name" | "inputs">): string => (inputs as TableInputs).name ?? automaticName(name);

const describeKeyOf = (declared: Declared): string => describeKey(specOfDeclared(declared));

/** "word (S)", "team (S), id (N)" */
const describeKey = (table: Pick<TableSpec, "KeySchema" | "AttributeDefinitions">): string =>
  table.KeySchema.map(({ AttributeName }) => `${AttributeName} (${typeOf(table, AttributeName)})`).join(", ");

/** The input of CreateTable for a declared table. Missing capacities are 1; they have no effect here. */
const specOfDeclared = (declared: Pick<Declared, "name" | "inputs">): TableSpec => {
  const inputs = declared.inputs as TableInputs;
  const { attributes = [], billingMode = "PROVISIONED", globalSecondaryIndexes: global = [], localSecondaryIndexes: local = [] } = inputs;
  const throughput = ({ readCapacity, writeCapacity }: { readCapacity?: number; writeCapacity?: number }) =>
    billingMode === "PROVISIONED"
      ? { ProvisionedThroughput: { ReadCapacityUnits: readCapacity ?? 1, WriteCapacityUnits: writeCapacity ?? 1 } }
      : {};
  return {
    TableName: tableNameOf(declared),
    AttributeDefinitions: attributes.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
    KeySchema: keySchema(inputs.hashKey, inputs.rangeKey),
    BillingMode: billingMode,
    ...throughput(inputs),
    ...(global.length > 0
      ? { GlobalSecondaryIndexes: global.map(index => ({ ...indexSpec(index, index.hashKey), ...throughput(index) })) }
      : {}),
    ...(local.length > 0 ? { LocalSecondaryIndexes: local.map(index => indexSpec(index, inputs.hashKey)) } : {}),
    DeletionProtectionEnabled: inputs.deletionProtectionEnabled ?? false,
  };
};

const indexSpec = (
  { name, rangeKey, keySchemas, projectionType, nonKeyAttributes }: IndexInputs,
  hashKey: string | undefined,
): SecondaryIndex => ({
  IndexName: name,
  KeySchema:
    keySchemas !== undefined && keySchemas.length > 0
      ? keySchemas.map(({ attributeName, keyType }) => ({ AttributeName: attributeName, KeyType: keyType }))
      : keySchema(hashKey, rangeKey),
  Projection: { ProjectionType: projectionType, ...(nonKeyAttributes?.length ? { NonKeyAttributes: nonKeyAttributes } : {}) },
});

const keySchema = (hashKey: string | undefined, rangeKey: string | undefined): KeySchemaElement[] => [
  ...(hashKey === undefined ? [] : [{ AttributeName: hashKey, KeyType: "HASH" } as const]),
  ...(rangeKey === undefined ? [] : [{ AttributeName: rangeKey, KeyType: "RANGE" } as const]),
];

const quote = (value: unknown) => JSON.stringify(value);

/** The resource types of `aws.dynamodb` that the laptop cloud imitates. */
const resources: Record<string, ResourceKind> = { [tableType]: table };

export { describeKey, resources, specOfDeclared, tableType };
