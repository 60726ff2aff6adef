import { randomUUID } from "node:crypto";
import { expect } from "chai";
import { Deadline } from "#core/deadline";
import { TaskCards } from "#stores/agent/task-cards";
import { Table } from "#stores/table";
import { createTasksTable, type TasksTableUnderTest } from "./tasks-under-test";

const NOW_MS = 1_763_805_600_000;
const PACE_MS = 3000;

describe("task-cards", () => {
  let table: TasksTableUnderTest;
  let cards: TaskCards;
  before(async () => {
    table = await createTasksTable();
    cards = new TaskCards(table.client, table.name);
  });
  after(() => table.stop());

  const createTask = async () => {
    const task = randomUUID();
    await new Table(table.client, table.name).put({ task, item: "task" });
    return task;
  };
  const takeTurn = (task: string, nowMs: number) => cards.takeTurn(task, nowMs, PACE_MS, new Deadline(20_000));

  it("allow one change per pace, and return how long the next has to wait", async () => {
    const task = await createTask();
    expect(await takeTurn(task, NOW_MS)).to.equal(0);
    expect(await takeTurn(task, NOW_MS + 1000)).to.equal(2000);
    expect(await takeTurn(task, NOW_MS + PACE_MS)).to.equal(0);
  });

  it("are free again after a clock that was days ahead has been put back", async () => {
    const task = await createTask();
    await takeTurn(task, NOW_MS + 2 * 86_400_000);
    expect(await takeTurn(task, NOW_MS)).to.equal(0);
    expect(await takeTurn(task, NOW_MS + 1000)).to.equal(2000);
  });

  it("give the turn to exactly one of many concurrent calls", async () => {
    const task = await createTask();
    const waits = await Promise.all(Array.from({ length: 10 }, () => takeTurn(task, NOW_MS)));
    expect(waits.filter(wait => wait === 0)).to.have.length(1);
    expect(waits.filter(wait => wait === PACE_MS)).to.have.length(9);
  });

  it("make the caller wait for an unknown task, and create no row", async () => {
    const task = randomUUID();
    expect(await takeTurn(task, NOW_MS)).to.be.above(0);
    expect(await takeTurn(task, NOW_MS + PACE_MS)).to.be.above(0);
  });
});
