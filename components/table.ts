import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { TableName } from "#core/named";
import type { Verbs } from "./grants";
import { type Edge, edgeTo } from "./wire";

/** A key attribute with its type, S for a string and N for a number: "word:S". */
type Attribute = `${string}:${"S" | "N"}`;

interface TableArgs {
  partitionKey: Attribute;
  sortKey?: Attribute;
  /** Global secondary indexes by name. An index leaves out items without its partition key. */
  indexes?: Record<string, { partitionKey: Attribute; sortKey: Attribute; projection: "ALL" | "KEYS_ONLY" }>;
  /** The attribute with the time when an item expires, in epoch seconds. */
  expiresAt?: string;
  /** If true, the table can't be deleted, and can be restored to any second of the last 35 days. */
  production: boolean;
}

/** A DynamoDB table that is billed per request. */
class Table extends aws.dynamodb.Table {
  constructor(name: string, args: TableArgs, opts?: pulumi.CustomResourceOptions) {
    const { partitionKey, sortKey, indexes = {}, expiresAt, production } = args;
    const keys = [partitionKey, sortKey, ...Object.values(indexes).flatMap(index => [index.partitionKey, index.sortKey])];
    const attributes = new Map(keys.filter(key => key !== undefined).map(key => key.split(":") as [string, string]));
    super(
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
  }

  /** The table's name for a function, and what the function may do with the table. */
  may(...verbs: Verbs<aws.dynamodb.Table>): Edge<TableName> {
    return edgeTo(this, this.name, verbs);
  }
}

const nameOf = (attribute: Attribute) => attribute.split(":")[0]!;

export type { TableArgs };
export { Table };
