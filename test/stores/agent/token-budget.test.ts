import { expect } from "chai";
import { TokenBudget } from "#stores/agent/token-budget";
import { createTasksTable, type TasksTableUnderTest } from "./tasks-under-test";

const NOW_MS = 1_763_805_600_000;

describe("token-budget", () => {
  let table: TasksTableUnderTest;
  before(async () => {
    table = await createTasksTable();
  });
  after(() => table.stop());

  it("is used up by a team on one day", async () => {
    const budget = new TokenBudget(table.client, table.name, 100);
    for (const tokens of [60, 40]) {
      expect(await budget.isUsedUp("T0001", NOW_MS)).to.equal(false);
      await budget.add("T0001", tokens, NOW_MS);
    }
    expect(await budget.isUsedUp("T0001", NOW_MS)).to.equal(true);
    expect(await budget.isUsedUp("T0002", NOW_MS), "another team").to.equal(false);
    expect(await budget.isUsedUp("T0001", NOW_MS + 86_400_000), "the next day").to.equal(false);
  });
});
