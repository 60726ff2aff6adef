import { expect } from "chai";
import type { Activity } from "../../page/control";
import type { GraphNode } from "../../page/graph";
import { countNode, describeNode } from "../../page/node-numbers";

const activityWith = (changes: Partial<Activity>): Activity => ({
  tallies: {},
  queues: {},
  alarms: {},
  books: { deliveries: {}, events: {} },
  ...changes,
});
const nodeOf = (kind: GraphNode["kind"], name: string): GraphNode => ({ id: `${kind}:${name}`, kind, name });

describe("figures on the diagram", () => {
  it("count what a container service runs, and what ended by itself", () => {
    const node = nodeOf("container", "agent");
    const numbersFor = (started: number, succeeded: number, failed: number) =>
      countNode(node, activityWith({ tallies: { [node.id]: { started, succeeded, failed } } }));
    expect(numbersFor(3, 1, 0).work).to.equal("2 running");
    const ended = numbersFor(2, 1, 1);
    expect([ended.work, ended.failureSymbols]).to.deep.equal(["none runs", "✗1"]);
    expect(describeNode(node, ended)).to.equal("agent, container, none runs, 1 error");
  });

  it("are shortened to what fits, but said in full", () => {
    const node = nodeOf("queue", "jobs");
    const numbers = countNode(node, activityWith({ queues: { jobs: { visible: 12, inFlight: 3, delayed: 4 } } }));
    expect(numbers.shortWork).to.equal("12 waiting · 3 o…");
    expect(describeNode(node, numbers)).to.equal("jobs, queue, 12 waiting · 3 out · 4 later");
  });

  it("leave room for the signs of trouble", () => {
    const node: GraphNode = { ...nodeOf("topic", "messages"), deadLetters: "dead" };
    const tally = { published: 12_345, delivered: 67_890, errors: 2, retries: 3 };
    const numbers = countNode(
      node,
      activityWith({ tallies: { [node.id]: tally }, queues: { dead: { visible: 4, inFlight: 0, delayed: 0 } } }),
    );
    expect(numbers.failureSymbols).to.equal("✗2 ↻3 ✉4");
    expect(numbers.shortWork).to.equal("12345 → …");
  });
});
