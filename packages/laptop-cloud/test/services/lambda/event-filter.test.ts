import { expect } from "chai";
import { PatternError } from "../../../src/kernel/filter/pattern";
import { compileEventFilter } from "../../../src/services/lambda/event-filter";

describe("lambda event filter", () => {
  const record = { body: { kind: "order", count: 5 }, attributes: { SenderId: "AIDA" } };

  const cases: [pattern: object, passes: boolean][] = [
    [{}, true],
    [{ body: { kind: ["order"], count: [{ numeric: [">", 4] }] } }, true],
    [{ body: { kind: ["order"], count: [6] } }, false],
    [{ attributes: { SenderId: ["AIDA"] } }, true],
  ];
  for (const [pattern, passes] of cases) {
    it(`${passes ? "passes" : "holds back"} a record by ${JSON.stringify(pattern)}`, () => {
      expect(compileEventFilter(JSON.stringify(pattern))(record)).to.equal(passes);
    });
  }

  it("accepts exact numbers of any size", () => {
    expect(compileEventFilter('{"body":{"atMs":[1700000000000]}}')({ body: { atMs: 1_700_000_000_000 } })).to.equal(true);
  });

  const refused: [pattern: string, reason: RegExp][] = [
    ["{", /not JSON/],
    ["[]", /not a JSON object/],
    ['["order"]', /not a JSON object/],
    ['{"body":{"kind":[]}}', /body\.kind: Empty arrays/],
    ['{"body":{"ip":[{"cidr":"10.0.0.0/8"}]}}', /Unrecognized match type cidr/],
    ['{"body":{"n":[{"numeric":["=",5000000001]}]}}', /between/],
  ];
  for (const [pattern, reason] of refused) {
    it(`refuses ${pattern}`, () => expect(() => compileEventFilter(pattern)).to.throw(PatternError, reason));
  }
});
