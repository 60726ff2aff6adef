import { randomUUID } from "node:crypto";
import { expect } from "chai";
import { UserSlots } from "#stores/agent/slots";
import { ThreadLeases } from "#stores/agent/thread-leases";
import { createTasksTable, type TasksTableUnderTest } from "./tasks-under-test";

type Asked = Parameters<UserSlots["take"]>[0];

const NOW_MS = 1_763_805_600_000;

describe("slots", () => {
  let table: TasksTableUnderTest;
  let leases: ThreadLeases;
  let slots: UserSlots;
  before(async () => {
    table = await createTasksTable();
    leases = new ThreadLeases(table.client, table.name);
    slots = new UserSlots(leases, 3);
  });
  after(() => table.stop());

  const buildTasks = (count: number): Asked[] => {
    const user = randomUUID();
    return Array.from({ length: count }, () => ({ id: randomUUID(), team: "T0001", user }));
  };
  const take = (task: Asked, nowMs = NOW_MS) => slots.take(task, nowMs, nowMs + 100);

  it("go to three of twenty concurrent tasks, one each, and to another user's task", async () => {
    const taken = await Promise.all(buildTasks(20).map(task => take(task)));
    const held = taken.flatMap(slot => slot?.thread ?? []);
    expect(new Set(held).size).to.equal(3);
    expect(held).to.have.length(3);
    expect(await take(buildTasks(1)[0]!)).to.not.equal(undefined);
  });

  it("are three per user; a task has one, whichever worker runs it", async () => {
    const user = randomUUID();
    const [first, second, third, fourth] = ["a", "b", "c", "d"].map(id => ({ id, team: "T0001", user })) as [Asked, Asked, Asked, Asked];
    const held = [await take(first), await take(second), await take(third)];
    expect(await take(second)).to.deep.equal(held[1]);
    expect(await take(fourth)).to.equal(undefined);
    expect([await slots.isFull(fourth, NOW_MS), await slots.isFull(second, NOW_MS)]).to.deep.equal([true, false]);
    await leases.release(held[1]!);
    expect(await slots.isFull(fourth, NOW_MS)).to.equal(false);
    expect(await take(fourth)).to.include({ thread: held[1]!.thread });
  });

  it("become free when a worker dies", async () => {
    const tasks = buildTasks(4);
    for (const task of tasks.slice(0, 3)) await take(task);
    expect(await take(tasks[3]!, NOW_MS + 99)).to.equal(undefined);
    expect(await take(tasks[3]!, NOW_MS + 100)).to.not.equal(undefined);
  });
});
