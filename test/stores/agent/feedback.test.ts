import { expect } from "chai";
import { Deadline } from "#core/deadline";
import { Feedback } from "#stores/agent/feedback";
import { Table } from "#stores/table";
import { createTasksTable, type TasksTableUnderTest } from "./tasks-under-test";

const NOW_MS = 1_763_805_600_000;
const TASK = "T0001-C0001-1763805600.000100";

describe("feedback", () => {
  let table: TasksTableUnderTest;
  before(async () => {
    table = await createTasksTable();
  });
  after(() => table.stop());

  it("has one row for each answer and person, together with all others of the team", async () => {
    const feedback = new Feedback(table.client, table.name);
    for (const [user, rating] of [
      ["U0001", "good"],
      ["U0002", "good"],
      ["U0001", "bad"],
    ] as const)
      await feedback.put({ task: TASK, user, rating }, NOW_MS, new Deadline(5000));
    const rows = await new Table(table.client, table.name).query<{ item: string; rating: string; at: string }>({
      KeyConditionExpression: "task = :feedback",
      ExpressionAttributeValues: { ":feedback": "feedback#T0001" },
    });
    expect(rows.map(({ item, rating, at }) => [item, rating, at])).to.deep.equal([
      [`${TASK}#U0001`, "bad", "2025-11-22T10:00:00.000Z"],
      [`${TASK}#U0002`, "good", "2025-11-22T10:00:00.000Z"],
    ]);
  });
});
