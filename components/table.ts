import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/** A table as our code sees it: keys and indexes with their attribute types (S string, N number). Named "attribute:type". */
type Attribute = `${string}:${"S" | "N"}`;

interface TableArgs {
  partitionKey: Attribute;
  sortKey?: Attribute;
  /** Global secondary indexes by name. */
  indexes?: Record<string, { partitionKey: Attribute; sortKey: Attribute; projection: "ALL" | "KEYS_ONLY" }>;
  /** The attribute, in epoch seconds, after which an item may vanish. */
  expiresAt?: string;
  /** Keeps a production table from being deleted, and restorable to any second of the last 35 days. */
  production: boolean;
}

/** A DynamoDB table that is paid by request. */
const createTable = (name: string, args: TableArgs, opts?: pulumi.CustomResourceOptions): aws.dynamodb.Table => {
  const { partitionKey, sortKey, indexes = {}, expiresAt, production } = args;
  const keys = [partitionKey, sortKey, ...Object.values(indexes).flatMap(index => [index.partitionKey, index.sortKey])];
  const attributes = new Map(keys.filter(key => key !== undefined).map(key => key.split(":") as [string, string]));
  return new aws.dynamodb.Table(
    name,
    {
      billingMode: "PAY_PER_REQUEST",
      attributes: [...attributes].map(([attribute, type]) => ({ name: attribute, type })),
      hashKey: nameOf(partitionKey),
      ...(sortKey === undefined ? {} : { rangeKey: nameOf(sortKey) }),
      globalSecondaryIndexes: Object.entries(indexes).map(([index, { partitionKey, sortKey, projection }]) => ({
        name: index,
        hashKey: nameOf(partitionKey),
        rangeKey: nameOf(sortKey),
        projectionType: projection,
      })),
      ...(expiresAt === undefined ? {} : { ttl: { attributeName: expiresAt, enabled: true } }),
      pointInTimeRecovery: { enabled: production },
      deletionProtectionEnabled: production,
    },
    { ...opts, protect: production },
  );
};

const nameOf = (attribute: Attribute) => attribute.split(":")[0]!;

export type { TableArgs };
export { createTable };
