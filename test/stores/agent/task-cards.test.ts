import { randomUUID } from "node:crypto";
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import { Deadline } from "#core/deadline";
import { TaskCards } from "#stores/agent/task-cards";
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
    await table.client.send(new PutItemCommand({ TableName: table.name, Item: { task: { S: task }, item: { S: "task" } } }));
    return task;
  };
  const takeTurn = (task: string, nowMs: number) => cards.takeTurn(task, nowMs, PACE_MS, new Deadline(20_000));

  it("let one change through in a while, and tell how long the next has to wait", async () => {
    const task = await createTask();
    expect(await takeTurn(task, NOW_MS)).to.equal(0);
    expect(await takeTurn(task, NOW_MS + 1000)).to.equal(2000);
    expect(await takeTurn(task, NOW_MS + PACE_MS)).to.equal(0);
  });

  it("let one of many at once have the turn", async () => {
    const task = await createTask();
    const waits = await Promise.all(Array.from({ length: 10 }, () => takeTurn(task, NOW_MS)));
    expect(waits.filter(wait => wait === 0)).to.have.length(1);
    expect(waits.filter(wait => wait === PACE_MS)).to.have.length(9);
  });

  it("of a task that there is none of wait, and make no item", async () => {
    const task = randomUUID();
    expect(await takeTurn(task, NOW_MS)).to.be.above(0);
    expect(await takeTurn(task, NOW_MS + PACE_MS)).to.be.above(0);
  });
});
