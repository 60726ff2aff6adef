import { StateMachine, type StateMachineDefinition } from "aws-local-stepfunctions";
import { expect } from "chai";
import { functionArn, startMachine } from "./machine";

/** The package wants Node 22: this is all that it misses on Node 20. */
// biome-ignore lint/suspicious/noExplicitAny: a part of the standard library that Node 20's types do not know.
const promises = Promise as any;
promises.withResolvers ??= () => {
  const parts: Record<string, unknown> = {};
  parts["promise"] = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
};

const pass = (Parameters: object) => ({ StartAt: "Only", States: { Only: { Type: "Pass", Parameters, End: true } } });
const choice = (rule: object) => ({
  StartAt: "Only",
  States: {
    Only: { Type: "Choice", Choices: [{ ...rule, Next: "Yes" }], Default: "No" },
    Yes: { Type: "Pass", Result: "yes", End: true },
    No: { Type: "Pass", Result: "no", End: true },
  },
});
const double = { Type: "Task", Resource: functionArn("double"), End: true };

const input = {
  name: 'Grüße, "x"',
  n: 3,
  flag: true,
  none: null,
  at: "2026-11-22T10:00:00Z",
  list: [1, 2, 2, { a: 1 }],
  rows: [{ n: 1 }, { n: 2 }],
  deep: { a: { b: [{ c: 1 }, { c: 2 }] } },
};

const definitions: Record<string, object> = {
  "paths into the input": pass({ "a.$": "$.deep.a.b[1].c", "b.$": "$['n']", "whole.$": "$.deep", fixed: { "inner.$": "$.flag" } }),
  "wildcards and descent": pass({ "all.$": "$.rows[*].n", "every.$": "$..c" }),
  "a slice": pass({ "part.$": "$.list[0:2]" }),
  "an input path": {
    StartAt: "Only",
    States: { Only: { Type: "Pass", InputPath: "$.deep.a", ResultPath: "$.copy", OutputPath: "$.copy", End: true } },
  },
  "a result in a new place": { StartAt: "Only", States: { Only: { Type: "Pass", Result: [1], ResultPath: "$.new.place", End: true } } },
  "a result that is dropped": { StartAt: "Only", States: { Only: { Type: "Pass", Result: 1, ResultPath: null, End: true } } },
  "States.Format": pass({ "text.$": "States.Format('{} is {} and {}', $.name, $.n, $.flag)" }),
  arrays: pass({
    "array.$": "States.Array($.n, 'x', States.ArrayLength($.list))",
    "parts.$": "States.ArrayPartition($.list, 3)",
    "range.$": "States.ArrayRange(1, 9, 2)",
    "item.$": "States.ArrayGetItem($.list, 3)",
    "has.$": "States.ArrayContains($.list, 2)",
    "unique.$": "States.ArrayUnique($.list)",
  }),
  texts: pass({
    "json.$": "States.JsonToString($.deep)",
    "back.$": "States.StringToJson('{\"a\":[1]}')",
    "hash.$": "States.Hash('text', 'SHA-256')",
    "base.$": "States.Base64Encode('text')",
    "plain.$": "States.Base64Decode('dGV4dA==')",
    "sum.$": "States.MathAdd($.n, -5)",
    "merged.$": "States.JsonMerge($.rows[0], $.deep, false)",
  }),
  "a number that is greater": choice({ Variable: "$.n", NumericGreaterThan: 2 }),
  "a number that is not": choice({ Variable: "$.n", NumericLessThanEquals: 2 }),
  "a text that matches": choice({ Variable: "$.name", StringMatches: "Gr*x*" }),
  "a text by path": choice({ Variable: "$.name", StringEqualsPath: "$.name" }),
  "a time that is later": choice({ Variable: "$.at", TimestampGreaterThan: "2026-11-22T09:59:59Z" }),
  "what is there": choice({ Variable: "$.deep.a", IsPresent: true }),
  "and, or, not": choice({
    And: [
      { Variable: "$.flag", BooleanEquals: true },
      {
        Not: {
          Or: [
            { Variable: "$.none", IsNull: false },
            { Variable: "$.n", IsString: true },
          ],
        },
      },
    ],
  }),
  "a task": { StartAt: "Only", States: { Only: { ...double, InputPath: "$.n", ResultPath: "$.twice" } } },
  "a map": {
    StartAt: "Only",
    States: {
      Only: {
        Type: "Map",
        ItemsPath: "$.rows",
        ItemProcessor: { StartAt: "In", States: { In: { ...double, InputPath: "$.n" } } },
        ResultPath: "$.out",
        End: true,
      },
    },
  },
  "a parallel": {
    StartAt: "Only",
    States: {
      Only: {
        Type: "Parallel",
        Branches: [
          { StartAt: "A", States: { A: { ...double, InputPath: "$.n" } } },
          { StartAt: "B", States: { B: { Type: "Pass", Result: "b", End: true } } },
        ],
        ResultSelector: { "a.$": "$[0]", "b.$": "$[1]" },
        End: true,
      },
    },
  },
  "a failure that is caught": {
    StartAt: "Only",
    States: {
      Only: {
        Type: "Task",
        Resource: functionArn("fail"),
        Retry: [{ ErrorEquals: ["Other"] }],
        Catch: [{ ErrorEquals: ["States.TaskFailed"], ResultPath: "$.failure", Next: "After" }],
        End: true,
      },
      After: { Type: "Pass", Parameters: { "error.$": "$.failure.Error", "n.$": "$.n" }, End: true },
    },
  },
};

const fail = () => {
  const error = new Error("no");
  throw Object.assign(error, { name: "BadRow", errorType: "BadRow" });
};
const twice = (n: number) => n * 2;

/** Where the package differs, AWS's own pages decide. */
const documented: [string, object, unknown][] = [
  // "Choice state": IsPresent with false holds for a field that is missing.
  ["something that does not exist", choice({ Variable: "$.missing", IsPresent: false }), "yes"],
  // "Intrinsics": each character of the second argument splits.
  ["a text split at several characters", pass({ "parts.$": "States.StringSplit('a,b;c', ',;')" }), { parts: ["a", "b", "c"] }],
  // "Context object": each iteration has its own item, also inside its states.
  [
    "the item of an iteration",
    {
      StartAt: "Only",
      States: {
        Only: {
          Type: "Map",
          ItemsPath: "$.rows",
          ItemProcessor: pass({ "index.$": "$$.Map.Item.Index", "n.$": "$$.Map.Item.Value.n", "state.$": "$$.State.Name" }),
          End: true,
        },
      },
    },
    [
      { index: 0, n: 1, state: "Only" },
      { index: 1, n: 2, state: "Only" },
    ],
  ],
];

describe("states compared with aws-local-stepfunctions", () => {
  for (const [what, definition] of Object.entries(definitions)) {
    it(`agrees on ${what}`, async () => {
      const reference = new StateMachine(definition as StateMachineDefinition, { validationOptions: { noValidate: true } });
      const handlers = { Only: definition === definitions["a failure that is caught"] ? fail : twice, In: twice, A: twice };
      // biome-ignore lint/suspicious/noExplicitAny: the package's handlers take any JSON.
      const expected = await reference.run(input, { overrides: { taskResourceLocalHandlers: handlers as any } }).result;

      const machine = await startMachine(definition, { functions: { double: twice, fail } });
      try {
        expect((await machine.run(input)).result).to.deep.equal(expected);
      } finally {
        await machine.stop();
      }
    });
  }

  for (const [what, definition, result] of documented) {
    it(`follows AWS's documentation on ${what}`, async () => {
      const machine = await startMachine(definition);
      try {
        expect((await machine.run(input)).result).to.deep.equal(result);
      } finally {
        await machine.stop();
      }
    });
  }
});
