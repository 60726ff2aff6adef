import { expect } from "chai";
import sinon from "sinon";
import { leaveNotedStacks } from "../../src/program/noted-stacks";

// Pulumi does not publish it.
const { debuggablePromise } = require("@pulumi/pulumi/runtime/debuggable") as {
  debuggablePromise(promise: object, context: string): object;
};

describe("noted stacks", () => {
  afterEach(() => sinon.restore());

  /** What Pulumi notes with a promise. */
  const noteStack = () => {
    const promise = Promise.resolve() as Promise<void> & { _debugStackTrace?: string };
    debuggablePromise(promise, "a test");
    return promise._debugStackTrace;
  };

  it("are not led to their sources while a program runs; others are, and all once it has", () => {
    const map = sinon.spy(Error, "prepareStackTrace" as never) as unknown as sinon.SinonSpy;
    noteStack();
    expect(map.callCount).to.equal(1);

    const undo = leaveNotedStacks();
    expect(noteStack()).to.match(/^Error\n {4}at .*debuggable\.js/);
    expect(map.callCount).to.equal(1);
    expect(new Error("ours").stack).to.match(/^Error: ours\n.*noted-stacks\.test\.ts:\d+/);
    expect(map.callCount).to.equal(2);

    undo();
    noteStack();
    expect(map.callCount).to.equal(3);
  });
});
