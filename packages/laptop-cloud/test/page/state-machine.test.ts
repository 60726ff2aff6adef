import { expect } from "chai";
import { followExecution, parseMachine } from "../../page/state-machine";

const definition = JSON.stringify({
  StartAt: "check",
  States: {
    check: {
      Type: "Task",
      Resource: "arn:aws:lambda:us-east-1:000000000000:function:check",
      Catch: [{ ErrorEquals: ["States.ALL"], Next: "report" }],
      Next: "each",
    },
    each: {
      Type: "Map",
      ItemProcessor: { StartAt: "pay", States: { pay: { Type: "Pass", End: true } } },
      Next: "which",
    },
    which: { Type: "Choice", Choices: [{ Variable: "$.a", IsPresent: true, Next: "report" }], Default: "done" },
    report: { Type: "Pass", End: true },
    done: { Type: "Succeed" },
  },
});

const entered = (id: number, previousEventId: number, name: string) => ({
  id,
  previousEventId,
  timestamp: id,
  type: "TaskStateEntered",
  stateEnteredEventDetails: { name, input: `"in ${name}"` },
});
const exited = (id: number, previousEventId: number, name: string) => ({
  id,
  previousEventId,
  timestamp: id,
  type: "TaskStateExited",
  stateExitedEventDetails: { name, output: `"out of ${name}"` },
});
const event = (id: number, previousEventId: number, type: string, details = {}) => ({
  id,
  previousEventId,
  timestamp: id,
  type,
  [`${type[0]!.toLowerCase()}${type.slice(1)}EventDetails`]: details,
});
const failed = { error: "Late", cause: "too late" };
const follow = (status: string, ...events: Parameters<typeof followExecution>[0]["events"]) =>
  followExecution({ status, input: "{}", output: null, error: null, cause: null, events });

describe("state machine", () => {
  it("is a graph, with the states inside of others", () => {
    const { states, transitions } = parseMachine(definition);
    expect(states.map(({ name }) => name)).to.deep.equal(["check", "each", "pay", "which", "report", "done"]);
    expect(states[0]).to.deep.equal({ name: "check", type: "Task", calls: "check" });
    expect(transitions.map(({ id, kind }) => `${kind}: ${id}`)).to.have.members([
      "next: check > each",
      "catch: check > report",
      "branch: each > pay",
      "next: each > which",
      "next: which > report",
      "next: which > done",
    ]);
  });

  it("shows a state that succeeded after a retry, and the path through parallel threads", () => {
    const { visits, taken } = follow(
      "RUNNING",
      event(1, 0, "ExecutionStarted"),
      entered(2, 0, "check"),
      event(3, 2, "LambdaFunctionFailed", failed),
      event(4, 3, "LambdaFunctionSucceeded"),
      exited(5, 4, "check"),
      entered(6, 5, "each"),
      event(7, 6, "MapStateStarted"),
      entered(8, 7, "pay"),
      entered(9, 7, "pay"),
      exited(10, 8, "pay"),
    );
    expect(visits.get("check")).to.deep.equal([
      { enteredMs: 2000, exitedMs: 5000, input: '"in check"', output: '"out of check"', failures: [failed], status: "succeeded" },
    ]);
    expect(visits.get("pay")!.map(({ status }) => status)).to.deep.equal(["succeeded", "running"]);
    expect([...taken]).to.deep.equal(["check > each", "each > pay"]);
  });

  it("ends with the execution", () => {
    const { visits } = follow("SUCCEEDED", entered(1, 0, "report"), exited(2, 1, "report"), event(3, 2, "ExecutionSucceeded"));
    expect(visits.get("report")![0]!.status).to.equal("succeeded");
  });

  it("tells a failure that was caught from the one that ended the execution", () => {
    const { visits } = follow(
      "FAILED",
      entered(1, 0, "check"),
      event(2, 1, "TaskFailed", failed),
      exited(3, 2, "check"),
      entered(4, 3, "report"),
      event(5, 4, "ExecutionFailed", failed),
    );
    expect(visits.get("check")![0]!.status).to.equal("caught");
    expect(visits.get("report")![0]).to.deep.include({ status: "failed", failures: [failed] });
  });
});
