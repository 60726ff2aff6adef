import { expect } from "chai";
import fc from "fast-check";
import { compilePattern, type Dialect, PatternError } from "../../../src/kernel/filter/pattern";

const dialect: Dialect = {
  operators: ["prefix", "suffix", "equals-ignore-case", "anything-but", "numeric", "cidr", "wildcard", "exists"],
  maxComparedNumber: 1000,
  maxExactNumber: 100,
};

const matches = (pattern: object, event: unknown) => compilePattern(pattern as Record<string, unknown>, dialect)(event);

describe("event pattern", () => {
  describe("matches", () => {
    const cases: [title: string, pattern: object, event: unknown, expected: boolean][] = [
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
      ["a missing key by exists: false beside a value", { to: [{ exists: false }, "x"] }, {}, true],
      ["exists: false, but the key is there", { a: [{ exists: false }] }, { a: "" }, false],
      ["exists only at leaves, not at objects", { a: [{ exists: true }] }, { a: { b: 1 } }, false],
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
      ["a wildcard", { a: [{ wildcard: "in/*.png" }] }, { a: "in/x/lunch.png" }, true],
      ["a wildcard up to the end", { a: [{ wildcard: "in/*.png" }] }, { a: "in/lunch.pngs" }, false],
      ["an escaped asterisk", { a: [{ wildcard: "a\\**" }] }, { a: "a*b" }, true],
      ["no other character for an escaped asterisk", { a: [{ wildcard: "a\\**" }] }, { a: "axb" }, false],
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
    for (const [title, pattern, event, expected] of cases) {
      it(`${title}: ${expected}`, () => expect(matches(pattern, event)).to.equal(expected));
    }

    it("a value exactly when the list contains it", () => {
      fc.assert(
        fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 20 }), fc.string(), (wanted, value) => {
          expect(matches({ a: wanted }, { a: value })).to.equal(wanted.includes(value));
          expect(matches({ a: [{ "anything-but": wanted }] }, { a: value })).to.equal(!wanted.includes(value));
        }),
      );
    });
  });

  describe("refuses", () => {
    const rules: [rule: unknown, reason: RegExp][] = [
      [{ like: "x" }, /Unrecognized match type like/],
      [{ prefix: "x", suffix: "y" }, /one key/],
      [{}, /one key/],
      [["x"], /one key/],
      ...["true", 1, null, []].map((operand): [object, RegExp] => [{ exists: operand }, /true or false/]),
      ...[5, true, null, ["x"], {}].flatMap(operand =>
        ["prefix", "suffix", "equals-ignore-case"].map((operator): [object, RegExp] => [{ [operator]: operand }, /must be a string/]),
      ),
      ...[[], null, true, [["a"]], [null], {}, { exists: true }, { numeric: ["=", 1] }, { prefix: "a", suffix: "b" }, { prefix: 5 }].map(
        (operand): [object, RegExp] => [{ "anything-but": operand }, /anything-but|Unrecognized|must be a string/],
      ),
      [{ numeric: ["!", 1] }, /range operator/],
      [{ numeric: ["constructor", 1] }, /range operator/],
      [{ numeric: ["=", "1"] }, /must be numeric/],
      ...[[], 5, {}, [">"], [">", 1, "<"], [">", 0, "<", 1, "=", 1]].map((operand): [object, RegExp] => [
        { numeric: operand },
        /numeric must have/,
      ]),
      ...[
        [">", 5, "<", 1],
        ["<", 1, ">", 5],
        [">=", 5, "<=", 5],
        ["=", 1, "<", 5],
      ].map((operand): [object, RegExp] => [{ numeric: operand }, /Bottom must be less/]),
      [{ numeric: ["=", 1001] }, /between -1000 and 1000/],
      [101, /between -100 and 100/],
      [{ "anything-but": 101 }, /between -100 and 100/],
      ...["10.0.0/24", "10.0.0.0/24/5", "10.0.0.0/33", "10.0.0.0", ["10.0.0.0/24"], 5].map((operand): [object, RegExp] => [
        { cidr: operand },
        /Malformed CIDR/,
      ]),
    ];
    for (const [rule, reason] of rules) {
      it(JSON.stringify(rule), () => expect(() => matches({ a: { b: [rule] } }, {})).to.throw(PatternError, reason));
    }

    const patterns: [pattern: object, reason: RegExp][] = [
      [{ a: "x" }, /a: "a" must be an object or an array/],
      [{ a: [] }, /a: Empty arrays/],
      [{ a: {} }, /a: Empty objects/],
      [{ a: { b: { c: [] } } }, /a\.b\.c: Empty arrays/],
      [{ $or: {} }, /Empty objects/],
      [{ $or: [] }, /Empty arrays/],
      [{ $or: [{ a: ["x"] }] }, /Unrecognized match type a/],
      [{ $or: [{ a: ["x"] }, { b: [] }] }, /\$or\[1\]\.b: Empty arrays/],
    ];
    for (const [pattern, reason] of patterns) {
      it(JSON.stringify(pattern), () => expect(() => matches(pattern, {})).to.throw(PatternError, reason));
    }

    it("an operator that the service does not have", () => {
      const withoutCidr: Dialect = { ...dialect, operators: ["prefix"] };
      expect(() => compilePattern({ a: [{ cidr: "10.0.0.0/8" }] }, withoutCidr)).to.throw(PatternError, /match type cidr/);
    });
  });
});
