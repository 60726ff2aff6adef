/**
 * Measures small transactions per second: in-process, over HTTP with the stock client, and with DYNAMODB_ENDPOINT if it is set.
 *
 * `node -C slack-fanout-source -r ./bin/load-typescript.cjs bench/dynamodb.ts`. Each line is measured for 3 s, with 32 calls at once, each a put and an update of
 * random items of 1,000; the last column compares with the first line.
 */
import { randomInt, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DynamoDBClient,
  TransactWriteItemsCommand,
  type TransactWriteItemsCommandInput,
} from "@aws-sdk/client-dynamodb";
import { startCloud } from "@slack-fanout/laptop-cloud/cloud";
import { administrator } from "@slack-fanout/laptop-cloud/kernel/caller";
import { Inventory } from "@slack-fanout/laptop-cloud/kernel/inventory";
import { dynamodb } from "@slack-fanout/laptop-cloud/services/dynamodb";

const measuredMs = 3000;
const callsAtOnce = 32;
const items = 1000;

const TableName = `bench-${randomUUID()}`;
const table: CreateTableCommandInput = {
  TableName,
  BillingMode: "PAY_PER_REQUEST",
  KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
  AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
};

const transaction = (): TransactWriteItemsCommandInput => ({
  ClientRequestToken: randomUUID(),
  TransactItems: [
    { Put: { TableName, Item: { id: { S: randomUUID() } }, ConditionExpression: "attribute_not_exists(id)" } },
    {
      Update: {
        TableName,
        Key: { id: { S: String(randomInt(items)) } },
        UpdateExpression: "ADD n :one",
        ExpressionAttributeValues: { ":one": { N: "1" } },
      },
    },
  ],
});

/** Returns calls per second. */
const measure = async (call: () => Promise<unknown>): Promise<number> => {
  const startedMs = performance.now();
  let calls = 0;
  const worker = async () => {
    while (performance.now() - startedMs < measuredMs) {
      await call();
      calls += 1;
    }
  };
  await Promise.all(Array.from({ length: callsAtOnce }, worker));
  return (calls * 1000) / (performance.now() - startedMs);
};

const measureEndpoint = async (endpoint: string) => {
  const client = new DynamoDBClient({ endpoint, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } });
  await client.send(new CreateTableCommand(table));
  const rate = await measure(() => client.send(new TransactWriteItemsCommand(transaction())));
  await client.send(new DeleteTableCommand({ TableName }));
  client.destroy();
  return rate;
};

const run = async () => {
  const directory = await mkdtemp(join(tmpdir(), "slack-fanout-bench-"));
  const cloud = await startCloud({
    directory,
    port: 0,
    awsPort: 0,
    region: "us-east-1",
    definitions: [{ ...dynamodb, always: true }],
    declare: async () => new Inventory([]),
  });
  const rates: [string, number][] = [];
  await cloud.call("dynamodb", "CreateTable", table, administrator);
  rates.push(["in-process", await measure(() => cloud.call("dynamodb", "TransactWriteItems", transaction(), administrator))]);
  await cloud.call("dynamodb", "DeleteTable", { TableName }, administrator);
  rates.push(["over HTTP", await measureEndpoint(cloud.place.awsUrl)]);
  const reference = process.env["DYNAMODB_ENDPOINT"];
  if (reference) rates.push(["reference over HTTP", await measureEndpoint(reference)]);
  for (const [name, rate] of rates) {
    console.log(`${name.padEnd(20)} ${rate.toFixed(0).padStart(7)} transactions/s  ${(rate / rates[0]![1]).toFixed(2)}`);
  }
  await cloud.stop();
  await rm(directory, { recursive: true, force: true });
};

void run();
