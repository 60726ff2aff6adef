import { randomUUID } from "node:crypto";
import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactGetItemsCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import * as fc from "fast-check";
import { hashOnly, openDatabase, refusalOf, type TestDatabase } from "./database";

describe("dynamodb transactions", () => {
  let database: TestDatabase;
  let client: DynamoDBClient;
  let TableName: string;

  before(async () => {
    database = await openDatabase();
    client = database.client;
    TableName = await database.createTable(hashOnly);
  });
  after(() => database.stop());

  const fresh = () => randomUUID();
  const get = async (id: string) =>
    (await client.send(new GetItemCommand({ TableName, Key: { id: { S: id } }, ConsistentRead: true }))).Item;
  const put = (id: string, v: number) => client.send(new PutItemCommand({ TableName, Item: { id: { S: id }, v: { N: String(v) } } }));
  const transact = (TransactItems: TransactWriteItem[], ClientRequestToken?: string) =>
    client.send(new TransactWriteItemsCommand({ TransactItems, ClientRequestToken }));

  const putItem = (id: string, more: Record<string, AttributeValue> = {}) => ({ Put: { TableName, Item: { id: { S: id }, ...more } } });
  const add = (id: string, by: number, condition?: { expression: string; values?: Record<string, AttributeValue> }) => ({
    Update: {
      TableName,
      Key: { id: { S: id } },
      UpdateExpression: "ADD v :by",
      ConditionExpression: condition?.expression,
      ExpressionAttributeValues: { ":by": { N: String(by) }, ...condition?.values },
    },
  });

  it("writes all its items", async () => {
    const [a, b, c, d] = [fresh(), fresh(), fresh(), fresh()];
    await put(c, 1);
    await put(d, 1);
    await transact([
      putItem(a, { v: { N: "7" } }),
      add(b, 5),
      { Delete: { TableName, Key: { id: { S: c } } } },
      { ConditionCheck: { TableName, Key: { id: { S: d } }, ConditionExpression: "attribute_exists(id)" } },
    ]);
    expect((await get(a))?.["v"]).to.deep.equal({ N: "7" });
    expect((await get(b))?.["v"]).to.deep.equal({ N: "5" });
    expect(await get(c)).to.equal(undefined);
    expect((await get(d))?.["v"]).to.deep.equal({ N: "1" });
  });

  it("writes nothing if a condition fails, and returns a reason for each item", async () => {
    const [a, b, c] = [fresh(), fresh(), fresh()];
    await put(b, 3);
    const refusal = await refusalOf(
      transact([
        add(a, 1),
        { Put: { ...putItem(b).Put, ConditionExpression: "attribute_not_exists(id)", ReturnValuesOnConditionCheckFailure: "ALL_OLD" } },
        {
          ConditionCheck: {
            TableName,
            Key: { id: { S: c } },
            ConditionExpression: "attribute_exists(id)",
            ReturnValuesOnConditionCheckFailure: "ALL_OLD",
          },
        },
      ]),
    );
    expect(refusal.name).to.equal("TransactionCanceledException");
    expect(refusal.message).to.include("[None, ConditionalCheckFailed, ConditionalCheckFailed]");
    expect(refusal.CancellationReasons?.map(({ Code }) => Code)).to.deep.equal([
      "None",
      "ConditionalCheckFailed",
      "ConditionalCheckFailed",
    ]);
    expect(refusal.CancellationReasons?.[1]).to.deep.include({
      Message: "The conditional request failed",
      Item: { id: { S: b }, v: { N: "3" } },
    });
    expect(refusal.CancellationReasons?.[2]).to.not.have.property("Item");
    expect(await get(a)).to.equal(undefined);
  });

  it("evaluates conditions on the state before the transaction", async () => {
    const [a, b] = [fresh(), fresh()];
    await transact([putItem(a), { Put: { ...putItem(b).Put, ConditionExpression: "attribute_not_exists(id)" } }]);
    expect(await get(b)).to.deep.equal({ id: { S: b } });
  });

  it("writes nothing if an item is invalid", async () => {
    const [a, b] = [fresh(), fresh()];
    await client.send(new PutItemCommand({ TableName, Item: { id: { S: b }, v: { S: "no number" } } }));
    const refusal = await refusalOf(transact([putItem(a), add(b, 1)]));
    // DynamoDB Local answers with a ValidationException here; the API page says ValidationError among the reasons.
    if (refusal.name !== "ValidationException")
      expect(refusal.CancellationReasons?.map(({ Code }) => Code)).to.deep.equal(["None", "ValidationError"]);
    expect(await get(a)).to.equal(undefined);
  });

  describe("request tokens", () => {
    it("performs a repeated request once", async () => {
      const a = fresh();
      const token = randomUUID();
      await Promise.all([transact([add(a, 1)], token), transact([add(a, 1)], token)].map(call => call.catch(inProgress)));
      await transact([add(a, 1)], token);
      expect((await get(a))?.["v"]).to.deep.equal({ N: "1" });
    });

    // DynamoDB Local gives this answer to the second of two concurrent calls; ours makes it wait.
    const inProgress = (error: Error) => expect(error.name).to.equal("TransactionInProgressException");

    it("refuses another request with a used token", async () => {
      const [a, token] = [fresh(), randomUUID()];
      await transact([add(a, 1)], token);
      expect((await refusalOf(transact([add(a, 2)], token))).name).to.equal("IdempotentParameterMismatchException");
    });

    it("does not remember a request that was cancelled", async () => {
      const [a, token] = [fresh(), randomUUID()];
      const items = [add(a, 1, { expression: "attribute_exists(id)" })];
      await refusalOf(transact(items, token));
      await put(a, 1);
      await transact(items, token);
      expect((await get(a))?.["v"]).to.deep.equal({ N: "2" });
    });
  });

  describe("refusals", () => {
    it("refuses two operations on one item", async () => {
      const a = fresh();
      const refusal = await refusalOf(transact([putItem(a), { Delete: { TableName, Key: { id: { S: a } } } }]));
      expect([refusal.name, refusal.message]).to.deep.equal([
        "ValidationException",
        "Transaction request cannot include multiple operations on one item",
      ]);
    });

    it("accepts 100 items and refuses 101", async () => {
      const items = Array.from({ length: 101 }, () => add(fresh(), 1));
      await transact(items.slice(0, 100));
      expect((await refusalOf(transact(items))).name).to.equal("ValidationException");
      expect((await refusalOf(transact([]))).name).to.equal("ValidationException");
    });

    it("refuses an item with two operations, or without its expression", async () => {
      const [a, b] = [fresh(), fresh()];
      expect((await refusalOf(transact([{ ...putItem(a), ...add(b, 1) }]))).name).to.equal("ValidationException");
      const check = { ConditionCheck: { TableName, Key: { id: { S: a } }, ConditionExpression: undefined as unknown as string } };
      expect((await refusalOf(transact([check]))).name).to.equal("ValidationException");
    });

    it("refuses a syntax error as a whole", async () => {
      const refusal = await refusalOf(transact([add(fresh(), 1, { expression: "v >" })]));
      expect(refusal.name).to.equal("ValidationException");
      expect(refusal.message).to.include("ConditionExpression");
    });

    it("refuses a missing table", async () => {
      const refusal = await refusalOf(transact([putItem(fresh()), { Put: { TableName: "nowhere", Item: { id: { S: "a" } } } }]));
      expect(refusal.name).to.equal("ResourceNotFoundException");
    });

    it("refuses an invalid key, and writes nothing", async () => {
      const a = fresh();
      const refusal = await refusalOf(transact([putItem(a), { Delete: { TableName, Key: { other: { S: "x" } } } }]));
      expect(["TransactionCanceledException", "ValidationException"]).to.include(refusal.name);
      expect(await get(a)).to.equal(undefined);
    });

    it("refuses an item over 400 KB, and a transaction over 4 MB", async () => {
      const large = (sizeBytes: number) => putItem(fresh(), { text: { S: "x".repeat(sizeBytes) } });
      expect((await refusalOf(transact([large(410_000)]))).name).to.match(/ValidationException|TransactionCanceledException/);
      const refusal = await refusalOf(transact(Array.from({ length: 12 }, () => large(390_000))));
      expect(refusal.name).to.match(/ValidationException|TransactionCanceledException/);
    });
  });

  describe("reads", () => {
    it("reads items in order, with nothing for missing ones", async () => {
      const [a, b, missing] = [fresh(), fresh(), fresh()];
      await put(a, 1);
      await put(b, 2);
      const { Responses } = await client.send(
        new TransactGetItemsCommand({
          TransactItems: [b, missing, a].map(id => ({ Get: { TableName, Key: { id: { S: id } }, ProjectionExpression: "v" } })),
        }),
      );
      expect(Responses?.map(({ Item }) => Item)).to.deep.equal([{ v: { N: "2" } }, undefined, { v: { N: "1" } }]);
    });

    it("refuses to read one item twice", async () => {
      const Get = { TableName, Key: { id: { S: fresh() } } };
      const refusal = await refusalOf(client.send(new TransactGetItemsCommand({ TransactItems: [{ Get }, { Get }] })));
      expect(refusal.name).to.equal("ValidationException");
    });
  });

  it("conserves money in many concurrent transfers", async () => {
    const accounts = 5;
    const transfers = fc.array(
      fc.record({ from: fc.nat(accounts - 1), to: fc.nat(accounts - 1), amount: fc.integer({ min: 1, max: 30 }) }),
      { minLength: 1, maxLength: 25 },
    );
    await fc.assert(
      fc.asyncProperty(transfers, async asked => {
        const ids = Array.from({ length: accounts }, fresh);
        await Promise.all(ids.map(id => put(id, 50)));
        const balances = ids.map(() => 50);
        await Promise.all(
          asked
            .filter(({ from, to }) => from !== to)
            .map(async ({ from, to, amount }) => {
              const enough = { expression: "v >= :amount", values: { ":amount": { N: String(amount) } } };
              const moved = await retryConflicts(() => transact([add(ids[from]!, -amount, enough), add(ids[to]!, amount)]));
              if (!moved) return;
              balances[from]! -= amount;
              balances[to]! += amount;
            }),
        );
        const { Responses } = await client.send(
          new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: ids.map(id => ({ id: { S: id } })), ConsistentRead: true } } }),
        );
        const found = new Map(Responses?.[TableName]?.map(({ id, v }) => [id!.S, Number(v!.N)]));
        expect(ids.map(id => found.get(id))).to.deep.equal(balances);
        expect(Math.min(...balances)).to.be.at.least(0);
      }),
      { numRuns: 20 },
    );
  });
});

/** Whether the transaction was carried out; false if its condition failed. */
const retryConflicts = async (transact: () => Promise<unknown>): Promise<boolean> => {
  for (;;) {
    try {
      await transact();
      return true;
    } catch (error) {
      const codes = (error as { CancellationReasons?: { Code: string }[] }).CancellationReasons?.map(({ Code }) => Code) ?? [];
      if (codes.includes("ConditionalCheckFailed")) return false;
      if (!codes.includes("TransactionConflict")) throw error;
    }
  }
};
