import { expect } from "chai";
import { Deadline } from "#core/deadline";
import { StreamLimits } from "#stores/agent/stream-limits";
import { createTasksTable, type TasksTableUnderTest } from "./tasks-under-test";

const NOW_MS = 1_763_805_600_000;

describe("stream-limits", () => {
  let table: TasksTableUnderTest;
  before(async () => {
    table = await createTasksTable();
  });
  after(() => table.stop());

  it("allows 14 starts in any minute, each team its own", async () => {
    const limits = new StreamLimits(table.client, table.gatewayName);
    const take = (team: string, atMs: number) => limits.take(team, "start", NOW_MS + atMs, new Deadline(10_000));
    const taken: boolean[] = [];
    for (let call = 0; call < 15; call += 1) taken.push(await take("T0001", call * 1000));
    expect(taken.filter(Boolean)).to.have.lengthOf(14);
    expect(await take("T0002", 15_000), "another team").to.equal(true);
    expect([await take("T0001", 59_999), await take("T0001", 60_001)], "as the first one becomes older than a minute").to.deep.equal([
      false,
      true,
    ]);
  });
});
