import { randomUUID } from "node:crypto";
import { expect } from "chai";
import { LastTries } from "#stores/agent/last-tries";
import { createTasksTable, type TasksTableUnderTest } from "./tasks-under-test";

const NOW_MS = 1_763_805_600_000;

describe("last-tries", () => {
  let table: TasksTableUnderTest;
  let lastTries: LastTries;
  before(async () => {
    table = await createTasksTable();
    lastTries = new LastTries(table.client, table.name);
  });
  after(() => table.stop());

  it("are listed with the end of their marks, until the mark is removed", async () => {
    const [one, two] = [randomUUID(), randomUUID()].sort() as [string, string];
    await lastTries.put({ task: one, untilMs: NOW_MS });
    await lastTries.put({ task: two, untilMs: NOW_MS });
    await lastTries.put({ task: one, untilMs: NOW_MS + 1 });
    expect(await lastTries.list()).to.deep.equal([
      { task: one, untilMs: NOW_MS + 1 },
      { task: two, untilMs: NOW_MS },
    ]);
    await lastTries.remove(one);
    await lastTries.remove(one);

    expect(await lastTries.list()).to.deep.equal([{ task: two, untilMs: NOW_MS }]);
  });
});
