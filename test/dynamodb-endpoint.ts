/** The DynamoDB that store tests speak to: the one at `DYNAMODB_ENDPOINT`, or else the laptop cloud's, in memory. */
import { randomUUID } from "node:crypto";
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DynamoDBClient,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { startInMemory } from "../local/dynamodb/in-memory";

interface Tables {
  client: DynamoDBClient;
  words: string;
  seen: string;
  leaderboard: string;
  receipts: string;
  files: string;
  /** Deletes the tables and lets go of the endpoint. */
  stop(): Promise<void>;
}

const KIND_INDEX = "kindIndex";
const PENDING_INDEX = "pendingIndex";
const COUNT_INDEX = "countIndex";

type Schema = Omit<CreateTableCommandInput, "TableName" | "BillingMode">;

const buildKey = (hash: string, range?: string): CreateTableCommandInput["KeySchema"] => [
  { AttributeName: hash, KeyType: "HASH" },
  ...(range === undefined ? [] : [{ AttributeName: range, KeyType: "RANGE" as const }]),
];

const buildAttributes = (types: Record<string, "S" | "N">): CreateTableCommandInput["AttributeDefinitions"] =>
  Object.entries(types).map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType }));

const SCHEMAS: Record<"words" | "seen" | "leaderboard" | "receipts" | "files", Schema> = {
  words: {
    KeySchema: buildKey("word"),
    AttributeDefinitions: buildAttributes({ word: "S", kind: "S", count: "N" }),
    GlobalSecondaryIndexes: [{ IndexName: KIND_INDEX, KeySchema: buildKey("kind", "count"), Projection: { ProjectionType: "ALL" } }],
  },
  seen: {
    KeySchema: buildKey("event_id"),
    AttributeDefinitions: buildAttributes({ event_id: "S", pending: "S", accepted_at: "N" }),
    GlobalSecondaryIndexes: [
      { IndexName: PENDING_INDEX, KeySchema: buildKey("pending", "accepted_at"), Projection: { ProjectionType: "KEYS_ONLY" } },
    ],
  },
  leaderboard: {
    KeySchema: buildKey("board", "token"),
    AttributeDefinitions: buildAttributes({ board: "S", token: "S", count: "N" }),
    GlobalSecondaryIndexes: [{ IndexName: COUNT_INDEX, KeySchema: buildKey("board", "count"), Projection: { ProjectionType: "ALL" } }],
  },
  receipts: { KeySchema: buildKey("id"), AttributeDefinitions: buildAttributes({ id: "S" }) },
  files: { KeySchema: buildKey("tag", "posted"), AttributeDefinitions: buildAttributes({ tag: "S", posted: "S" }) },
};

const openEndpoint = async (): Promise<{ endpoint: string; stop(): Promise<void> }> => {
  const given = process.env["DYNAMODB_ENDPOINT"];
  if (given !== undefined && given !== "") return { endpoint: given, stop: async () => {} };
  return startInMemory();
};

/** Creates the program's tables under names that nobody else uses. */
const createTables = async (): Promise<Tables> => {
  const { endpoint, stop } = await openEndpoint();
  const client = new DynamoDBClient({ endpoint, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } });
  const suffix = randomUUID();
  const names = {
    words: `words-${suffix}`,
    seen: `seen-${suffix}`,
    leaderboard: `leaderboard-${suffix}`,
    receipts: `receipts-${suffix}`,
    files: `files-${suffix}`,
  };
  for (const [table, schema] of Object.entries(SCHEMAS)) {
    const TableName = names[table as keyof typeof names];
    await client.send(new CreateTableCommand({ TableName, BillingMode: "PAY_PER_REQUEST", ...schema }));
    await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 0.05, maxDelay: 0.2 }, { TableName });
  }
  return {
    client,
    ...names,
    stop: async () => {
      for (const TableName of Object.values(names)) await client.send(new DeleteTableCommand({ TableName }));
      client.destroy();
      await stop();
    },
  };
};

export type { Tables };
export { COUNT_INDEX, createTables, KIND_INDEX, PENDING_INDEX };
