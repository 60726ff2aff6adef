import { type BatchGetItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { NotDurable } from "#core/errors";
import { batchGet } from "#stores/batch-get";

describe("batch-get", () => {
  const keyOf = (id: number) => ({ id: { N: String(id) } });
  const keys = (count: number) => Array.from({ length: count }, (_, id) => keyOf(id));
  const rows = (count: number) => Array.from({ length: count }, (_, id) => ({ id }));

  /** A table with an item for each key. Leaves the keys returned by `leave` unprocessed. */
  const make = (leave: (asked: ReturnType<typeof keyOf>[], call: number) => ReturnType<typeof keyOf>[] = () => []) => {
    const client = new DynamoDBClient({ region: "us-east-1" });
    const asked: Record<string, unknown>[] = [];
    sinon.stub(client, "send").callsFake(async (command: unknown) => {
      const [wanted] = Object.values((command as BatchGetItemCommand).input.RequestItems!);
      asked.push({ ...wanted });
      const left = leave(wanted!.Keys as ReturnType<typeof keyOf>[], asked.length);
      const Responses = { words: wanted!.Keys!.filter(key => !left.includes(key as ReturnType<typeof keyOf>)) };
      return { Responses, UnprocessedKeys: left.length === 0 ? {} : { words: { ...wanted, Keys: left } } };
    });
    return { client, asked };
  };
  const read = (client: DynamoDBClient, count: number, ms = 5000) =>
    batchGet({ client, name: "words" }, rows(count), ["word", "count"], new Deadline(ms));

  it("reads strongly consistent, and uses placeholders in case an attribute is a reserved word", async () => {
    const { client, asked } = make();
    expect(await read(client, 1)).to.deep.equal(rows(1));
    expect(asked).to.deep.equal([
      {
        Keys: [keyOf(0)],
        ConsistentRead: true,
        ProjectionExpression: "#a0, #a1",
        ExpressionAttributeNames: { "#a0": "word", "#a1": "count" },
      },
    ]);
  });

  it("requests a hundred keys at a time, and sends no request without keys", async () => {
    const { client, asked } = make();
    expect(await read(client, 250)).to.have.length(250);
    expect(asked.map(({ Keys }) => (Keys as unknown[]).length)).to.have.members([100, 100, 50]);
    expect(await read(client, 0)).to.deep.equal([]);
    expect(asked).to.have.length(3);
  });

  it("requests only the unprocessed keys again", async () => {
    const { client, asked } = make((wanted, call) => (call === 1 ? wanted.slice(1) : []));
    expect(await read(client, 3)).to.have.deep.members(rows(3));
    expect(asked.map(({ Keys }) => Keys)).to.deep.equal([keys(3), keys(3).slice(1)]);
  });

  it("throws NotDurable when keys stay unprocessed until the deadline", async () => {
    const { client } = make(wanted => wanted);
    expect(await rejectionOf(read(client, 1, 300))).to.be.instanceOf(NotDurable);
  });
});
