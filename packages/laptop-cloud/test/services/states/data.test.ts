import { expect } from "chai";
import fc from "fast-check";
import type { State } from "../../../src/kernel/state";
import { evaluate } from "../../../src/services/states/expression";
import { Failure } from "../../../src/services/states/failure";
import { Journal } from "../../../src/services/states/journal";
import type { Json } from "../../../src/services/states/json";
import { parseJsonPath, readPath, writePath } from "../../../src/services/states/json-path";
import { findCatcher, planRetry } from "../../../src/services/states/retry";

const read = (path: string, root: Json) => readPath(parseJsonPath(path), root);
const write = (path: string, root: Json, value: Json) => writePath(parseJsonPath(path), root, value);
const compute = (expression: string, input: Json = {}) => evaluate(expression, { input, context: {} });

describe("states data", () => {
  describe("paths", () => {
    const root = { a: { "b c": [10, 20, 30] }, "it's": 1, list: [{ n: 1 }, { n: 2 }] };
    const cases: [string, unknown][] = [
      ["$", root],
      ["$.a['b c'][0]", 10],
      ["$.a['b c'][-1]", 30],
      ["$['it\\'s']", 1],
      ["$.a['b c'][1:]", [20, 30]],
      ["$.a['b c'][::2]", [10, 30]],
      ["$.a['b c'][0,2]", [10, 30]],
      ["$.list[*].n", [1, 2]],
      ["$..n", [1, 2]],
      ["$.missing", undefined],
      ["$.missing[*]", []],
      ["$.constructor", undefined],
    ];
    for (const [path, value] of cases) {
      it(`reads ${path}`, () => {
        expect(read(path, root)).to.deep.equal(value);
      });
    }

    it("writes new and existing paths without changing the original", () => {
      const before = { a: { x: 1 }, list: [1, 2] };

      expect(write("$.a.y", before, 2)).to.deep.equal({ a: { x: 1, y: 2 }, list: [1, 2] });
      expect(write("$.new.place", before, 3)).to.deep.equal({ ...before, new: { place: 3 } });
      expect(write("$.list[1]", before, 9)).to.deep.equal({ a: { x: 1 }, list: [1, 9] });
      expect(write("$.list[7]", before, 9)).to.equal(undefined);
      expect(write("$.a.x.y", before, 9)).to.equal(undefined);
      expect(before).to.deep.equal({ a: { x: 1 }, list: [1, 2] });
    });

    it("reads what it wrote, whatever the name", () => {
      const name = fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "a.b", "'", '"', "]", "\\"));
      fc.assert(
        fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), fc.integer(), (names, value) => {
          const path = `$${names.map(part => `['${part.replace(/[\\']/g, "\\$&")}']`).join("")}`;

          expect(read(path, write(path, {}, value)!)).to.equal(value);
        }),
      );
      expect(({} as Record<string, unknown>)["polluted"]).to.equal(undefined);
    });
  });

  describe("intrinsic functions", () => {
    // Examples of "Intrinsics for JSONPath states in Step Functions".
    const cases: [string, Json, Json][] = [
      ["States.Format('Hello, my name is {}.', $.name)", { name: "Arnav" }, "Hello, my name is Arnav."],
      ["States.Format('It\\'s {}', 'fine')", {}, "It's fine"],
      ["States.ArrayPartition($, 4)", [1, 2, 3, 4, 5, 6, 7, 8, 9], [[1, 2, 3, 4], [5, 6, 7, 8], [9]]],
      ["States.ArrayRange(1, 9, 2)", {}, [1, 3, 5, 7, 9]],
      ["States.ArrayRange(5, 1, -2)", {}, [5, 3, 1]],
      ["States.StringSplit($, '.+,=')", "This.is+a,test=string", ["This", "is", "a", "test", "string"]],
      ["States.Hash('input data', 'SHA-1')", {}, "aaff4a450a104cd177d28d18d74485e8cae074b7"],
      ["States.MathAdd(111, -1)", {}, 110],
      ["States.JsonMerge($.one, $.two, false)", { one: { a: { a1: 1 }, b: 2 }, two: { a: { a3: 1 }, c: 3 } }, { a: { a3: 1 }, b: 2, c: 3 }],
      ["States.Base64Decode(States.Base64Encode('Grüße'))", {}, "Grüße"],
    ];
    for (const [expression, input, value] of cases) {
      it(`computes ${expression}`, () => {
        expect(compute(expression, input)).to.deep.equal(value);
      });
    }

    for (const expression of [
      "States.ArrayGetItem($, 0)",
      "States.ArrayRange(1, 2000, 1)",
      "States.Format('{}')",
      "States.StringToJson('{')",
      "States.JsonMerge($, $, true)",
    ]) {
      it(`fails for ${expression}`, () => {
        expect(() => compute(expression))
          .to.throw(Failure)
          .with.property("error", "States.IntrinsicFailure");
      });
    }
  });

  describe("retriers and catchers", () => {
    const failure = (error: string) => new Failure(error, "");
    const plan = (retrier: object, retries: number[], random = () => 0.5) =>
      planRetry([{ ErrorEquals: ["States.ALL"], ...retrier }], failure("E"), retries, random);

    it("back off up to the maximum delay", () => {
      const retrier = { IntervalSeconds: 3, BackoffRate: 2, MaxDelaySeconds: 10, MaxAttempts: 5 };

      expect([0, 1, 2, 3].map(count => plan(retrier, [count])?.delayMs)).to.deep.equal([3000, 6000, 10_000, 10_000]);
      expect(plan(retrier, [5])).to.equal(undefined);
      expect(plan({ ...retrier, JitterStrategy: "FULL" }, [1])?.delayMs).to.equal(3000);
      expect(plan({ MaxAttempts: 0 }, [])).to.equal(undefined);
    });

    it("count the attempts of each retrier separately", () => {
      const retriers = [
        { ErrorEquals: ["A"], MaxAttempts: 1 },
        { ErrorEquals: ["B"], MaxAttempts: 1 },
      ];

      expect(planRetry(retriers, failure("B"), [1], Math.random)).to.deep.equal({ index: 1, delayMs: 1000 });
    });

    const matches: [string, string, boolean][] = [
      ["States.ALL", "Anything", true],
      ["States.ALL", "States.Timeout", true],
      ["States.ALL", "States.Runtime", false],
      ["States.Runtime", "States.Runtime", false],
      ["States.ALL", "States.DataLimitExceeded", false],
      ["States.DataLimitExceeded", "States.DataLimitExceeded", true],
      ["States.TaskFailed", "Lambda.Unknown", true],
      ["States.TaskFailed", "States.Timeout", false],
      ["States.Timeout", "States.HeartbeatTimeout", true],
      ["A", "B", false],
    ];
    for (const [name, error, caught] of matches) {
      it(`${name} ${caught ? "catches" : "does not catch"} ${error}`, () => {
        expect(findCatcher([{ ErrorEquals: [name], Next: "N" }], failure(error)) !== undefined).to.equal(caught);
      });
    }
  });

  it("fails an execution with too many history events", () => {
    const journal = new Journal({} as State, "m/e");
    journal.record(
      Array.from({ length: 24_999 }, () => ({ type: "PassStateEntered", atMs: 0 })),
      0,
    );

    expect(() => journal.record([{ type: "PassStateExited", atMs: 0 }], 24_999))
      .to.throw(Failure)
      .with.property("error", "States.Runtime");
  });
});
