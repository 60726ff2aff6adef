import { randomUUID } from "node:crypto";
import { TransactionCanceledException, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import { buildLimits, type ToolLimits } from "#stores/agent/tool-limits";
import { createTasksTable, type TasksTableUnderTest } from "./tasks-under-test";

/** Each case has its own day, because the daily limit counts the calls of all tasks. */
const DAY_MS = 86_400_000;
let nowMs = 1_763_805_600_000;

describe("tool-limits", () => {
  let table: TasksTableUnderTest;
  before(async () => {
    table = await createTasksTable();
  });
  after(() => table.stop());
  beforeEach(() => {
    nowMs += DAY_MS;
  });

  /** Counts a call. Returns the rules that it would break; the call counts only if there are none. */
  const count = async (task: string | undefined, limits: ToolLimits) => {
    const built = buildLimits(table.name, task, limits, nowMs);
    try {
      await table.client.send(new TransactWriteItemsCommand({ TransactItems: built.map(({ count: item }) => item) }));
      return [];
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const reasons = error.CancellationReasons ?? [];
      return built.filter((_, index) => reasons[index]?.Code === "ConditionalCheckFailed").map(({ rule }) => rule);
    }
  };

  it("apply to each workspace by itself", async () => {
    const limits = { postsPerTask: 100, postsPerDay: 1 };
    const countIn = (team: string) => count(randomUUID(), { ...limits, team });
    expect([await countIn("T0001"), await countIn("T0001"), await countIn("T0002")]).to.deep.equal([[], ["day-limit"], []]);
  });

  it("apply to each task by itself", async () => {
    const limits = { postsPerTask: 2, postsPerDay: 100 };
    const [one, other] = [randomUUID(), randomUUID()];
    expect([await count(one, limits), await count(one, limits), await count(one, limits)]).to.deep.equal([[], [], ["task-limit"]]);
    expect(await count(other, limits)).to.deep.equal([]);
  });

  it("apply to all tasks of a UTC day together", async () => {
    const limits = { postsPerTask: 100, postsPerDay: 2 };
    expect([await count(randomUUID(), limits), await count(undefined, limits)]).to.deep.equal([[], []]);
    expect(await count(randomUUID(), limits)).to.deep.equal(["day-limit"]);
    expect(await count(undefined, limits)).to.deep.equal(["day-limit"]);
    nowMs += DAY_MS;
    expect(await count(undefined, limits)).to.deep.equal([]);
  });

  it("don't count a refused call", async () => {
    const task = randomUUID();
    expect(await count(task, { postsPerTask: 5, postsPerDay: 0 })).to.deep.equal(["day-limit"]);
    expect(await count(task, { postsPerTask: 1, postsPerDay: 5 })).to.deep.equal([]);
  });

  it("of zero refuse even the first call", async () => {
    expect(await count(randomUUID(), { postsPerTask: 0, postsPerDay: 5 })).to.deep.equal(["task-limit"]);
  });
});
