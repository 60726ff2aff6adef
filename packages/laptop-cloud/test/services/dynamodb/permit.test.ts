import { expect } from "chai";
import sinon from "sinon";
import type { Call } from "../../../src/kernel/service";
import type { Item } from "../../../src/services/dynamodb/attribute-value";
import { type Engine, permit } from "../../../src/services/dynamodb/engine";

describe("dynamodb leading keys", () => {
  const description = {
    KeySchema: [{ AttributeName: "team", KeyType: "HASH" }],
    GlobalSecondaryIndexes: [{ IndexName: "byKind", KeySchema: [{ AttributeName: "kind", KeyType: "HASH" }] }],
  };
  const table = { description };
  const engine = {
    tables: { get: () => table, find: () => table },
    place: { region: "us-east-1", account: "000000000000" },
  } as unknown as Engine;

  const contextOf = (wanted: Parameters<typeof permit>[3]) => {
    const authorize = sinon.spy();
    permit(engine, { authorize } as unknown as Call, "GetItem", wanted);
    return authorize.firstCall.args[2];
  };

  it("are the partition keys of the items, each once", () => {
    const keys: Item[] = [{ team: { S: "T1" } }, { team: { S: "T2" } }, { team: { S: "T1" }, other: { S: "x" } }];
    expect(contextOf({ table: "words", keys })).to.deep.equal({ context: { "dynamodb:LeadingKeys": ["T1", "T2"] } });
  });

  it("are those of the index if an index is read", () => {
    const keys = [{ team: { S: "T1" }, kind: { N: "7" } }];
    expect(contextOf({ table: "words", index: "byKind", keys })).to.deep.equal({ context: { "dynamodb:LeadingKeys": ["7"] } });
  });

  it("are absent if no item is named", () => {
    expect(contextOf({ table: "words" })).to.deep.equal({});
  });
});
