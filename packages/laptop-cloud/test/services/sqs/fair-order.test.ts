import { expect } from "chai";
import { Clock } from "../../../src/kernel/clock";
import { createRandom } from "../../../src/kernel/seeded-random";
import { Queue } from "../../../src/services/sqs/queue";
import { parseAttributes } from "../../../src/services/sqs/queue-attributes";

describe("fair queues", () => {
  const make = () => {
    const clock = new Clock();
    const record = { name: "orders", attributes: parseAttributes({}), tags: {}, createdMs: 0, modifiedMs: 0, declared: true };
    const tools = { clock, random: createRandom(1), isShuffled: () => false };
    const queue = new Queue(record, "arn:aws:sqs:us-east-1:000000000000:orders", tools);
    const nowMs = clock.nowMs();
    const send = (id: string, group?: string) =>
      queue.add({ id, body: id, senderId: "tester", group, sentMs: nowMs, visibleMs: nowMs, receives: 0, receivesBefore: 0 });
    const receive = (most: number) => queue.take({ most, visibilityMs: 60_000, maxReceives: 100 }).messages;
    return { queue, send, receive, ids: (most: number) => receive(most).map(({ id }) => id) };
  };

  it("deliver a quiet tenant's message before the backlog of another one", () => {
    const { send, receive, ids } = make();
    for (let index = 0; index < 200; index++) send(`loud-${index}`, "loud");
    receive(10);
    send("quiet-0", "quiet");
    expect(ids(1)).to.deep.equal(["quiet-0"]);
  });

  it("take their tenants in turn, the oldest message of each first", () => {
    const { send, ids } = make();
    for (const id of ["a0", "a1", "a2", "b0", "b1"]) send(id, id[0]);
    expect(ids(5)).to.deep.equal(["a0", "b0", "a1", "b1", "a2"]);
  });

  it("let a loud tenant have what nobody else wants, and count no message that is done", () => {
    const { queue, send, receive, ids } = make();
    for (const id of ["a0", "a1", "a2"]) send(id, "a");
    const [first] = receive(1);
    queue.remove(first!);
    send("b0", "b");
    expect(ids(10)).to.deep.equal(["a1", "b0", "a2"]);
  });

  it("treat each message without a group as a tenant of its own", () => {
    const { send, ids } = make();
    for (const id of ["a0", "a1"]) send(id, "a");
    for (const id of ["x", "y"]) send(id);
    expect(ids(10)).to.deep.equal(["a0", "x", "y", "a1"]);
  });
});
