import {
  type AttributeValue,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  type ScanCommandInput,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import { hashAndRange, openDatabase, refusalOf, type Schema, type TestDatabase } from "./database";

type Item = Record<string, AttributeValue>;

/** A table of words, with an index of each projection. */
const words: Schema = {
  KeySchema: [
    { AttributeName: "team", KeyType: "HASH" },
    { AttributeName: "word", KeyType: "RANGE" },
  ],
  AttributeDefinitions: [
    { AttributeName: "team", AttributeType: "S" },
    { AttributeName: "word", AttributeType: "S" },
    { AttributeName: "kind", AttributeType: "S" },
    { AttributeName: "count", AttributeType: "N" },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: "byKind",
      KeySchema: [
        { AttributeName: "kind", KeyType: "HASH" },
        { AttributeName: "count", KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "ALL" },
    },
    { IndexName: "keysOnly", KeySchema: [{ AttributeName: "kind", KeyType: "HASH" }], Projection: { ProjectionType: "KEYS_ONLY" } },
    {
      IndexName: "some",
      KeySchema: [{ AttributeName: "kind", KeyType: "HASH" }],
      Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["color"] },
    },
  ],
  LocalSecondaryIndexes: [
    {
      IndexName: "byCount",
      KeySchema: [
        { AttributeName: "team", KeyType: "HASH" },
        { AttributeName: "count", KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "KEYS_ONLY" },
    },
  ],
};

describe("dynamodb queries", () => {
  let database: TestDatabase;
  let client: DynamoDBClient;

  before(async () => {
    database = await openDatabase();
    client = database.client;
  });
  after(() => database.stop());

  const put = (TableName: string, items: Item[]) => Promise.all(items.map(Item => client.send(new PutItemCommand({ TableName, Item }))));

  /** All pages of a query, and how many there were. */
  const queryAll = async (input: QueryCommandInput) => {
    const items: Item[] = [];
    let pages = 0;
    let ExclusiveStartKey: Item | undefined;
    do {
      const page = await client.send(new QueryCommand({ ...input, ExclusiveStartKey }));
      items.push(...(page.Items ?? []));
      ExclusiveStartKey = page.LastEvaluatedKey;
      pages += 1;
    } while (ExclusiveStartKey !== undefined);
    return { items, pages };
  };

  describe("sort keys", () => {
    const numbers = ["-1000", "-10.5", "-10", "-1", "-0.001", "0", "0.00001", "1", "1.5", "2", "10", "99", "100", "12345678901234567890"];
    const strings = ["", "A", "B", "a", "a b", "aa", "ab", "b", "é", "你", "🎉"].filter(text => text !== "");

    for (const [type, values] of [
      ["N", numbers],
      ["S", strings],
    ] as const) {
      it(`sorts ${type === "N" ? "numbers by size" : "strings by their UTF-8 bytes"}, both ways`, async () => {
        const TableName = await database.createTable(hashAndRange(type));
        const items = values.map(value => ({ id: { S: "one" }, at: { [type]: value } as unknown as AttributeValue }));
        await put(TableName, [...items].reverse());
        const input = { TableName, KeyConditionExpression: "id = :id", ExpressionAttributeValues: { ":id": { S: "one" } } };
        expect((await queryAll(input)).items).to.deep.equal(items);
        expect((await queryAll({ ...input, Limit: 3 })).items).to.deep.equal(items);
        expect((await queryAll({ ...input, Limit: 3, ScanIndexForward: false })).items).to.deep.equal([...items].reverse());
      });
    }

    const conditions: [string, Record<string, string>, string[]][] = [
      ["#at = :a", { ":a": "10" }, ["10"]],
      ["#at < :a", { ":a": "10" }, ["1", "2"]],
      ["#at <= :a", { ":a": "10" }, ["1", "2", "10"]],
      ["#at > :a", { ":a": "2" }, ["10", "11"]],
      ["#at >= :a", { ":a": "2" }, ["2", "10", "11"]],
      ["#at BETWEEN :a AND :b", { ":a": "2", ":b": "10" }, ["2", "10"]],
    ];
    it("selects by every comparison", async () => {
      const TableName = await database.createTable(hashAndRange("N"));
      await put(
        TableName,
        ["1", "2", "10", "11"].map(at => ({ id: { S: "one" }, at: { N: at } })),
      );
      for (const [condition, values, found] of conditions) {
        const { items } = await queryAll({
          TableName,
          KeyConditionExpression: `id = :id AND ${condition}`,
          ExpressionAttributeNames: { "#at": "at" },
          ExpressionAttributeValues: {
            ":id": { S: "one" },
            ...Object.fromEntries(Object.entries(values).map(([name, N]) => [name, { N }])),
          },
        });
        expect(
          items.map(({ at }) => at!.N),
          condition,
        ).to.deep.equal(found);
      }
    });

    it("selects by prefix", async () => {
      const TableName = await database.createTable(hashAndRange("S"));
      await put(
        TableName,
        ["a", "ab", "abc", "ac", "b"].map(at => ({ id: { S: "one" }, at: { S: at } })),
      );
      const { items } = await queryAll({
        TableName,
        KeyConditionExpression: "id = :id AND begins_with(#at, :p)",
        ExpressionAttributeNames: { "#at": "at" },
        ExpressionAttributeValues: { ":id": { S: "one" }, ":p": { S: "ab" } },
      });
      expect(items.map(({ at }) => at!.S)).to.deep.equal(["ab", "abc"]);
    });
  });

  describe("indexes", () => {
    let TableName: string;
    const item = (word: string, count?: number, more: Item = {}): Item => ({
      team: { S: "T1" },
      word: { S: word },
      ...(count === undefined ? {} : { kind: { S: "word" }, count: { N: String(count) } }),
      ...more,
    });

    before(async () => {
      TableName = await database.createTable(words);
      await put(TableName, [item("one", 1, { color: { S: "red" }, note: { S: "x" } }), item("two", 2), item("ten", 10), item("unkind")]);
    });

    const byKind = (IndexName: string, more: Partial<QueryCommandInput> = {}) =>
      queryAll({ TableName, IndexName, KeyConditionExpression: "kind = :k", ExpressionAttributeValues: { ":k": { S: "word" } }, ...more });

    it("omits items without the index's keys", async () => {
      expect((await byKind("byKind", { ScanIndexForward: false })).items.map(({ word }) => word!.S)).to.deep.equal(["ten", "two", "one"]);
    });

    it("projects", async () => {
      const attributes = async (index: string) =>
        Object.keys((await byKind(index)).items.find(({ word }) => word!.S === "one")!).sort((a, b) => (a < b ? -1 : 1));
      expect(await attributes("byKind")).to.deep.equal(["color", "count", "kind", "note", "team", "word"]);
      expect(await attributes("keysOnly")).to.deep.equal(["kind", "team", "word"]);
      expect(await attributes("some")).to.deep.equal(["color", "kind", "team", "word"]);
    });

    it("updates and deletes an entry with its item", async () => {
      const update = (UpdateExpression: string, values?: Item) =>
        client.send(
          new UpdateItemCommand({
            TableName,
            Key: { team: { S: "T1" }, word: { S: "moving" } },
            UpdateExpression,
            ExpressionAttributeNames: UpdateExpression.includes("#c") ? { "#c": "count" } : undefined,
            ExpressionAttributeValues: values,
          }),
        );
      const order = async () => (await byKind("byKind")).items.map(({ word }) => word!.S);
      await update("SET kind = :k, #c = :c", { ":k": { S: "word" }, ":c": { N: "5" } });
      expect(await order()).to.deep.equal(["one", "two", "moving", "ten"]);
      await update("ADD #c :c", { ":c": { N: "6" } });
      expect(await order()).to.deep.equal(["one", "two", "ten", "moving"]);
      await update("REMOVE kind");
      expect(await order()).to.deep.equal(["one", "two", "ten"]);
    });

    it("queries a local index, whole items too", async () => {
      const byCount = {
        TableName,
        IndexName: "byCount",
        KeyConditionExpression: "team = :t",
        ExpressionAttributeValues: { ":t": { S: "T1" } },
      };
      const keys = await queryAll(byCount);
      expect(keys.items.map(item => Object.keys(item).length)).to.deep.equal([3, 3, 3, 3]);
      const whole = await queryAll({ ...byCount, Select: "ALL_ATTRIBUTES", ConsistentRead: true });
      expect(whole.items[0]).to.deep.equal(item("one", 1, { color: { S: "red" }, note: { S: "x" } }));
    });

    it("refuses a key of the wrong type or without value for an index", async () => {
      for (const kind of [{ N: "1" }, { S: "" }]) {
        const refusal = await refusalOf(client.send(new PutItemCommand({ TableName, Item: { ...item("bad"), kind } as Item })));
        expect(refusal.name).to.equal("ValidationException");
      }
    });

    it("pages through many items with equal index keys without losing any", async () => {
      const many = Array.from({ length: 120 }, (_, index) => ({
        team: { S: `T${index % 7}` },
        word: { S: `w${index}` },
        kind: { S: "equal" },
        count: { N: "1" },
      }));
      await put(TableName, many);
      for (const ScanIndexForward of [true, false]) {
        const { items, pages } = await byKind("byKind", {
          ExpressionAttributeValues: { ":k": { S: "equal" } },
          Limit: 9,
          ScanIndexForward,
        });
        expect(new Set(items.map(({ word }) => word!.S)).size).to.equal(120);
        expect(items).to.have.length(120);
        expect(pages).to.be.greaterThan(13);
      }
    });
  });

  it("filters, projects and counts", async () => {
    const TableName = await database.createTable(hashAndRange("N"));
    await put(
      TableName,
      Array.from({ length: 10 }, (_, at) => ({
        id: { S: "one" },
        at: { N: String(at) },
        odd: { BOOL: at % 2 === 1 },
        deep: { M: { x: { S: "y" } } },
      })),
    );
    const input = {
      TableName,
      KeyConditionExpression: "id = :id",
      FilterExpression: "odd = :yes",
      ExpressionAttributeValues: { ":id": { S: "one" }, ":yes": { BOOL: true as const } },
    };
    const page = await client.send(
      new QueryCommand({ ...input, Limit: 4, ProjectionExpression: "#at, deep.x", ExpressionAttributeNames: { "#at": "at" } }),
    );
    expect(page.Items).to.deep.equal([
      { at: { N: "1" }, deep: { M: { x: { S: "y" } } } },
      { at: { N: "3" }, deep: { M: { x: { S: "y" } } } },
    ]);
    expect([page.Count, page.ScannedCount]).to.deep.equal([2, 4]);
    expect(page.LastEvaluatedKey).to.deep.equal({ id: { S: "one" }, at: { N: "3" } });
    const count = await client.send(new QueryCommand({ ...input, Select: "COUNT" }));
    expect([count.Count, count.ScannedCount, count.Items]).to.deep.equal([5, 10, undefined]);
  });

  it("ends a page after 1 MB", async () => {
    const TableName = await database.createTable(hashAndRange("N"));
    await put(
      TableName,
      Array.from({ length: 8 }, (_, at) => ({ id: { S: "one" }, at: { N: String(at) }, text: { S: "x".repeat(200_000) } })),
    );
    const input = { TableName, KeyConditionExpression: "id = :id", ExpressionAttributeValues: { ":id": { S: "one" } } };
    const first = await client.send(new QueryCommand(input));
    expect(first.Items).to.have.length(6);
    expect((await queryAll(input)).items).to.have.length(8);
  });

  it("scans everything, in pages and in segments", async () => {
    const TableName = await database.createTable(hashAndRange("N"));
    const items = Array.from({ length: 60 }, (_, at) => ({ id: { S: `p${at % 20}` }, at: { N: String(at) } }));
    await put(TableName, items);
    const scanned: Item[] = [];
    for (const Segment of [0, 1, 2]) {
      let ExclusiveStartKey: Item | undefined;
      do {
        const page = await client.send(new ScanCommand({ TableName, TotalSegments: 3, Segment, Limit: 7, ExclusiveStartKey }));
        scanned.push(...(page.Items ?? []));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey !== undefined);
    }
    expect(scanned.map(({ at }) => Number(at!.N)).sort((a, b) => a - b)).to.deep.equal(items.map(({ at }) => Number(at.N)));
  });

  it("refuses an invalid query", async () => {
    const TableName = await database.createTable(hashAndRange("N"));
    const query = (input: Partial<QueryCommandInput>) => refusalOf(client.send(new QueryCommand({ TableName, ...input })));
    const values = { ":id": { S: "one" } };
    const byId = { KeyConditionExpression: "id = :id", ExpressionAttributeValues: values };
    expect((await query({})).name).to.equal("ValidationException");
    expect((await query({ ...byId, IndexName: "none" })).message).to.include("index");
    expect((await query({ KeyConditionExpression: "id <> :id", ExpressionAttributeValues: values })).name).to.equal("ValidationException");
    expect((await query({ ...byId, ExclusiveStartKey: { id: { S: "one" } } })).message).to.match(/start(ing)? key/i);
  });

  describe("parameters of a read", () => {
    let TableName: string;
    before(async () => {
      TableName = await database.createTable(words);
      await put(TableName, [{ team: { S: "T1" }, word: { S: "one" }, kind: { S: "word" }, count: { N: "1" } }]);
    });

    const byTeam = (team: AttributeValue) => ({ KeyConditionExpression: "team = :t", ExpressionAttributeValues: { ":t": team } });
    const T1 = byTeam({ S: "T1" });
    const byKind = { IndexName: "byKind", KeyConditionExpression: "kind = :k", ExpressionAttributeValues: { ":k": { S: "word" } } };
    const query = (input: Partial<QueryCommandInput>) => client.send(new QueryCommand({ TableName, ...input }));
    const scan = (input: Partial<ScanCommandInput>) => client.send(new ScanCommand({ TableName, ...input }));

    it("accepts consistent reads of a table and a local index, and refuses them for a global index", async () => {
      for (const ConsistentRead of [true, false]) {
        expect((await scan({ ConsistentRead })).Count).to.equal(1);
        expect((await scan({ ConsistentRead, IndexName: "byCount" })).Count).to.equal(1);
      }
      for (const call of [scan({ IndexName: "byKind", ConsistentRead: true }), query({ ...byKind, ConsistentRead: true })])
        expect(await refusalOf(call)).to.include({
          name: "ValidationException",
          message: "Consistent reads are not supported on global secondary indexes",
        });
      expect((await scan({ IndexName: "byKind", ConsistentRead: false })).Count).to.equal(1);
    });

    const specific = "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES";
    const projected = "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName";
    const emptyKey = "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty";
    const refusals: [what: string, call: () => Promise<unknown>, message: string][] = [
      ["a scan for SPECIFIC_ATTRIBUTES that names none", () => scan({ Select: "SPECIFIC_ATTRIBUTES" }), specific],
      [
        "a query for SPECIFIC_ATTRIBUTES that names none",
        () => query({ ...T1, Select: "SPECIFIC_ATTRIBUTES" }),
        `1 validation error detected: ${specific}`,
      ],
      ["a scan for ALL_PROJECTED_ATTRIBUTES without an index", () => scan({ Select: "ALL_PROJECTED_ATTRIBUTES" }), projected],
      ["a query for ALL_PROJECTED_ATTRIBUTES without an index", () => query({ ...T1, Select: "ALL_PROJECTED_ATTRIBUTES" }), projected],
      [
        "a projection of ALL_ATTRIBUTES",
        () => scan({ Select: "ALL_ATTRIBUTES", ProjectionExpression: "word" }),
        "Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES",
      ],
      [
        "a projection of ALL_PROJECTED_ATTRIBUTES",
        () => query({ ...byKind, Select: "ALL_PROJECTED_ATTRIBUTES", AttributesToGet: ["word"] }),
        "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributesToGet} Expression parameters: {KeyConditionExpression}",
      ],
      [
        "a projection of a count",
        () => query({ ...T1, Select: "COUNT", ProjectionExpression: "word" }),
        "Cannot specify the ProjectionExpression when choosing to get only the Count",
      ],
      [
        "attributes of a count",
        () => scan({ Select: "COUNT", AttributesToGet: ["word"] }),
        "Cannot specify the AttributesToGet when choosing to get only the Count",
      ],
      [
        "segment 0 of an unknown number",
        () => scan({ Segment: 0 }),
        "The TotalSegments parameter is required but was not present in the request when Segment parameter is present",
      ],
      [
        "more than a million segments",
        () => scan({ Segment: 0, TotalSegments: 1_000_001 }),
        "1 validation error detected: Value '1000001' at 'totalSegments' failed to satisfy constraint: Member must have value less than or equal to 1000000",
      ],
      [
        "a filter of more than 4 KB",
        () => scan({ FilterExpression: "attribute_exists(note) OR ".repeat(158) + "attribute_exists(note)" }),
        "Invalid FilterExpression: Expression size has exceeded the maximum allowed size; expression size: 4130",
      ],
      ["an empty partition key", () => query(byTeam({ S: "" })), `${emptyKey} string value. Key: team`],
      [
        "an empty sort key",
        () =>
          query({
            KeyConditionExpression: "team = :t AND word = :w",
            ExpressionAttributeValues: { ":t": { S: "T1" }, ":w": { S: "" } },
          }),
        `${emptyKey} string value. Key: word`,
      ],
      [
        "an empty key of an index",
        () => query({ ...byKind, ExpressionAttributeValues: { ":k": { S: "" } } }),
        `${emptyKey} string value. Key: kind`,
      ],
    ];
    for (const [what, call, message] of refusals) {
      it(`refuses ${what}`, async () => expect(await refusalOf(call())).to.include({ name: "ValidationException", message }));
    }

    it("accepts each value of Select where it is allowed", async () => {
      expect((await query({ ...byKind, Select: "ALL_PROJECTED_ATTRIBUTES" })).Count).to.equal(1);
      expect((await query({ ...T1, Select: "SPECIFIC_ATTRIBUTES", ProjectionExpression: "word" })).Items).to.deep.equal([
        { word: { S: "one" } },
      ]);
    });
  });
});
