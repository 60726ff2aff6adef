import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTagsOfResourceCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TagResourceCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UntagResourceCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { eventually, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { AwsError } from "../../../src/kernel/aws-error";
import type { Declared } from "../../../src/kernel/service";
import { dynamodb } from "../../../src/services/dynamodb";
import { refusalOf } from "./database";

type Laptop = Awaited<ReturnType<typeof startLaptop>>;

const tableType = "aws:dynamodb/table:Table";

const declare = (inputs: Record<string, unknown> = {}, name = "words"): Declared => ({
  type: tableType,
  name,
  inputs: { attributes: [{ name: "id", type: "S" }], hashKey: "id", billingMode: "PAY_PER_REQUEST", ...inputs },
});

const kindIndex = {
  attributes: [
    { name: "id", type: "S" },
    { name: "kind", type: "S" },
  ],
  globalSecondaryIndexes: [{ name: "byKind", hashKey: "kind", projectionType: "ALL" }],
};

describe("dynamodb on the laptop", () => {
  let laptop: Laptop | undefined;
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "slack-fanout-test-"));
  });
  afterEach(async () => {
    await laptop?.stop();
    laptop = undefined;
    await rm(directory, { recursive: true, force: true });
  });

  /** Starts (again) with these resources, on the same directory. */
  const start = async (...resources: Declared[]) => {
    await laptop?.stop();
    laptop = undefined;
    laptop = await startLaptop({ definitions: [dynamodb], resources, directory });
    return { laptop, client: new DynamoDBClient({ ...laptop.client, maxAttempts: 1 }) };
  };

  const put = (client: DynamoDBClient, id: string, more = {}) =>
    client.send(new PutItemCommand({ TableName: "words", Item: { id: { S: id }, ...more } }));
  const get = async (client: DynamoDBClient, id: string) =>
    (await client.send(new GetItemCommand({ TableName: "words", Key: { id: { S: id } } }))).Item;

  describe("declared tables", () => {
    it("creates a table as declared", async () => {
      const { client, laptop } = await start(
        declare({
          ...kindIndex,
          ttl: { attributeName: "expires_at", enabled: true },
          pointInTimeRecovery: { enabled: true },
          tags: { team: "slack" },
          deletionProtectionEnabled: true,
        }),
      );
      const { Table } = await client.send(new DescribeTableCommand({ TableName: "words" }));
      expect(Table).to.deep.include({
        TableName: "words",
        TableStatus: "ACTIVE",
        TableArn: "arn:aws:dynamodb:us-east-1:000000000000:table/words",
        DeletionProtectionEnabled: true,
      });
      expect(Table?.GlobalSecondaryIndexes?.[0]).to.deep.include({ IndexName: "byKind", IndexStatus: "ACTIVE" });
      const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName: "words" }));
      expect(TimeToLiveDescription).to.deep.equal({ TimeToLiveStatus: "ENABLED", AttributeName: "expires_at" });
      const { ContinuousBackupsDescription } = await client.send(new DescribeContinuousBackupsCommand({ TableName: "words" }));
      expect(ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus).to.equal("ENABLED");
      const { Tags } = await client.send(new ListTagsOfResourceCommand({ ResourceArn: Table!.TableArn! }));
      expect(Tags).to.deep.equal([{ Key: "team", Value: "slack" }]);
      const [resource] = laptop.cloud.inventory.ofType(tableType);
      expect(resource?.outputs).to.deep.include({ id: "words", name: "words", arn: Table!.TableArn });
    });

    it("accepts index keys as keySchemas, local indexes, and a name", async () => {
      const { client } = await start(
        declare({
          name: "claims",
          attributes: [...kindIndex.attributes, { name: "at", type: "N" }],
          rangeKey: "at",
          globalSecondaryIndexes: [
            { name: "byKind", keySchemas: [{ attributeName: "kind", keyType: "HASH" }], projectionType: "KEYS_ONLY" },
          ],
          localSecondaryIndexes: [{ name: "local", rangeKey: "kind", projectionType: "INCLUDE", nonKeyAttributes: ["color"] }],
        }),
      );
      const { Table } = await client.send(new DescribeTableCommand({ TableName: "claims" }));
      expect(Table?.KeySchema?.map(({ AttributeName }) => AttributeName)).to.deep.equal(["id", "at"]);
      expect(Table?.LocalSecondaryIndexes?.[0]?.Projection).to.deep.equal({ ProjectionType: "INCLUDE", NonKeyAttributes: ["color"] });
      expect(Table?.GlobalSecondaryIndexes?.[0]?.KeySchema).to.deep.equal([{ AttributeName: "kind", KeyType: "HASH" }]);
    });

    it("keeps items after a restart, and builds and deletes indexes by the new declaration", async () => {
      const first = await start(declare());
      await put(first.client, "a", { kind: { S: "word" } });
      await put(first.client, "b");
      const second = await start(declare(kindIndex));
      const query = (client: DynamoDBClient) =>
        client.send(
          new QueryCommand({
            TableName: "words",
            IndexName: "byKind",
            KeyConditionExpression: "kind = :k",
            ExpressionAttributeValues: { ":k": { S: "word" } },
          }),
        );
      expect((await query(second.client)).Items).to.deep.equal([{ id: { S: "a" }, kind: { S: "word" } }]);
      const third = await start(declare());
      expect((await refusalOf(query(third.client))).message).to.include("byKind");
      expect(await get(third.client, "b")).to.deep.equal({ id: { S: "b" } });
    });

    it("refuses another key for a table with items, and says what to do", async () => {
      await start(declare());
      const other = declare({ attributes: [{ name: "word", type: "S" }], hashKey: "word" });
      const refusal = await refusalOf(start(other));
      expect(refusal.message).to.include('"words"').and.to.include("id (S)").and.to.include("word (S)").and.to.include("--fresh");
    });

    const refused: [string, Record<string, unknown>, string][] = [
      ["streams", { streamEnabled: true, streamViewType: "NEW_IMAGE" }, "streamEnabled is true"],
      ["replicas", { replicas: [{ regionName: "eu-west-1" }] }, "eu-west-1"],
      ["expiry by an attribute that is not switched on", { ttl: { attributeName: "expires_at" } }, '"expires_at"'],
      ["an unknown property", { hashkey: "id" }, "hashkey"],
      ["an attribute that no key uses", { attributes: [...kindIndex.attributes] }, "AttributeDefinitions"],
      [
        "index keys of several attributes",
        {
          ...kindIndex,
          globalSecondaryIndexes: [
            {
              name: "wide",
              keySchemas: ["id", "kind"].map(attributeName => ({ attributeName, keyType: "HASH" })),
              projectionType: "ALL",
            },
          ],
        },
        "several attributes",
      ],
    ];
    for (const [what, inputs, said] of refused) {
      it(`refuses ${what}`, async () => {
        expect((await refusalOf(start(declare(inputs)))).message)
          .to.include(said)
          .and.to.include("words");
      });
    }
  });

  describe("expiry", () => {
    const expiring = declare({ ttl: { attributeName: "expires_at", enabled: true }, ...kindIndex });
    const at = (seconds: number) => ({ expires_at: { N: String(seconds) }, kind: { S: "word" } });

    it("deletes expired items with their index entries when time has moved", async () => {
      const { client, laptop } = await start(expiring);
      const now = Math.floor(laptop.cloud.clock.nowMs() / 1000);
      await put(client, "soon", at(now + 60));
      await put(client, "later", at(now + 7200));
      await put(client, "ancient", at(now - 6 * 365 * 86_400));
      await put(client, "text", { expires_at: { S: String(now + 60) } });
      await put(client, "never");
      laptop.cloud.clock.advance(3600);
      await eventually(async () => (await get(client, "soon")) === undefined);
      const { Items } = await client.send(new ScanCommand({ TableName: "words" }));
      expect(Items?.map(({ id }) => id!.S)).to.have.members(["later", "ancient", "text", "never"]);
      const index = await client.send(new ScanCommand({ TableName: "words", IndexName: "byKind" }));
      expect(index.Items?.map(({ id }) => id!.S)).to.have.members(["later", "ancient"]);
    });

    it("uses the item's latest expiry time", async () => {
      const { client, laptop } = await start(expiring);
      const now = Math.floor(laptop.cloud.clock.nowMs() / 1000);
      await put(client, "renewed", at(now + 60));
      await put(client, "renewed", at(now + 7200));
      await put(client, "marker", at(now + 60));
      laptop.cloud.clock.advance(3600);
      await eventually(async () => (await get(client, "marker")) === undefined);
      expect(await get(client, "renewed")).to.not.equal(undefined);
      laptop.cloud.clock.advance(7200);
      await eventually(async () => (await get(client, "renewed")) === undefined);
    });

    it("includes items from before it was enabled", async () => {
      const { client, laptop } = await start(declare());
      const now = Math.floor(laptop.cloud.clock.nowMs() / 1000);
      await put(client, "old", { expires_at: { N: String(now - 10) } });
      const TimeToLiveSpecification = { AttributeName: "expires_at", Enabled: true };
      await client.send(new UpdateTimeToLiveCommand({ TableName: "words", TimeToLiveSpecification }));
      laptop.cloud.clock.advance(1);
      await eventually(async () => (await get(client, "old")) === undefined);
      const again = client.send(new UpdateTimeToLiveCommand({ TableName: "words", TimeToLiveSpecification }));
      expect((await refusalOf(again)).message).to.equal("TimeToLive is already enabled");
    });
  });

  describe("request tokens", () => {
    const add = (client: DynamoDBClient) =>
      client.send(
        new TransactWriteItemsCommand({
          ClientRequestToken: "once",
          TransactItems: [
            {
              Update: {
                TableName: "words",
                Key: { id: { S: "n" } },
                UpdateExpression: "ADD n :one",
                ExpressionAttributeValues: { ":one": { N: "1" } },
              },
            },
          ],
        }),
      );

    it("are remembered for ten minutes, also after a restart", async () => {
      const first = await start(declare());
      await add(first.client);
      const second = await start(declare());
      await add(second.client);
      expect((await get(second.client, "n"))?.["n"]).to.deep.equal({ N: "1" });
      second.laptop.cloud.clock.advance(601);
      await add(second.client);
      expect((await get(second.client, "n"))?.["n"]).to.deep.equal({ N: "2" });
    });
  });

  describe("weather", () => {
    const TransactItems = ["a", "b"].map(id => ({ Put: { TableName: "words", Item: { id: { S: id } } } }));

    it("throttles single items, transactions and reads, and writes none of them", async () => {
      const { client, laptop } = await start(declare());
      laptop.cloud.weather.change({ throttle: 3 });
      expect((await refusalOf(put(client, "a"))).name).to.equal("ThrottlingException");
      expect((await refusalOf(get(client, "a"))).name).to.equal("ThrottlingException");
      const refusal = await refusalOf(client.send(new TransactWriteItemsCommand({ TransactItems })));
      expect(refusal.CancellationReasons?.map(({ Code }) => Code)).to.have.members(["None", "ThrottlingError"]);
      expect(await get(client, "a")).to.equal(undefined);
    });

    it("reports provisioned throughput if it is declared", async () => {
      const { client, laptop } = await start(declare({ billingMode: "PROVISIONED", readCapacity: 1, writeCapacity: 1 }));
      laptop.cloud.weather.change({ throttle: 1 });
      expect((await refusalOf(put(client, "a"))).name).to.equal("ProvisionedThroughputExceededException");
    });

    it("causes transaction conflicts", async () => {
      const { client, laptop } = await start(declare());
      laptop.cloud.weather.change({ conflict: 2 });
      const refusal = await refusalOf(client.send(new TransactWriteItemsCommand({ TransactItems })));
      expect(refusal.name).to.equal("TransactionCanceledException");
      expect(refusal.CancellationReasons?.map(({ Code }) => Code)).to.have.members(["None", "TransactionConflict"]);
      const Get = { TableName: "words", Key: { id: { S: "a" } } };
      const read = await refusalOf(client.send(new TransactGetItemsCommand({ TransactItems: [{ Get }] })));
      expect(read.CancellationReasons?.map(({ Code }) => Code)).to.deep.equal(["TransactionConflict"]);
      await client.send(new TransactWriteItemsCommand({ TransactItems }));
      expect(await get(client, "a")).to.not.equal(undefined);
    });
  });

  describe("permissions", () => {
    /** The actions and resources that an operation asks for. */
    const checksOf = async (operation: string, input: object) => {
      const { laptop } = await start(declare(kindIndex));
      const caller = { kind: "role", roleArn: "arn:aws:iam::000000000000:role/nobody", principal: "scheduler.amazonaws.com" } as const;
      await laptop.cloud.call("dynamodb", operation, input, caller).catch(error => expect(error).to.be.instanceOf(AwsError));
      return laptop.cloud.calls
        .all()
        .at(-1)!
        .checks.map(({ action, resource }) => `${action} ${resource.split(":").at(-1)}`);
    };
    const Key = { id: { S: "a" } };
    const TableName = "words";
    const byKind = { KeyConditionExpression: "kind = :k", ExpressionAttributeValues: { ":k": { S: "word" } } };
    const cases: [string, object, string][] = [
      ["PutItem", { TableName, Item: Key }, "dynamodb:PutItem table/words"],
      ["GetItem", { TableName, Key }, "dynamodb:GetItem table/words"],
      ["Query", { TableName, IndexName: "byKind", ...byKind }, "dynamodb:Query table/words/index/byKind"],
      ["Scan", { TableName }, "dynamodb:Scan table/words"],
      ["BatchGetItem", { RequestItems: { words: { Keys: [Key] } } }, "dynamodb:BatchGetItem table/words"],
      ["BatchWriteItem", { RequestItems: { words: [{ PutRequest: { Item: Key } }] } }, "dynamodb:BatchWriteItem table/words"],
      ["TransactGetItems", { TransactItems: [{ Get: { TableName, Key } }] }, "dynamodb:GetItem table/words"],
      ["TransactWriteItems", { TransactItems: [{ Put: { TableName, Item: Key } }] }, "dynamodb:PutItem table/words"],
      [
        "TransactWriteItems",
        { TransactItems: [{ ConditionCheck: { TableName, Key, ConditionExpression: "attribute_exists(id)" } }] },
        "dynamodb:ConditionCheckItem table/words",
      ],
    ];
    for (const [operation, input, check] of cases) {
      it(`${operation} needs ${check}`, async () => {
        expect(await checksOf(operation, input)).to.include(check);
      });
    }
  });

  it("tags and untags", async () => {
    const { client } = await start(declare({ tags: { a: "1" } }));
    const ResourceArn = "arn:aws:dynamodb:us-east-1:000000000000:table/words";
    await client.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key: "b", Value: "2" }] }));
    await client.send(new UntagResourceCommand({ ResourceArn, TagKeys: ["a"] }));
    const { Tags } = await client.send(new ListTagsOfResourceCommand({ ResourceArn }));
    expect(Tags).to.deep.equal([{ Key: "b", Value: "2" }]);
  });

  it("refuses unknown parameters by name", async () => {
    const { laptop } = await start(declare());
    const call = laptop.cloud.call(
      "dynamodb",
      "PutItem",
      { TableName: "words", Item: { id: { S: "a" } }, Nonsense: 1 },
      { kind: "administrator" },
    );
    expect((await refusalOf(call)).message).to.include("Nonsense");
  });
});
