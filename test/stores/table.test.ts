import { randomUUID } from "node:crypto";
import { ConditionalCheckFailedException, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { Table } from "#stores/table";
import { createTables, type Tables } from "../dynamodb-endpoint";

describe("table", () => {
  let tables: Tables;
  let table: Table;
  before(async () => {
    tables = await createTables();
    table = new Table(tables.client, tables.files);
  });
  after(() => tables.stop());
  afterEach(() => sinon.restore());

  const throttled = () => Object.assign(new Error("slow down"), { name: "ThrottlingException" });

  it("writes each type as DynamoDB's own type, without undefined attributes", async () => {
    const key = { tag: randomUUID(), posted: "1" };
    await table.put({
      ...key,
      empty: "",
      count: 1.5,
      on: false,
      none: null,
      gone: undefined,
      set: new Set(["a"]),
      list: ["b"],
      map: { c: 2 },
    });
    const Key = { tag: { S: key.tag }, posted: { S: "1" } };
    const { Item } = await tables.client.send(new GetItemCommand({ TableName: tables.files, Key }));
    expect(Item).to.deep.equal({
      ...Key,
      empty: { S: "" },
      count: { N: "1.5" },
      on: { BOOL: false },
      none: { NULL: true },
      set: { SS: ["a"] },
      list: { L: [{ S: "b" }] },
      map: { M: { c: { N: "2" } } },
    });
  });

  it("returns the row that failed a condition", async () => {
    const key = { tag: randomUUID(), posted: "1" };
    const request = { Item: { ...key, size: 3 }, ConditionExpression: "attribute_not_exists(tag)" };
    expect(await table.putIf(request)).to.deep.equal({ isWritten: true, row: undefined });
    expect(await table.putIf(request)).to.deep.equal({ isWritten: false, row: { ...key, size: 3 } });
    const deletion = { Key: key, ConditionExpression: "mimetype = :type", ExpressionAttributeValues: { ":type": "text/csv" } };
    expect(await table.deleteIf(deletion)).to.deep.equal({ isWritten: false, row: { ...key, size: 3 } });
    expect(await table.get(key)).to.deep.equal({ ...key, size: 3 });
  });

  it("throws when the condition of a plain update fails", async () => {
    const request = {
      Key: { tag: randomUUID(), posted: "1" },
      UpdateExpression: "SET channel = :channel",
      ConditionExpression: "attribute_exists(tag)",
      ExpressionAttributeValues: { ":channel": "C0001" },
    };
    expect(await rejectionOf(table.update(request))).to.be.instanceOf(ConditionalCheckFailedException);
  });

  it("retries a transient error until the deadline, and sends a call with a signal once", async () => {
    const key = { tag: randomUUID(), posted: "1" };
    const send = sinon.stub(tables.client, "send").callThrough();
    send.onFirstCall().rejects(throttled());
    expect(await table.get(key, new Deadline(5000))).to.equal(undefined);
    expect(send.callCount).to.equal(2);
    send.onThirdCall().rejects(throttled());
    expect(await rejectionOf(table.get(key, AbortSignal.timeout(5000)))).to.have.property("name", "ThrottlingException");
  });

  it("reads the next page only if the caller asks for more", async () => {
    const tag = randomUUID();
    for (const posted of ["1", "2", "3"]) await table.put({ tag, posted });
    const send = sinon.spy(tables.client, "send");
    const rows = table.queryAll<{ posted: string }>({
      KeyConditionExpression: "tag = :tag",
      ExpressionAttributeValues: { ":tag": tag },
      Limit: 1,
    });
    expect((await rows.next()).value).to.deep.equal({ tag, posted: "1" });
    expect(send.callCount).to.equal(1);
    const rest: string[] = [];
    for await (const { posted } of rows) rest.push(posted);
    expect(rest).to.deep.equal(["2", "3"]);
  });
});
