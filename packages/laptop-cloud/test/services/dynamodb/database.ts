/** The DynamoDB that behaviour is tested on: the one at `DYNAMODB_ENDPOINT` (DynamoDB Local is the reference), or else the laptop cloud's. */
import { randomUUID } from "node:crypto";
import { CreateTableCommand, type CreateTableCommandInput, DeleteTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { openDynamoDb } from "@slack-fanout/laptop-cloud/testing/dynamodb";

interface TestDatabase {
  client: DynamoDBClient;
  /** Creates a table under a name that nobody else uses, and returns the name. */
  createTable(schema: Schema): Promise<string>;
  stop(): Promise<void>;
}

type Schema = Omit<CreateTableCommandInput, "TableName" | "BillingMode">;

const openDatabase = async (): Promise<TestDatabase> => {
  const { endpoint, stop } = await openDynamoDb();
  const client = new DynamoDBClient({ endpoint, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } });
  const names: string[] = [];
  return {
    client,
    createTable: async schema => {
      const TableName = `table-${randomUUID()}`;
      await client.send(new CreateTableCommand({ TableName, BillingMode: "PAY_PER_REQUEST", ...schema }));
      names.push(TableName);
      return TableName;
    },
    stop: async () => {
      for (const TableName of names) await client.send(new DeleteTableCommand({ TableName }));
      client.destroy();
      await stop();
    },
  };
};

/** A key of one string attribute. */
const hashOnly: Schema = {
  KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
  AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
};

/** A partition key `id` (S) and a sort key `at` of the given type. */
const hashAndRange = (type: "S" | "N" | "B"): Schema => ({
  KeySchema: [
    { AttributeName: "id", KeyType: "HASH" },
    { AttributeName: "at", KeyType: "RANGE" },
  ],
  AttributeDefinitions: [
    { AttributeName: "id", AttributeType: "S" },
    { AttributeName: "at", AttributeType: type },
  ],
});

interface Refusal {
  name: string;
  message: string;
  Item?: Record<string, unknown>;
  CancellationReasons?: { Code?: string; Message?: string; Item?: Record<string, unknown> }[];
}

/** The error with which a call to DynamoDB fails. */
const refusalOf = (call: Promise<unknown>) => rejectionOf<Refusal>(call);

export type { Refusal, Schema, TestDatabase };
export { hashAndRange, hashOnly, openDatabase, refusalOf };
