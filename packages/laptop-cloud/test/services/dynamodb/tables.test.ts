import { randomUUID } from "node:crypto";
import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateTableCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { hashOnly, openDatabase, refusalOf, type TestDatabase } from "./database";

describe("dynamodb tables", () => {
  let database: TestDatabase;
  let client: DynamoDBClient;

  before(async () => {
    database = await openDatabase();
    client = database.client;
  });
  after(() => database.stop());

  it("creates, describes, lists and deletes", async () => {
    const TableName = await database.createTable(hashOnly);
    await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 0.05, maxDelay: 0.1 }, { TableName });
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    expect(Table).to.deep.include({ TableName, TableStatus: "ACTIVE", ...hashOnly });
    expect(Table?.CreationDateTime).to.be.instanceOf(Date);
    expect((await client.send(new ListTablesCommand({}))).TableNames).to.include(TableName);
    const again = client.send(new CreateTableCommand({ TableName, BillingMode: "PAY_PER_REQUEST", ...hashOnly }));
    expect((await refusalOf(again)).name).to.equal("ResourceInUseException");
  });

  it("deletes a table with its items", async () => {
    const TableName = `gone-${randomUUID()}`;
    const create = () => client.send(new CreateTableCommand({ TableName, BillingMode: "PAY_PER_REQUEST", ...hashOnly }));
    await create();
    await client.send(new PutItemCommand({ TableName, Item: { id: { S: "a" } } }));
    await client.send(new DeleteTableCommand({ TableName }));
    await eventually(
      async () => (await refusalOf(client.send(new DescribeTableCommand({ TableName })))).name === "ResourceNotFoundException",
    );
    await create();
    expect((await client.send(new ScanCommand({ TableName }))).Count).to.equal(0);
    await client.send(new DeleteTableCommand({ TableName }));
  });

  it("lists tables in pages", async () => {
    const names = await Promise.all(Array.from({ length: 3 }, () => database.createTable(hashOnly)));
    const found: string[] = [];
    let ExclusiveStartTableName: string | undefined;
    do {
      const page = await client.send(new ListTablesCommand({ Limit: 2, ExclusiveStartTableName }));
      found.push(...(page.TableNames ?? []));
      ExclusiveStartTableName = page.LastEvaluatedTableName;
    } while (ExclusiveStartTableName !== undefined);
    expect(found).to.include.members(names);
    expect(found).to.deep.equal([...found].sort());
  });

  it("adds an index to a table with items, and deletes it", async () => {
    const TableName = await database.createTable(hashOnly);
    await client.send(new PutItemCommand({ TableName, Item: { id: { S: "a" }, kind: { S: "word" } } }));
    await client.send(new PutItemCommand({ TableName, Item: { id: { S: "b" }, kind: { N: "1" } } }));
    const IndexName = "byKind";
    await client.send(
      new UpdateTableCommand({
        TableName,
        AttributeDefinitions: [...hashOnly.AttributeDefinitions!, { AttributeName: "kind", AttributeType: "S" }],
        GlobalSecondaryIndexUpdates: [
          { Create: { IndexName, KeySchema: [{ AttributeName: "kind", KeyType: "HASH" }], Projection: { ProjectionType: "KEYS_ONLY" } } },
        ],
      }),
    );
    const query = () =>
      client.send(
        new QueryCommand({
          TableName,
          IndexName,
          KeyConditionExpression: "kind = :k",
          ExpressionAttributeValues: { ":k": { S: "word" } },
        }),
      );
    await eventually(async () => (await query()).Count === 1);
    await client.send(new UpdateTableCommand({ TableName, GlobalSecondaryIndexUpdates: [{ Delete: { IndexName } }] }));
    await eventually(async () => (await client.send(new DescribeTableCommand({ TableName }))).Table?.GlobalSecondaryIndexes === undefined);
    expect((await refusalOf(query())).name).to.equal("ValidationException");
  });

  it("protects a table from deletion", async () => {
    const TableName = await database.createTable({ ...hashOnly, DeletionProtectionEnabled: true });
    expect((await refusalOf(client.send(new DeleteTableCommand({ TableName })))).name).to.equal("ValidationException");
    const { TableDescription } = await client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
    expect(TableDescription?.DeletionProtectionEnabled).to.equal(false);
  });

  it("refuses invalid key schemas", async () => {
    const create = (schema: object) =>
      refusalOf(client.send(new CreateTableCommand({ TableName: "bad-table", BillingMode: "PAY_PER_REQUEST", ...hashOnly, ...schema })));
    expect((await create({ KeySchema: [{ AttributeName: "other", KeyType: "HASH" }] })).name).to.equal("ValidationException");
    expect((await create({ KeySchema: [{ AttributeName: "id", KeyType: "RANGE" }] })).name).to.equal("ValidationException");
  });

  it("names a missing table", async () => {
    const refusal = await refusalOf(client.send(new DescribeTableCommand({ TableName: "nowhere" })));
    expect(refusal.name).to.equal("ResourceNotFoundException");
  });
});
