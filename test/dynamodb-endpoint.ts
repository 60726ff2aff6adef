/** The DynamoDB for store tests: the one at `DYNAMODB_ENDPOINT`, or else the laptop cloud's, in memory. */
import { randomUUID } from "node:crypto";
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DynamoDBClient,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { openDynamoDb } from "@slack-fanout/laptop-cloud/testing/dynamodb";
import { FILES } from "#core/documents/tables";
import { BOARDS, SEEN, WORDS } from "#core/message/tables";
import { RECEIPTS } from "#core/notice/tables";
import { keyAttributes, keyNames, type TableSchema } from "#core/table-schema";

interface Tables {
  client: DynamoDBClient;
  words: string;
  seen: string;
  boards: string;
  receipts: string;
  files: string;
  /** Deletes the tables and closes the endpoint. */
  stop(): Promise<void>;
}

interface Created<Name extends string> {
  client: DynamoDBClient;
  /** The names of the tables. */
  names: Record<Name, string>;
  stop(): Promise<void>;
}

const buildKeySchema = (key: Pick<TableSchema, "partitionKey" | "sortKey">): CreateTableCommandInput["KeySchema"] =>
  keyNames(key).map((AttributeName, index) => ({ AttributeName, KeyType: index === 0 ? "HASH" : "RANGE" }));

const buildTable = (schema: TableSchema): Omit<CreateTableCommandInput, "TableName"> => ({
  BillingMode: "PAY_PER_REQUEST",
  KeySchema: buildKeySchema(schema),
  AttributeDefinitions: [...keyAttributes(schema)].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
  GlobalSecondaryIndexes: schema.indexes?.map(index => ({
    IndexName: index.name,
    KeySchema: buildKeySchema(index),
    Projection: { ProjectionType: index.projection },
  })),
});

/** Creates tables under names that nobody else uses. */
const createTablesOf = async <Name extends string>(schemas: Record<Name, TableSchema>): Promise<Created<Name>> => {
  const { endpoint, stop } = await openDynamoDb();
  const client = new DynamoDBClient({ endpoint, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } });
  const suffix = randomUUID();
  const entries = Object.entries<TableSchema>(schemas).map(([table, schema]) => ({ table, schema, TableName: `${table}-${suffix}` }));
  for (const { schema, TableName } of entries) {
    await client.send(new CreateTableCommand({ TableName, ...buildTable(schema) }));
    await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 0.05, maxDelay: 0.2 }, { TableName });
  }
  return {
    client,
    names: Object.fromEntries(entries.map(({ table, TableName }) => [table, TableName])) as Record<Name, string>,
    stop: async () => {
      for (const { TableName } of entries) await client.send(new DeleteTableCommand({ TableName }));
      client.destroy();
      await stop();
    },
  };
};

/** Creates the tables of messages, notices and files. */
const createTables = async (): Promise<Tables> => {
  const { client, names, stop } = await createTablesOf({ words: WORDS, seen: SEEN, boards: BOARDS, receipts: RECEIPTS, files: FILES });
  return { client, ...names, stop };
};

export type { Tables };
export { createTables, createTablesOf };
