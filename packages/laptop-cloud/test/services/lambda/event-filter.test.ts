import { expect } from "chai";
import { compileEventFilter, PatternError } from "../../../src/services/lambda/event-filter";

describe("lambda event filter", () => {
  const record = { body: { kind: "order", count: 5, tags: ["a", "b"], note: null, open: true }, attributes: { SenderId: "AIDA" } };
  const cases: [pattern: object, passes: boolean][] = [
    [{}, true],
    [{ body: { kind: ["order", "refund"] } }, true],
    [{ body: { kind: ["refund"] } }, false],
    [{ body: { kind: ["order"], count: [6] } }, false],
    [{ body: { tags: ["b"] } }, true],
    [{ body: { note: [null], open: [true] } }, true],
    [{ body: { kind: [{ prefix: "or" }] } }, true],
    [{ body: { kind: [{ suffix: "er" }] } }, true],
    [{ body: { kind: [{ "equals-ignore-case": "ORDER" }] } }, true],
    [{ body: { kind: [{ "anything-but": ["order"] }] } }, false],
    [{ body: { kind: [{ "anything-but": { prefix: "x" } }] } }, true],
    [{ body: { missing: [{ "anything-but": "x" }] } }, false],
    [{ body: { count: [{ numeric: [">", 4, "<=", 5] }] } }, true],
    [{ body: { count: [{ numeric: ["=", 4] }] } }, false],
    [{ body: { kind: [{ exists: true }], missing: [{ exists: false }] } }, true],
    [{ body: { kind: [{ exists: false }] } }, false],
    [{ body: { $or: [{ kind: ["refund"] }, { count: [5] }] } }, true],
    [{ body: { $or: [{ kind: ["refund"] }, { count: [6] }] } }, false],
    [{ attributes: { SenderId: ["AIDA"] } }, true],
  ];
  for (const [pattern, passes] of cases) {
    it(`${passes ? "lets a record through" : "holds a record back"} by ${JSON.stringify(pattern)}`, () => {
      expect(compileEventFilter(JSON.stringify(pattern))(record)).to.equal(passes);
    });
  }

  const refused = [
    "{",
    '{"body":"order"}',
    '{"body":{"ip":[{"cidr":"10.0.0.0/8"}]}}',
    '{"body":{"n":[{"numeric":["~",1]}]}}',
    '{"$or":{}}',
    '{"$or":[]}',
    '{"body":{"$or":[{"a":["x"]}]}}',
    "[]",
    '["order"]',
    '{"body":{}}',
    '{"body":{"kind":[]}}',
    '{"body":{"kind":[["order"]]}}',
    '{"body":{"kind":[{}]}}',
    ...[5, true, null, ["a"], {}].flatMap(wanted =>
      ["prefix", "suffix", "equals-ignore-case"].map(rule => JSON.stringify({ body: { kind: [{ [rule]: wanted }] } })),
    ),
    ...["true", 1, null, []].map(wanted => JSON.stringify({ body: { kind: [{ exists: wanted }] } })),
    ...[[], null, true, [["a"]], [null], {}, { exists: true }, { numeric: ["=", 1] }, { prefix: "a", suffix: "b" }, { prefix: 5 }].map(
      wanted => JSON.stringify({ body: { kind: [{ "anything-but": wanted }] } }),
    ),
    ...[
      [],
      5,
      {},
      [">"],
      ["=", "1"],
      [">", 1, "<"],
      ["<", 1, ">", 5],
      [">", 5, "<", 1],
      [">=", 5, "<=", 5],
      ["=", 1, "<", 5],
      [">", 0, "<", 1, "=", 1],
      ["constructor", 1],
      ["=", 5_000_000_001],
    ].map(wanted => JSON.stringify({ body: { count: [{ numeric: wanted }] } })),
  ];
  for (const pattern of refused) {
    it(`refuses ${pattern}`, () => {
      expect(() => compileEventFilter(pattern)).to.throw(PatternError);
    });
  }
});
