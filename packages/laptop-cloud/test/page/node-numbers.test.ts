import { expect } from "chai";
import type { GraphNode } from "../../page/graph";
import { countNode, describeNode } from "../../page/node-numbers";
import type { Activity, Tally } from "../../src/protocol";

const activityWith = (changes: Partial<Activity>): Activity => ({
  tallies: {},
  queues: {},
  alarms: {},
  balance: { deliveries: {}, events: {} },
  ...changes,
});
const tallyOf = (changes: Partial<Tally>): Tally => ({
  invocations: 0,
  errors: 0,
  reportedFailures: 0,
  retries: 0,
  delivered: 0,
  published: 0,
  deadLetters: 0,
  started: 0,
  succeeded: 0,
  failed: 0,
  ...changes,
});
const nodeOf = (kind: GraphNode["kind"], name: string): GraphNode => ({ id: `${kind}:${name}`, kind, name });

describe("numbers of a node", () => {
  it("counts the running tasks of a container service, and those that ended by themselves", () => {
    const node = nodeOf("container", "agent");
    const numbersFor = (started: number, succeeded: number, failed: number) =>
      countNode(node, activityWith({ tallies: { [node.id]: tallyOf({ started, succeeded, failed }) } }));
    expect(numbersFor(3, 1, 0).work).to.equal("2 running");
    const ended = numbersFor(2, 1, 1);
    expect([ended.work, ended.failureSymbols]).to.deep.equal(["none running", "✗1"]);
    expect(describeNode(node, ended)).to.equal("agent, container, none running, 1 error");
  });

  it("says which failures a function reported itself", () => {
    const node = nodeOf("function", "worker");
    const numbers = countNode(node, activityWith({ tallies: { [node.id]: tallyOf({ invocations: 4, errors: 1, reportedFailures: 2 }) } }));
    expect([numbers.failureSymbols, numbers.failures]).to.deep.equal(["✗3", "1 error, 2 reported failures"]);
  });

  it("cuts the text to the width of a node, but describes the node in full", () => {
    const node = nodeOf("queue", "jobs");
    const numbers = countNode(node, activityWith({ queues: { jobs: { visible: 12, inFlight: 3, delayed: 4 } } }));
    expect(numbers.shortWork).to.equal("12 waiting · 3 i…");
    expect(describeNode(node, numbers)).to.equal("jobs, queue, 12 waiting · 3 in flight · 4 delayed");
  });

  it("leaves room for the failure symbols", () => {
    const node: GraphNode = { ...nodeOf("topic", "messages"), deadLetters: "dead" };
    const tally = tallyOf({ published: 12_345, delivered: 67_890, errors: 2, retries: 3 });
    const numbers = countNode(
      node,
      activityWith({ tallies: { [node.id]: tally }, queues: { dead: { visible: 4, inFlight: 0, delayed: 0 } } }),
    );
    expect(numbers.failureSymbols).to.equal("✗2 ↻3 ✉4");
    expect(numbers.shortWork).to.equal("12345 → …");
  });
});
