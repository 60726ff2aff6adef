import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type ReturnValue,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import { hashAndRange, hashOnly, openDatabase, refusalOf, type TestDatabase } from "./database";

describe("dynamodb items", () => {
  let database: TestDatabase;
  let client: DynamoDBClient;
  let TableName: string;

  before(async () => {
    database = await openDatabase();
    client = database.client;
    TableName = await database.createTable(hashOnly);
  });
  after(() => database.stop());

  const get = async (id: string) => (await client.send(new GetItemCommand({ TableName, Key: { id: { S: id } } }))).Item;

  it("returns values of every type unchanged", async () => {
    const Item = {
      id: { S: "types" },
      text: { S: "é 你好 🎉" },
      empty: { S: "" },
      number: { N: "-12345678901234567890123456789012345678" },
      bytes: { B: Uint8Array.of(0, 255, 128) },
      yes: { BOOL: true },
      nothing: { NULL: true as const },
      texts: { SS: ["a", "b"] },
      list: { L: [{ S: "x" }, { M: { deep: { N: "1" } } }] },
      map: { M: { constructor: { N: "2" }, "a b": { S: "c" } } },
    };
    await client.send(new PutItemCommand({ TableName, Item }));
    expect(await get("types")).to.deep.equal(Item);
  });

  it("accepts __proto__ as a value, and never loses it as a name", async () => {
    const names = JSON.parse('{"__proto__": {"N": "1"}, "toString": {"N": "2"}}');
    const put = (id: string, words: Record<string, { N: string }>) =>
      client.send(new PutItemCommand({ TableName, Item: { id: { S: id }, text: { S: '"__proto__":' }, words: { M: words } } }));
    await put("__proto__", { toString: { N: "2" } });
    expect((await get("__proto__"))?.["text"]).to.deep.equal({ S: '"__proto__":' });
    const outcome = await put("named", names).then(
      async () => JSON.stringify((await get("named"))?.["words"]),
      error => error.message,
    );
    expect(outcome).to.include("__proto__");
  });

  it("returns nothing for a missing item", async () => {
    expect(await get("nobody")).to.equal(undefined);
  });

  it("normalises numbers", async () => {
    await client.send(new PutItemCommand({ TableName, Item: { id: { S: "number" }, n: { N: "007.50" } } }));
    expect(await get("number")).to.deep.equal({ id: { S: "number" }, n: { N: "7.5" } });
  });

  it("adds to counters and sets, starting from nothing", async () => {
    const update = () =>
      client.send(
        new UpdateItemCommand({
          TableName,
          Key: { id: { S: "counter" } },
          UpdateExpression: "ADD #n :one, tags :tags SET since = if_not_exists(since, :first) REMOVE pending",
          ExpressionAttributeNames: { "#n": "count" },
          ExpressionAttributeValues: { ":one": { N: "1" }, ":tags": { SS: ["a"] }, ":first": { S: "now" } },
          ReturnValues: "ALL_NEW",
        }),
      );
    await update();
    const { Attributes } = await update();
    expect(Attributes).to.deep.equal({ id: { S: "counter" }, count: { N: "2" }, tags: { SS: ["a"] }, since: { S: "now" } });
  });

  it("counts every one of many concurrent updates", async () => {
    const update = () =>
      client.send(
        new UpdateItemCommand({
          TableName,
          Key: { id: { S: "crowd" } },
          UpdateExpression: "ADD n :one",
          ExpressionAttributeValues: { ":one": { N: "1" } },
        }),
      );
    await Promise.all(Array.from({ length: 100 }, update));
    expect((await get("crowd"))?.["n"]).to.deep.equal({ N: "100" });
  });

  it("returns the old item of a put and a delete", async () => {
    const old = { id: { S: "old" }, v: { N: "1" } };
    await client.send(new PutItemCommand({ TableName, Item: old }));
    const put = await client.send(new PutItemCommand({ TableName, Item: { id: { S: "old" }, v: { N: "2" } }, ReturnValues: "ALL_OLD" }));
    const deleted = await client.send(new DeleteItemCommand({ TableName, Key: { id: { S: "old" } }, ReturnValues: "ALL_OLD" }));
    expect(put.Attributes).to.deep.equal(old);
    expect(deleted.Attributes).to.deep.equal({ id: { S: "old" }, v: { N: "2" } });
    expect(await get("old")).to.equal(undefined);
  });

  it("returns no attributes if there are none", async () => {
    const Key = { id: { S: "unrefusal" } };
    const update = (UpdateExpression: string, ReturnValues: ReturnValue, values?: Record<string, AttributeValue>) =>
      client.send(new UpdateItemCommand({ TableName, Key, UpdateExpression, ReturnValues, ExpressionAttributeValues: values }));
    const answers = [
      await update("SET a = :a", "UPDATED_OLD", { ":a": { N: "1" } }),
      await update("SET b = :b", "UPDATED_OLD", { ":b": { N: "1" } }),
      await update("REMOVE b", "UPDATED_NEW"),
      await update("REMOVE gone", "UPDATED_NEW"),
      await client.send(new DeleteItemCommand({ TableName, Key: { id: { S: "nobody" } }, ReturnValues: "ALL_OLD" })),
      await client.send(new PutItemCommand({ TableName, Item: { id: { S: "fresh" } }, ReturnValues: "ALL_OLD" })),
    ];
    expect(answers.map(({ Attributes }) => Attributes)).to.deep.equal(answers.map(() => undefined));
    expect((await update("SET a = a + :a", "UPDATED_NEW", { ":a": { N: "1" } })).Attributes).to.deep.equal({ a: { N: "2" } });
  });

  describe("sums", () => {
    const set = (value: string) =>
      client.send(
        new UpdateItemCommand({
          TableName,
          Key: { id: { S: "sums" } },
          UpdateExpression: `SET a = ${value}`,
          ExpressionAttributeValues: { ":five": { N: "5" }, ":two": { N: "2" } },
          ReturnValues: "UPDATED_NEW",
        }),
      );
    beforeEach(() => client.send(new PutItemCommand({ TableName, Item: { id: { S: "sums" }, a: { N: "10" } } })));

    const sums: [value: string, sum: string][] = [
      ["(if_not_exists(a, :two)) + (:five), b = :two", "15"],
      ["(a)-:five, b = (:two)", "5"],
      ["a + (:five), b = :two", "15"],
      ["(a + :five), b = (:five) - :two", "15"],
      ["((a) + (:five)), b = :two", "15"],
    ];
    for (const [value, sum] of sums) {
      it(`accepts SET a = ${value}`, async () => expect((await set(value)).Attributes?.["a"]).to.deep.equal({ N: sum }));
    }

    for (const value of ["(a + :five) + :two", "a + :five + :two", "(a + :five", "a) + :five, b = :two", "(a, :five) + :two"]) {
      it(`refuses SET a = ${value}`, async () => expect((await refusalOf(set(value))).message).to.include("Invalid UpdateExpression"));
    }
  });

  describe("updates", () => {
    const update = async (UpdateExpression: string, values?: Record<string, AttributeValue>) => {
      const Item = {
        id: { S: "updates" },
        n: { N: "1" },
        letters: { L: ["a", "b", "c", "d"].map(S => ({ S })) },
        tree: { M: { n: { N: "5" } } },
        nested: { L: [{ S: "x" }, { L: [{ S: "y" }, { S: "z" }] }] },
      };
      await client.send(new PutItemCommand({ TableName, Item }));
      const Key = { id: Item.id };
      await client.send(new UpdateItemCommand({ TableName, Key, UpdateExpression, ExpressionAttributeValues: values }));
      return await get("updates");
    };

    it("removes elements of a list by their positions before the update", async () => {
      expect((await update("REMOVE letters[0], letters[2]"))?.["letters"]).to.deep.equal({ L: [{ S: "b" }, { S: "d" }] });
      expect((await update("REMOVE letters[0] SET letters[1] = :x", { ":x": { S: "x" } }))?.["letters"]).to.deep.equal({
        L: [{ S: "x" }, { S: "c" }, { S: "d" }],
      });
      expect((await update("REMOVE nested[0], nested[1][0]"))?.["nested"]).to.deep.equal({ L: [{ L: [{ S: "z" }] }] });
    });

    it("copies values as they are before the update", async () => {
      expect(await update("SET twin = n, former = tree ADD n :two, tree.n :two", { ":two": { N: "2" } })).to.deep.include({
        ...{ twin: { N: "1" }, n: { N: "3" }, former: { M: { n: { N: "5" } } }, tree: { M: { n: { N: "7" } } } },
      });
      expect(await update("SET twin = if_not_exists(letters, :none) REMOVE letters[1]", { ":none": { L: [] } })).to.deep.include({
        ...{ twin: { L: [{ S: "a" }, { S: "b" }, { S: "c" }, { S: "d" }] }, letters: { L: [{ S: "a" }, { S: "c" }, { S: "d" }] } },
      });
    });

    it("refuses a sum that is not a valid number, and a value that becomes too deep", async () => {
      const deep = (levels: number): AttributeValue => (levels === 0 ? { S: "x" } : { M: { a: deep(levels - 1) } });
      const cases: [expression: string, value: AttributeValue, message: string][] = [
        ["SET n = n + :v", { N: "1e38" }, "38 significant digits"],
        ["ADD n :v", { N: "1e38" }, "38 significant digits"],
        ["SET tree.deep = :v", deep(32), "Nesting Levels have exceeded supported limits"],
      ];
      for (const [expression, value, message] of cases) {
        expect((await refusalOf(update(expression, { ":v": value }))).message, expression).to.include(message);
      }
      await update("SET tree.deep = :v", { ":v": deep(31) });
    });
  });

  describe("conditions", () => {
    const Item = {
      id: { S: "condition" },
      v: { N: "1" },
      tree: { M: { a: { L: [{ S: "x" }] } } },
      tags: { SS: ["b", "a"] },
      wrong: { BOOL: false },
      blank: { S: "" },
    };
    before(() => client.send(new PutItemCommand({ TableName, Item })));

    const check = (ConditionExpression: string, values?: Record<string, object>) =>
      client.send(
        new UpdateItemCommand({
          TableName,
          Key: { id: { S: "condition" } },
          UpdateExpression: "SET seen = :seen",
          ConditionExpression,
          ExpressionAttributeValues: { ":seen": { BOOL: true }, ...(values as Record<string, { S: string }>) },
        }),
      );

    const cases: [string, Record<string, object> | undefined, boolean][] = [
      ["attribute_exists(id)", undefined, true],
      ["attribute_not_exists(id)", undefined, false],
      ["attribute_not_exists(toString)", undefined, true],
      ["v = :v", { ":v": { N: "1.0" } }, true],
      ["v = :v", { ":v": { S: "1" } }, false],
      ["gone = :v", { ":v": { N: "1" } }, false],
      ["gone <> :v", { ":v": { N: "1" } }, true],
      ["gone < :v", { ":v": { N: "1" } }, false],
      ["v BETWEEN :low AND :high", { ":low": { N: "0" }, ":high": { N: "1" } }, true],
      ["v IN (:a, :b)", { ":a": { N: "2" }, ":b": { N: "1" } }, true],
      ["attribute_type(v, :t)", { ":t": { S: "N" } }, true],
      ["begins_with(id, :p)", { ":p": { S: "cond" } }, true],
      ["contains(tags, :a)", { ":a": { S: "a" } }, true],
      ["size(tags) = :two", { ":two": { N: "2" } }, true],
      ["tags = :tags", { ":tags": { SS: ["a", "b"] } }, true],
      ["tree.a[0] = :x", { ":x": { S: "x" } }, true],
      ["tree = :map", { ":map": { M: { a: { L: [{ S: "x" }] } } } }, true],
      ["tree.a = :list", { ":list": { L: [{ S: "y" }] } }, false],
      ["tree.a[0] IN (:y, :x)", { ":y": { S: "y" }, ":x": { S: "x" } }, true],
      ["contains(tree.a, :x)", { ":x": { S: "x" } }, true],
      ["contains(id, :x)", { ":x": { S: "diti" } }, true],
      ["wrong = :no AND attribute_type(wrong, :bool) AND wrong IN (:no)", { ":no": { BOOL: false }, ":bool": { S: "BOOL" } }, true],
      ["size(blank) = :zero", { ":zero": { N: "0" } }, true],
      ["v > :text", { ":text": { S: "0" } }, false],
      ["tree <> :map", { ":map": { M: { a: { L: [{ S: "x" }] } } } }, false],
      ["NOT (v > :v AND attribute_exists(id)) OR v = :v", { ":v": { N: "5" } }, true],
    ];
    for (const [expression, values, holds] of cases) {
      it(`${holds ? "accepts" : "refuses"} ${expression} ${JSON.stringify(values ?? {})}`, async () => {
        const code = await check(expression, values).then(
          () => undefined,
          error => error.name,
        );
        expect(code).to.equal(holds ? undefined : "ConditionalCheckFailedException");
      });
    }

    it("returns the item only if requested", async () => {
      const put = (asked?: "ALL_OLD" | "NONE") =>
        client.send(
          new PutItemCommand({
            TableName,
            Item: { id: { S: "condition" } },
            ConditionExpression: "attribute_not_exists(id)",
            ReturnValuesOnConditionCheckFailure: asked,
          }),
        );
      const refusal = await refusalOf(put("ALL_OLD"));
      expect(refusal.name).to.equal("ConditionalCheckFailedException");
      expect(refusal.Item?.["v"]).to.deep.equal({ N: "1" });
      expect((await refusalOf(put("NONE"))).Item).to.equal(undefined);
      expect((await refusalOf(put())).Item).to.equal(undefined);
    });
  });

  describe("refusals", () => {
    it("refuses more than 100 operands of IN", async () => {
      const check = (count: number) => {
        const ExpressionAttributeValues = Object.fromEntries(
          Array.from({ length: count }, (_, index) => [`:v${index}`, { N: `${index}` }]),
        );
        const ConditionExpression = `attribute_not_exists(id) OR NOT n IN (${Object.keys(ExpressionAttributeValues).join(", ")})`;
        return client.send(new PutItemCommand({ TableName, Item: { id: { S: "in" } }, ConditionExpression, ExpressionAttributeValues }));
      };
      await check(100);
      expect((await refusalOf(check(101))).message).to.include("The IN operator is provided with too many operands");
    });

    const put = (Item: Record<string, object>) =>
      client.send(new PutItemCommand({ TableName, Item: Item as Record<string, { S: string }> }));
    const cases: [string, Record<string, object>][] = [
      ["a missing key", { other: { S: "x" } }],
      ["a key of another type", { id: { N: "1" } }],
      ["an empty key", { id: { S: "" } }],
      ["a key of 2,049 bytes", { id: { S: "x".repeat(2049) } }],
      ["a key of 2,050 bytes in 1,025 characters", { id: { S: "é".repeat(1025) } }],
      ["an empty set", { id: { S: "a" }, set: { SS: [] } }],
      ["a doubled set member", { id: { S: "a" }, set: { SS: ["x", "x"] } }],
      ["39 digits", { id: { S: "a" }, n: { N: "1".repeat(39) } }],
      ["33 levels", { id: { S: "a" }, list: JSON.parse(`${'{"L":['.repeat(33)}{"S":"x"}${"]}".repeat(33)}`) }],
      ["no number", { id: { S: "a" }, n: { N: "one" } }],
      ["an item over 400 KB", { id: { S: "a" }, text: { S: "x".repeat(400 * 1024) } }],
      ["an item over 400 KB in fewer characters", { id: { S: "a" }, text: { S: "é".repeat(210_000) } }],
    ];
    for (const [what, Item] of cases) {
      it(`refuses ${what}`, async () => {
        expect((await refusalOf(put(Item))).name).to.equal("ValidationException");
      });
    }

    it("accepts the largest key and item", async () => {
      await put({ id: { S: "é".repeat(1024) }, text: { S: "x".repeat(400 * 1024 - 2048 - 6) } });
    });

    it("refuses an update beyond 400 KB and leaves the item", async () => {
      await put({ id: { S: "grown" }, text: { S: "x".repeat(300 * 1024) } });
      const grow = new UpdateItemCommand({
        TableName,
        Key: { id: { S: "grown" } },
        UpdateExpression: "SET more = :more",
        ExpressionAttributeValues: { ":more": { S: "é".repeat(60 * 1024) } },
      });
      expect((await refusalOf(client.send(grow))).name).to.equal("ValidationException");
      expect(Object.keys((await get("grown"))!)).to.have.members(["id", "text"]);
    });

    it("reports a missing table", async () => {
      const refusal = await refusalOf(client.send(new GetItemCommand({ TableName: "nowhere", Key: { id: { S: "a" } } })));
      expect(refusal.name).to.equal("ResourceNotFoundException");
    });

    it("reports an invalid expression", async () => {
      const update = new UpdateItemCommand({ TableName, Key: { id: { S: "a" } }, UpdateExpression: "SET count = :c" });
      expect((await refusalOf(client.send(update))).message).to.include("UpdateExpression");
    });
  });

  describe("a repeated expression", () => {
    const update = (UpdateExpression: string, values: Record<string, { N: string } | { S: string }>, ConditionExpression?: string) =>
      client.send(
        new UpdateItemCommand({
          TableName,
          Key: { id: { S: "again" } },
          UpdateExpression,
          ExpressionAttributeValues: values,
          ...(ConditionExpression === undefined ? {} : { ConditionExpression }),
        }),
      );

    it("uses the values of each request", async () => {
      for (const n of ["1", "2"]) {
        await update("SET n = :n, said = :said", { ":n": { N: n }, ":said": { S: `not ${n}` } });
        expect(await get("again")).to.deep.include({ n: { N: n }, said: { S: `not ${n}` } });
      }
    });

    for (const [what, expression, good, bad, condition] of [
      ["a value that it does not use", "SET m = :m", { ":m": { N: "1" } }, { ":m": { N: "1" }, ":unused": { N: "2" } }],
      ["a value of another type", "ADD m :m", { ":m": { N: "1" } }, { ":m": { S: "1" } }],
      [
        "bounds in the wrong order",
        "SET m = :m",
        { ":m": { N: "1" }, ":z": { N: "9" } },
        { ":m": { N: "1" }, ":z": { N: "0" } },
        "m BETWEEN :m AND :z",
      ],
    ] as const) {
      it(`is refused with ${what}`, async () => {
        await update(expression, good, condition);
        expect((await refusalOf(update(expression, bad, condition))).name).to.equal("ValidationException");
      });
    }
  });

  it("writes and reads in batches", async () => {
    const ranged = await database.createTable(hashAndRange("N"));
    const keys = Array.from({ length: 25 }, (_, at) => ({ id: { S: "batch" }, at: { N: String(at) } }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { [ranged]: keys.map(Item => ({ PutRequest: { Item } })) } }));
    await client.send(
      new BatchWriteItemCommand({
        RequestItems: { [ranged]: [{ DeleteRequest: { Key: keys[0]! } }, { PutRequest: { Item: { ...keys[1]!, v: { N: "1" } } } }] },
      }),
    );
    const { Responses } = await client.send(new BatchGetItemCommand({ RequestItems: { [ranged]: { Keys: keys } } }));
    expect(Responses?.[ranged]).to.have.length(24);
    expect(Responses?.[ranged]).to.deep.include({ id: { S: "batch" }, at: { N: "1" }, v: { N: "1" } });
  });

  it("refuses a request of a batch that both writes and deletes, or does neither", async () => {
    const both = { PutRequest: { Item: { id: { S: "both" } } }, DeleteRequest: { Key: { id: { S: "other" } } } };
    for (const request of [both, {}]) {
      const refusal = await refusalOf(client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: [request] } })));
      expect(refusal.name).to.equal("ValidationException");
    }
  });

  it("refuses a batch that names an item twice, and writes none of it", async () => {
    const write = { PutRequest: { Item: { id: { S: "twice" } } } };
    const refusal = await refusalOf(client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: [write, write] } })));
    expect(refusal.message).to.include("duplicates");
    expect(await get("twice")).to.equal(undefined);
  });
});
