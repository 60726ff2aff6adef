/** The DynamoDB for store tests: the one at `DYNAMODB_ENDPOINT`, or else the laptop cloud's, in memory. */
import { randomUUID } from "node:crypto";
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DynamoDBClient,
  ScanCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { openDynamoDb } from "@slack-fanout/laptop-cloud/testing/dynamodb";
import { FILES } from "#core/documents/tables";
import { BOARDS, SEEN, WORDS } from "#core/message/tables";
import { RECEIPTS } from "#core/notice/tables";
import { keyAttributes, keyNames, type TableSchema } from "#core/table-schema";
import { trim } from "#stores/aws-clients";
import { atEnd } from "./at-end";

interface Tables {
  client: DynamoDBClient;
  words: string;
  seen: string;
  boards: string;
  receipts: string;
  files: string;
  /** Empties the tables. */
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

/** The most items that one BatchWriteItem deletes. For a table with more, creating a new one is quicker. */
const MAX_DELETES = 25;

let opened: Promise<DynamoDBClient> | undefined;
/** Tables that are empty and that no test uses, by their schemas. Creating tables takes most of a short test's time. */
const idle = new Map<string, Record<string, string>[]>();

/** A client of the endpoint of this process, which is open until a file's tests, or those of all files, have run. */
const openClient = (): Promise<DynamoDBClient> => {
  opened ??= openDynamoDb().then(({ client: configuration, stop }) => {
    const client = trim(new DynamoDBClient(configuration));
    atEnd(async () => {
      opened = undefined;
      for (const TableName of [...idle.values()].flat().flatMap(names => Object.values(names)))
        await client.send(new DeleteTableCommand({ TableName }));
      idle.clear();
      client.destroy();
      await stop();
    });
    return client;
  });
  return opened;
};

const createTable = async (client: DynamoDBClient, table: string, schema: TableSchema): Promise<string> => {
  const TableName = `${table}-${randomUUID()}`;
  await client.send(new CreateTableCommand({ TableName, ...buildTable(schema) }));
  await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 0.05, maxDelay: 0.2 }, { TableName });
  return TableName;
};

/** Whether the table is empty now. */
const emptyTable = async (client: DynamoDBClient, TableName: string, schema: TableSchema): Promise<boolean> => {
  const { Items = [], LastEvaluatedKey } = await client.send(new ScanCommand({ TableName, Limit: MAX_DELETES, ConsistentRead: true }));
  if (LastEvaluatedKey !== undefined) return false;
  const keys = Items.map(item => Object.fromEntries(keyNames(schema).map(name => [name, item[name]!])));
  const requests = keys.map(Key => ({ DeleteRequest: { Key } }));
  if (requests.length === 0) return true;
  const { UnprocessedItems = {} } = await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
  return Object.keys(UnprocessedItems).length === 0;
};

/** Empty tables under names that nobody else uses. */
const createTablesOf = async <Name extends string>(schemas: Record<Name, TableSchema>): Promise<Created<Name>> => {
  const client = await openClient();
  const entries = Object.entries<TableSchema>(schemas);
  const kind = JSON.stringify(schemas);
  const names = idle.get(kind)?.pop() ?? {};
  for (const [table, schema] of entries) names[table] ??= await createTable(client, table, schema);
  return {
    client,
    names: names as Record<Name, string>,
    stop: async () => {
      const kept: Record<string, string> = {};
      for (const [table, schema] of entries) {
        const TableName = names[table]!;
        if (await emptyTable(client, TableName, schema)) kept[table] = TableName;
        else await client.send(new DeleteTableCommand({ TableName }));
      }
      idle.set(kind, [...(idle.get(kind) ?? []), kept]);
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
