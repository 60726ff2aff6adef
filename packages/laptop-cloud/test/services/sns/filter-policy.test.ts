import { expect } from "chai";
import fc from "fast-check";
import { AwsError } from "../../../src/kernel/aws-error";
import { parseFilterPolicy } from "../../../src/services/sns/filter-policy";

const lets = (policy: object, message: unknown, scope: "MessageAttributes" | "MessageBody" = "MessageBody") =>
  parseFilterPolicy(JSON.stringify(policy), scope)(message);

describe("filter policy", () => {
  describe("lets through", () => {
    const cases: [string, object, unknown, boolean][] = [
      ["an exact string", { door: ["webhook"] }, { door: "webhook" }, true],
      ["another string", { door: ["webhook"] }, { door: "events" }, false],
      ["one of several", { door: ["webhook", "events"] }, { door: "events" }, true],
      ["a missing key", { door: ["webhook"] }, {}, false],
      ["no number for a string", { n: ["1"] }, { n: 1 }, false],
      ["a number", { n: [1] }, { n: 1 }, true],
      ["a boolean", { b: [true] }, { b: true }, true],
      ["null", { x: [null] }, { x: null }, true],
      ["no missing key for null", { x: [null] }, {}, false],
      ["every key of the policy", { a: ["1"], b: ["2"] }, { a: "1", b: "2" }, true],
      ["not one key alone", { a: ["1"], b: ["2"] }, { a: "1" }, false],
      ["a list with one that fits", { a: ["x"] }, { a: ["y", "x"] }, true],
      ["exists", { a: [{ exists: true }] }, { a: "" }, true],
      ["exists, and it does not", { a: [{ exists: true }] }, {}, false],
      ["exists not", { a: [{ exists: false }] }, {}, true],
      ["exists not, or this name", { replayTo: [{ exists: false }, "multiplier"] }, { replayTo: "multiplier" }, true],
      ["exists not, or this name, and it is another", { replayTo: [{ exists: false }, "multiplier"] }, { replayTo: "logger" }, false],
      ["a prefix", { a: [{ prefix: "ab" }] }, { a: "abc" }, true],
      ["no prefix of a number", { a: [{ prefix: "1" }] }, { a: 12 }, false],
      ["a suffix", { a: [{ suffix: ".png" }] }, { a: "lunch.png" }, true],
      ["any case", { a: [{ "equals-ignore-case": "ÄB" }] }, { a: "äb" }, true],
      ["anything but a string", { a: [{ "anything-but": "x" }] }, { a: "y" }, true],
      ["anything but these", { a: [{ "anything-but": ["x", 1] }] }, { a: 1 }, false],
      ["anything but, and it is missing", { a: [{ "anything-but": "x" }] }, {}, false],
      ["anything but a prefix", { a: [{ "anything-but": { prefix: "x" } }] }, { a: "xy" }, false],
      ["a number in a range", { n: [{ numeric: [">", 0, "<=", 10] }] }, { n: 10 }, true],
      ["a number below a range", { n: [{ numeric: [">", 0, "<=", 10] }] }, { n: 0 }, false],
      ["an equal number", { n: [{ numeric: ["=", 1.5] }] }, { n: 1.5 }, true],
      ["an address", { ip: [{ cidr: "10.0.0.0/24" }] }, { ip: "10.0.0.255" }, true],
      ["an address elsewhere", { ip: [{ cidr: "10.0.0.0/24" }] }, { ip: "10.0.1.0" }, false],
      ["a nested key", { data: { user: ["U1"] } }, { data: { user: "U1" } }, true],
      ["a nested key that is missing", { data: { user: [{ exists: false }] } }, {}, true],
      ["one object of a list that fits whole", { f: { a: ["1"], b: ["2"] } }, { f: [{ a: "1" }, { a: "1", b: "2" }] }, true],
      ["no two objects that fit by halves", { f: { a: ["1"], b: ["2"] } }, { f: [{ a: "1" }, { b: "2" }] }, false],
      ["the first of $or", { $or: [{ a: ["1"] }, { b: ["2"] }] }, { a: "1" }, true],
      ["the second of $or", { $or: [{ a: ["1"] }, { b: ["2"] }] }, { b: "2" }, true],
      ["none of $or", { $or: [{ a: ["1"] }, { b: ["2"] }] }, { a: "2" }, false],
      ["$or beside a key", { c: ["3"], $or: [{ a: ["1"] }, { b: ["2"] }] }, { b: "2" }, false],
      ["a key named __proto__", JSON.parse('{"__proto__": ["x"]}'), JSON.parse('{"__proto__": "x"}'), true],
      ["no inherited key", { constructor: [{ exists: true }] }, {}, false],
    ];
    for (const [what, policy, message, expected] of cases) {
      it(`${what}: ${expected}`, () => expect(lets(policy, message)).to.equal(expected));
    }

    it("some one of a set exactly when the set has it", () => {
      fc.assert(
        fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 20 }), fc.string(), (wanted, value) => {
          expect(lets({ a: wanted }, { a: value })).to.equal(wanted.includes(value));
          expect(lets({ a: [{ "anything-but": wanted }] }, { a: value })).to.equal(!wanted.includes(value));
        }),
      );
    });
  });

  describe("refuses", () => {
    const cases: [string, string, "MessageAttributes" | "MessageBody", RegExp][] = [
      ["no JSON", "{", "MessageBody", /failed to parse/],
      ["a list", "[]", "MessageBody", /not a JSON object/],
      ["a bare value", '{"a": "x"}', "MessageBody", /must be an object or an array/],
      ["an empty list", '{"a": []}', "MessageBody", /Empty arrays/],
      ["an unknown matcher", '{"a": [{"like": "x"}]}', "MessageBody", /Unrecognized match type like/],
      ["two matchers in one", '{"a": [{"prefix": "x", "suffix": "y"}]}', "MessageBody", /one key/],
      ["exists of no boolean", '{"a": [{"exists": "yes"}]}', "MessageBody", /true or false/],
      ["a prefix of no string", '{"a": [{"prefix": 1}]}', "MessageBody", /must be a string/],
      ["numeric with an odd operator", '{"a": [{"numeric": ["!", 1]}]}', "MessageBody", /range operator/],
      ["numeric with a string", '{"a": [{"numeric": ["=", "1"]}]}', "MessageBody", /must be numeric/],
      ["an empty range", '{"a": [{"numeric": [">", 5, "<", 1]}]}', "MessageBody", /Bottom must be less/],
      ["a number over a billion", '{"a": [2000000000]}', "MessageBody", /between/],
      ["a malformed range of addresses", '{"a": [{"cidr": "10.0.0/24"}]}', "MessageBody", /CIDR/],
      ...['"10.0.0.0/24/5"', '"10.0.0.0/33"', '"10.0.0.0"', '["10.0.0.0/24"]', "5"].map((cidr): [string, string, "MessageBody", RegExp] => [
        `cidr ${cidr}`,
        `{"a": [{"cidr": ${cidr}}]}`,
        "MessageBody",
        /CIDR/,
      ]),
      ...["[]", "5", '[">"]', '["=", 1, "<", 5]', '[">=", 5, "<=", 5]', '["<", 1, ">", 5]', '[">", 1, "<"]', '["constructor", 1]'].map(
        (numeric): [string, string, "MessageBody", RegExp] => [
          `numeric ${numeric}`,
          `{"a": [{"numeric": ${numeric}}]}`,
          "MessageBody",
          /numeric|Bottom/,
        ],
      ),
      ...["[]", "null", "true", '[["a"]]', '{"exists": true}', '{"prefix": 5}', "{}"].map(
        (excluded): [string, string, "MessageBody", RegExp] => [
          `anything-but ${excluded}`,
          `{"a": [{"anything-but": ${excluded}}]}`,
          "MessageBody",
          /anything-but|prefix|Unrecognized/,
        ],
      ),
      ["nesting for attributes", '{"a": {"b": ["x"]}}', "MessageAttributes", /does not support nested/],
      ["six keys", JSON.stringify(Object.fromEntries([1, 2, 3, 4, 5, 6].map(n => [n, ["x"]]))), "MessageBody", /more than 5 keys/],
      ["151 combinations", JSON.stringify({ a: Array.from({ length: 151 }, (_, n) => n) }), "MessageBody", /too complex/],
    ];
    for (const [what, text, scope, reason] of cases) {
      it(what, () => expect(() => parseFilterPolicy(text, scope)).to.throw(AwsError, reason));
    }
  });
});
