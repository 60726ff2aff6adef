import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { TableName } from "#core/named";
import { keyAttributes, keyNames, type TableSchema } from "#core/table-schema";
import type { Verbs } from "../wiring/grants";
import { type Edge, edgeTo } from "../wiring/wire";

interface TableArgs extends TableSchema {
  /** If true, the table can't be deleted, and can be restored to any second of the last 35 days. */
  production: boolean;
}

/** A DynamoDB table that is billed per request. */
class Table extends aws.dynamodb.Table {
  readonly outputs: Record<string, pulumi.Output<string>>;

  constructor(name: string, args: TableArgs, opts?: pulumi.CustomResourceOptions) {
    const { indexes = [], expiresAt, production } = args;
    super(
      name,
      {
        billingMode: "PAY_PER_REQUEST",
        attributes: [...keyAttributes(args)].map(([name, type]) => ({ name, type })),
        ...buildKeys(args),
        globalSecondaryIndexes: indexes.map(index => ({ name: index.name, ...buildKeys(index), projectionType: index.projection })),
        ...(expiresAt === undefined ? {} : { ttl: { attributeName: expiresAt, enabled: true } }),
        pointInTimeRecovery: { enabled: production },
        deletionProtectionEnabled: production,
      },
      { ...opts, protect: production },
    );
    this.outputs = { [`${name}Table`]: this.name };
  }

  /** The table's name for a function, and what the function may do with the table. */
  may(...verbs: Verbs<aws.dynamodb.Table>): Edge<TableName> {
    return edgeTo(this, this.name, verbs);
  }
}

const buildKeys = (key: Pick<TableSchema, "partitionKey" | "sortKey">) => {
  const [hashKey, rangeKey] = keyNames(key);
  return { hashKey: hashKey!, ...(rangeKey === undefined ? {} : { rangeKey }) };
};

export { Table };
