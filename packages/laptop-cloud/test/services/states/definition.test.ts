import { expect } from "chai";
import { parseDefinition } from "../../../src/services/states/definition";
import { functionArn } from "./machine";

const machine = (state: object, more = {}) => ({ StartAt: "Only", States: { Only: state }, ...more });
const task = { Type: "Task", Resource: functionArn("one"), End: true };

const refused: [string, object, string][] = [
  ["JSONata, of the machine", machine(task, { QueryLanguage: "JSONata" }), "JSONata"],
  ["JSONata, of a state", machine({ ...task, QueryLanguage: "JSONata" }), "JSONata"],
  ["variables", machine({ ...task, Assign: { "a.$": "$" } }), "Assign"],
  [
    "a distributed Map",
    machine({ Type: "Map", ItemProcessor: { ...machine(task), ProcessorConfig: { Mode: "DISTRIBUTED" } }, End: true }),
    "DISTRIBUTED",
  ],
  ["an item reader", machine({ Type: "Map", ItemReader: {}, ItemProcessor: machine(task), End: true }), "ItemReader"],
  ["an activity", machine({ ...task, Resource: "arn:aws:states:us-east-1:000000000000:activity:a" }), "activity:a"],
  ["a task token", machine({ ...task, Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken" }), "waitForTaskToken"],
  ["any SDK integration", machine({ ...task, Resource: "arn:aws:states:::aws-sdk:s3:getObject" }), "aws-sdk:s3:getObject"],
  ["an unknown parameter", machine({ ...task, Resource: "arn:aws:states:::sns:publish", Parameters: { PhoneNumber: "1" } }), "PhoneNumber"],
  ["a filter in a path", machine({ ...task, InputPath: "$.rows[?(@.n > 1)]" }), "filter"],
  ["an unknown intrinsic function", machine({ Type: "Pass", Parameters: { "a.$": "States.Nope()" }, End: true }), "States.Nope"],
  ["a state that is not there", machine({ ...task, End: undefined, Next: "Nowhere" }), "Nowhere"],
  [
    "a state that nothing leads to",
    { StartAt: "Only", States: { Only: task, Lost: { ...task, End: undefined, Next: "Only" } } },
    "States/Lost",
  ],
  ["both Next and End", machine({ ...task, Next: "Only" }), "either Next or End"],
  ["a start that is not there", machine(task, { StartAt: "Nowhere" }), "Nowhere"],
  ["States.ALL among others", machine({ ...task, Retry: [{ ErrorEquals: ["States.ALL", "A"] }] }), "States.ALL"],
  ["a choice without an operator", machine({ Type: "Choice", Choices: [{ Variable: "$", Next: "Only" }] }), "operators"],
  ["a wait without an end", machine({ Type: "Wait", End: true }), "no duration"],
  ["an invalid result path", machine({ ...task, ResultPath: "$.a[*]" }), "reference path"],
  ["a misspelt field", machine({ ...task, Retries: [] }), "Retries"],
  ["an unknown type", machine({ Type: "Tusk", End: true }), "Tusk"],
];

describe("states definition", () => {
  it("accepts states to which Next, Default, a choice or a catcher leads", () => {
    const States = {
      Only: { ...task, Catch: [{ ErrorEquals: ["States.ALL"], Next: "Caught" }], End: undefined, Next: "Choice" },
      Choice: { Type: "Choice", Choices: [{ Variable: "$.a", IsPresent: true, Next: "Chosen" }], Default: "Rest" },
      ...Object.fromEntries(["Caught", "Chosen", "Rest"].map(name => [name, { Type: "Succeed" }])),
    };
    expect(parseDefinition(JSON.stringify({ StartAt: "Only", States })).StartAt).to.equal("Only");
  });

  for (const [what, definition, named] of refused) {
    it(`refuses ${what}, and quotes it`, () => {
      expect(() => parseDefinition(JSON.stringify(definition))).to.throw(named);
    });
  }

  it("refuses invalid JSON", () => {
    expect(() => parseDefinition("{")).to.throw("not JSON");
  });
});
