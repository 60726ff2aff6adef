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

const RANKING_INDEX = "rankingIndex";
const PERSON_INDEX = "personIndex";
const PENDING_INDEX = "pendingIndex";
const SPEAKER_INDEX = "speakerIndex";

interface Created<Name extends string> {
  client: DynamoDBClient;
  /** The names of the tables. */
  names: Record<Name, string>;
  stop(): Promise<void>;
}

type Schema = Omit<CreateTableCommandInput, "TableName" | "BillingMode">;

const buildKey = (hash: string, range?: string): CreateTableCommandInput["KeySchema"] => [
  { AttributeName: hash, KeyType: "HASH" },
  ...(range === undefined ? [] : [{ AttributeName: range, KeyType: "RANGE" as const }]),
];

const buildAttributes = (types: Record<string, "S" | "N">): CreateTableCommandInput["AttributeDefinitions"] =>
  Object.entries(types).map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType }));

const SCHEMAS: Record<"words" | "seen" | "boards" | "receipts" | "files", Schema> = {
  words: {
    KeySchema: buildKey("word"),
    AttributeDefinitions: buildAttributes({ word: "S", ranking: "S", level: "N" }),
    GlobalSecondaryIndexes: [
      { IndexName: RANKING_INDEX, KeySchema: buildKey("ranking", "level"), Projection: { ProjectionType: "KEYS_ONLY" } },
    ],
  },
  seen: {
    KeySchema: buildKey("event_id"),
    AttributeDefinitions: buildAttributes({ event_id: "S", pending: "S", accepted_at: "N", speaker_day: "S" }),
    GlobalSecondaryIndexes: [
      { IndexName: PENDING_INDEX, KeySchema: buildKey("pending", "accepted_at"), Projection: { ProjectionType: "KEYS_ONLY" } },
      { IndexName: SPEAKER_INDEX, KeySchema: buildKey("speaker_day", "event_id"), Projection: { ProjectionType: "ALL" } },
    ],
  },
  boards: {
    KeySchema: buildKey("board", "token"),
    AttributeDefinitions: buildAttributes({ board: "S", token: "S", ranking: "S", level: "N", person: "S" }),
    GlobalSecondaryIndexes: [
      { IndexName: RANKING_INDEX, KeySchema: buildKey("ranking", "level"), Projection: { ProjectionType: "KEYS_ONLY" } },
      { IndexName: PERSON_INDEX, KeySchema: buildKey("person", "board"), Projection: { ProjectionType: "KEYS_ONLY" } },
    ],
  },
  receipts: { KeySchema: buildKey("id"), AttributeDefinitions: buildAttributes({ id: "S" }) },
  files: { KeySchema: buildKey("tag", "posted"), AttributeDefinitions: buildAttributes({ tag: "S", posted: "S" }) },
};

/** Creates tables under names that nobody else uses. */
const createTablesOf = async <Name extends string>(schemas: Record<Name, Schema>): Promise<Created<Name>> => {
  const { endpoint, stop } = await openDynamoDb();
  const client = new DynamoDBClient({ endpoint, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } });
  const suffix = randomUUID();
  const entries = Object.entries<Schema>(schemas).map(([table, schema]) => ({ table, schema, TableName: `${table}-${suffix}` }));
  for (const { schema, TableName } of entries) {
    await client.send(new CreateTableCommand({ TableName, BillingMode: "PAY_PER_REQUEST", ...schema }));
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
  const { client, names, stop } = await createTablesOf(SCHEMAS);
  return { client, ...names, stop };
};

export type { Schema, Tables };
export { buildAttributes, buildKey, createTables, createTablesOf, PENDING_INDEX, PERSON_INDEX, RANKING_INDEX, SPEAKER_INDEX };
