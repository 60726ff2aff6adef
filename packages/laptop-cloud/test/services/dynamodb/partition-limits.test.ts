import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import type { Declared } from "../../../src/kernel/service";
import { dynamodb } from "../../../src/services/dynamodb";
import type { Charge } from "../../../src/services/dynamodb/capacity";
import { PartitionLimits } from "../../../src/services/dynamodb/partition-limits";
import type { TableDescription } from "../../../src/services/dynamodb/store";
import { refusalOf } from "./database";

const TableName = "words";
const tableArn = "arn:aws:dynamodb:us-east-1:000000000000:table/words";
const indexArn = `${tableArn}/index/by-count`;

/** Words, ordered by count in an index that has one partition key for all words of a kind. */
const words = (inputs: Record<string, unknown> = {}): Declared => ({
  type: "aws:dynamodb/table:Table",
  name: TableName,
  inputs: {
    attributes: [
      { name: "id", type: "S" },
      { name: "kind", type: "S" },
      { name: "count", type: "N" },
    ],
    hashKey: "id",
    billingMode: "PAY_PER_REQUEST",
    globalSecondaryIndexes: [
      { name: "by-count", hashKey: "kind", rangeKey: "count", projectionType: "INCLUDE", nonKeyAttributes: ["label"] },
    ],
    ...inputs,
  },
});

const Key = (id: string) => ({ id: { S: id } });
const indexed = (count: number, more = {}) => ({ kind: { S: "word" }, count: { N: String(count) }, ...more });
const text = (kilobytes: number) => ({ S: "x".repeat(kilobytes * 1024 - 100) });

describe("partition limits", () => {
  let laptop: Awaited<ReturnType<typeof startLaptop>> | undefined;

  afterEach(async () => {
    await laptop?.stop();
    laptop = undefined;
  });

  const start = async (declared = words()) => {
    laptop = await startLaptop({ definitions: [dynamodb], resources: [declared] });
    const { cloud, client } = laptop;
    return { cloud, client: new DynamoDBClient({ ...client, maxAttempts: 1 }) };
  };

  const put = (client: DynamoDBClient, id: string, more = {}) =>
    client.send(new PutItemCommand({ TableName, Item: { ...Key(id), ...more } }));
  const get = (client: DynamoDBClient, id: string) => client.send(new GetItemCommand({ TableName, Key: Key(id) }));

  /** One unit a second: what takes hundreds of units leaves its key without any for minutes, however slow the machine is. */
  const limited = async (declared?: Declared) => {
    const started = await start(declared);
    started.cloud.weather.change({ partitionLimits: 0.001 });
    return started;
  };

  it("throttle writes to a partition key, and to no other", async () => {
    const { cloud, client } = await limited();
    await put(client, "hot", { label: text(300) });
    const refusal = await refusalOf(put(client, "hot"));
    expect(refusal).to.include({ name: "ThrottlingException" });
    expect(refusal).to.have.deep.property("ThrottlingReasons", [{ reason: "TableWriteKeyRangeThroughputExceeded", resource: tableArn }]);
    expect(cloud.calls.all().at(-1)?.throttledBy).to.deep.equal({ resource: tableArn, key: "hot" });
    await put(client, "cold");
    expect((await get(client, "hot")).Item).to.have.property("label");
    cloud.weather.change({});
    await put(client, "hot");
  });

  it("refuse a write to the table if the key of a global index is at its limit", async () => {
    const { cloud, client } = await limited();
    await put(client, "a", indexed(1, { label: text(300) }));
    const refusal = await refusalOf(put(client, "b", indexed(1)));
    expect(refusal.message).to.include("global secondary indexes");
    expect(refusal).to.have.deep.property("ThrottlingReasons", [{ reason: "IndexWriteKeyRangeThroughputExceeded", resource: indexArn }]);
    expect(cloud.calls.all().at(-1)?.throttledBy).to.deep.equal({ resource: indexArn, key: "word" });
    expect((await get(client, "b")).Item).to.equal(undefined);
    await put(client, "b");
    await put(client, "b", { ...indexed(1), kind: { S: "annotation" } });
  });

  it("cancel transactions, with the reason at the throttled item, and write none of it", async () => {
    const { client } = await limited();
    await put(client, "hot", { label: text(300) });
    const TransactItems = ["cold", "hot"].map(id => ({ Put: { TableName, Item: Key(id) } }));
    const refusal = await refusalOf(client.send(new TransactWriteItemsCommand({ TransactItems })));
    expect(refusal.name).to.equal("TransactionCanceledException");
    expect(refusal.CancellationReasons?.map(({ Code }) => Code)).to.deep.equal(["None", "ThrottlingError"]);
    expect((await get(client, "cold")).Item).to.equal(undefined);
  });

  it("leave the throttled items of a batch unprocessed", async () => {
    const { client } = await limited();
    await put(client, "hot", { label: text(300) });
    const writes = ["hot", "cold"].map(id => ({ PutRequest: { Item: Key(id) } }));
    const { UnprocessedItems } = await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: writes } }));
    expect(UnprocessedItems).to.deep.equal({ [TableName]: [writes[0]] });
    expect((await get(client, "cold")).Item).to.deep.equal(Key("cold"));
    const nothing = client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: [writes[0]!] } }));
    expect((await refusalOf(nothing)).name).to.equal("ThrottlingException");
  });

  it("throttle reads apart from writes", async () => {
    const { cloud, client } = await start();
    await put(client, "hot", { label: text(300) });
    cloud.weather.change({ partitionLimits: 0.001 });
    await get(client, "hot");
    expect((await refusalOf(get(client, "hot"))).name).to.equal("ThrottlingException");
    const read = await refusalOf(client.send(new TransactGetItemsCommand({ TransactItems: [{ Get: { TableName, Key: Key("hot") } }] })));
    expect(read.CancellationReasons?.map(({ Code }) => Code)).to.deep.equal(["ThrottlingError"]);
    const { UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [Key("hot"), Key("cold")], ConsistentRead: true } } }),
    );
    expect(UnprocessedKeys).to.deep.equal({ [TableName]: { Keys: [Key("hot")], ConsistentRead: true } });
    await put(client, "hot");
  });

  it("report provisioned throughput for a provisioned table", async () => {
    const [capacity, index] = [{ readCapacity: 1, writeCapacity: 1 }, words().inputs["globalSecondaryIndexes"][0]];
    const { client } = await limited(
      words({ billingMode: "PROVISIONED", ...capacity, globalSecondaryIndexes: [{ ...index, ...capacity }] }),
    );
    await put(client, "hot", { label: text(300) });
    expect((await refusalOf(put(client, "hot"))).name).to.equal("ProvisionedThroughputExceededException");
  });

  it("fill up at AWS's rate, by the machine's time", () => {
    let nowMs = 0;
    let partitionShare: number | undefined = 1;
    const weather = {
      get partitionShare() {
        return partitionShare;
      },
    };
    const limits = new PartitionLimits(weather, () => nowMs);
    const table = { TableId: "1" } as TableDescription;
    const charge = (units: number): Charge[] => [{ table, key: "hot", kind: "write", units }];

    limits.take(charge(1500));
    nowMs = 500;
    expect(limits.findExceeded(charge(1))).to.not.equal(undefined);
    nowMs = 501;
    expect(limits.findExceeded(charge(1))).to.equal(undefined);
    nowMs = 60_000;
    limits.take(charge(1000));
    expect(limits.findExceeded(charge(1)), "an idle minute saves no more than one second's units").to.not.equal(undefined);
    partitionShare = undefined;
    expect(limits.findExceeded(charge(1))).to.equal(undefined);
  });

  describe("units of a call", () => {
    /** Its table's and its index's units. */
    const unitsOf = async (prepared: object[], send: (client: DynamoDBClient) => Promise<unknown>) => {
      const { cloud, client } = await start();
      for (const Item of prepared) await client.send(new PutItemCommand({ TableName, Item: Item as Record<string, never> }));
      await send(client).catch(() => undefined);
      const units = cloud.calls.all().at(-1)?.units ?? [];
      return units.map(({ resource, read, write }) => `${resource === indexArn ? "index" : "table"} ${read} ${write}`);
    };
    const a = { ...Key("a"), ...indexed(1) };
    const update = (UpdateExpression: string, more = {}) => ({ TableName, Key: Key("a"), UpdateExpression, ...more });
    const addOne = update("ADD #count :one", {
      ExpressionAttributeNames: { "#count": "count" },
      ExpressionAttributeValues: { ":one": { N: "1" } },
    });
    const setOther = update("SET #o = :o", { ExpressionAttributeNames: { "#o": "other" }, ExpressionAttributeValues: { ":o": text(3) } });
    const setLabel = update("SET label = :l", { ExpressionAttributeValues: { ":l": { S: "x" } } });
    const refused = { ...addOne, ConditionExpression: "attribute_not_exists(id)" };
    const query = {
      TableName,
      IndexName: "by-count",
      KeyConditionExpression: "kind = :k",
      ExpressionAttributeValues: { ":k": { S: "word" } },
    };

    const cases: [what: string, prepared: object[], send: (client: DynamoDBClient) => Promise<unknown>, units: string[]][] = [
      ["a new item in an index", [], c => c.send(new PutItemCommand({ TableName, Item: a })), ["table 0 1", "index 0 1"]],
      ["an item outside the index", [], c => c.send(new PutItemCommand({ TableName, Item: Key("a") })), ["table 0 1"]],
      ["a changed sort key of the index", [a], c => c.send(new UpdateItemCommand(addOne)), ["table 0 1", "index 0 2"]],
      ["a changed projected attribute", [a], c => c.send(new UpdateItemCommand(setLabel)), ["table 0 1", "index 0 1"]],
      ["a changed other attribute, 3 KB", [a], c => c.send(new UpdateItemCommand(setOther)), ["table 0 3"]],
      ["the same item again", [a], c => c.send(new PutItemCommand({ TableName, Item: a })), ["table 0 1"]],
      [
        "a smaller item in place of 5 KB",
        [{ ...a, other: text(5) }],
        c => c.send(new PutItemCommand({ TableName, Item: a })),
        ["table 0 5"],
      ],
      ["a deleted item", [a], c => c.send(new DeleteItemCommand({ TableName, Key: Key("a") })), ["table 0 1", "index 0 1"]],
      ["a deleted item that is not there", [], c => c.send(new DeleteItemCommand({ TableName, Key: Key("a") })), ["table 0 1"]],
      ["a failed condition", [a], c => c.send(new UpdateItemCommand(refused)), ["table 0 1"]],
      [
        "a transaction",
        [a],
        c => c.send(new TransactWriteItemsCommand({ TransactItems: [{ Update: addOne }, { Put: { TableName, Item: Key("b") } }] })),
        ["table 0 4", "index 0 2"],
      ],
      [
        "a transaction that a condition cancels",
        [a],
        c => c.send(new TransactWriteItemsCommand({ TransactItems: [{ Update: refused }, { Put: { TableName, Item: Key("b") } }] })),
        ["table 0 2"],
      ],
      ["a missing item, eventually consistent", [], c => c.send(new GetItemCommand({ TableName, Key: Key("a") })), ["table 0.5 0"]],
      [
        "a consistent read of 5 KB",
        [{ ...Key("a"), other: text(5) }],
        c => c.send(new GetItemCommand({ TableName, Key: Key("a"), ConsistentRead: true, ProjectionExpression: "id" })),
        ["table 2 0"],
      ],
      [
        "a read in a transaction",
        [a],
        c => c.send(new TransactGetItemsCommand({ TransactItems: [{ Get: { TableName, Key: Key("a") } }] })),
        ["table 2 0"],
      ],
      [
        "a query of an index, whose items are added before they are rounded up",
        [a, { ...Key("b"), ...indexed(2) }],
        c => c.send(new QueryCommand(query)),
        ["index 0.5 0"],
      ],
      ["a query that finds nothing", [], c => c.send(new QueryCommand(query)), ["index 0.5 0"]],
      [
        "a scan of two keys, 9 KB",
        [
          { ...Key("a"), other: text(4) },
          { ...Key("b"), other: text(5) },
        ],
        c => c.send(new ScanCommand({ TableName, ConsistentRead: true })),
        ["table 3 0"],
      ],
    ];
    it("name what each partition key took of them", async () => {
      const { cloud, client } = await start();
      const writes = [a, { ...Key("b"), ...indexed(2, { label: text(3) }), kind: { S: "annotation" } }, { ...Key("c"), ...indexed(3) }];
      await client.send(new TransactWriteItemsCommand({ TransactItems: writes.map(Item => ({ Put: { TableName, Item } })) }));
      expect(
        cloud.calls
          .all()
          .at(-1)
          ?.units?.map(({ keys }) => keys.map(({ key, units }) => `${key} ${units}`)),
      ).to.deep.equal([
        ["a 2", "b 6", "c 2"],
        ["word 2", "annotation 3"],
      ]);
    });

    for (const [what, prepared, send, units] of cases) {
      it(`count ${what}`, async () => {
        expect(await unitsOf(prepared, send)).to.deep.equal(units);
      });
    }
  });
});
