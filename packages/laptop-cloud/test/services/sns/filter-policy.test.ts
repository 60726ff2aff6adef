import { expect } from "chai";
import { AwsError } from "../../../src/kernel/aws-error";
import { parseFilterPolicy } from "../../../src/services/sns/filter-policy";

describe("sns filter policy", () => {
  it("matches keys that are missing or have a value", () => {
    const matches = parseFilterPolicy('{"replayTo": [{"exists": false}, "multiplier"]}', "MessageAttributes");
    expect([{}, { replayTo: "multiplier" }, { replayTo: "logger" }].map(matches)).to.deep.equal([true, true, false]);
  });

  it("matches nested keys of a body", () => {
    expect(parseFilterPolicy('{"data": {"user": ["U1"]}}', "MessageBody")({ data: { user: "U1" } })).to.equal(true);
  });

  describe("refuses", () => {
    const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);
    const cases: [title: string, text: string, scope: "MessageAttributes" | "MessageBody", reason: RegExp][] = [
      ["text that is not JSON", "{", "MessageBody", /failed to parse/],
      ["a list", "[]", "MessageBody", /not a JSON object/],
      ["an invalid pattern, in SNS's words", '{"a": []}', "MessageBody", /^Invalid parameter: FilterPolicy: Empty arrays/],
      ["a number over a billion", '{"a": [2000000000]}', "MessageBody", /between/],
      ["nested keys for attributes", '{"a": {"b": ["x"]}}', "MessageAttributes", /does not support nested/],
      [
        "nested keys for attributes within $or",
        '{"$or": [{"a": {"b": ["x"]}}, {"c": ["x"]}]}',
        "MessageAttributes",
        /does not support nested/,
      ],
      ["six keys", JSON.stringify(Object.fromEntries(numbers(6).map(n => [n, ["x"]]))), "MessageBody", /more than 5 keys/],
      ["151 combinations", JSON.stringify({ a: numbers(151) }), "MessageBody", /too complex/],
      ["152 combinations by depth", JSON.stringify({ a: { b: numbers(76) } }), "MessageBody", /too complex/],
      ["156 combinations of two keys", JSON.stringify({ a: numbers(13), b: numbers(12) }), "MessageBody", /too complex/],
      ["more than 256 KB", JSON.stringify({ a: ["x".repeat(262_144)] }), "MessageBody", /more than 262144 bytes/],
    ];
    for (const [title, text, scope, reason] of cases) {
      it(title, () => expect(() => parseFilterPolicy(text, scope)).to.throw(AwsError, reason));
    }
  });

  it("adds up the combinations of the branches of $or", () => {
    const policy = { $or: [{ a: Array.from({ length: 75 }, (_, n) => n) }, { b: Array.from({ length: 75 }, (_, n) => n) }] };
    expect(() => parseFilterPolicy(JSON.stringify(policy), "MessageBody")).not.to.throw();
  });
});
