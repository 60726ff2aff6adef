import { expect } from "chai";
import type { Activity } from "../../page/control";
import { describeNode, figuresOf } from "../../page/figures";
import type { GraphNode } from "../../page/graph";

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
    const figuresFor = (started: number, succeeded: number, failed: number) =>
      figuresOf(node, activityWith({ tallies: { [node.id]: { started, succeeded, failed } } }));
    expect(figuresFor(3, 1, 0).text).to.equal("2 running");
    const ended = figuresFor(2, 1, 1);
    expect([ended.text, ended.signs]).to.deep.equal(["none runs", "✗1"]);
    expect(describeNode(node, ended)).to.equal("agent, container, none runs, 1 error");
  });

  it("are shortened to what fits, but said in full", () => {
    const node = nodeOf("queue", "jobs");
    const figures = figuresOf(node, activityWith({ queues: { jobs: { visible: 12, inFlight: 3, delayed: 4 } } }));
    expect(figures.short).to.equal("12 waiting · 3 o…");
    expect(describeNode(node, figures)).to.equal("jobs, queue, 12 waiting · 3 out · 4 later");
  });

  it("leave room for the signs of trouble", () => {
    const node: GraphNode = { ...nodeOf("topic", "messages"), deadLetters: "dead" };
    const tally = { published: 12_345, delivered: 67_890, errors: 2, retries: 3 };
    const figures = figuresOf(
      node,
      activityWith({ tallies: { [node.id]: tally }, queues: { dead: { visible: 4, inFlight: 0, delayed: 0 } } }),
    );
    expect(figures.signs).to.equal("✗2 ↻3 ✉4");
    expect(figures.short).to.equal("12345 → …");
  });
});
