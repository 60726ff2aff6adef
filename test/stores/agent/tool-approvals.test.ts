import { randomUUID } from "node:crypto";
import { expect } from "chai";
import { Deadline } from "#core/deadline";
import { ToolApprovals } from "#stores/agent/tool-approvals";
import { Table } from "#stores/table";
import { createTasksTable, type TasksTableUnderTest } from "./tasks-under-test";

const NOW_MS = 1_763_805_600_000;

describe("tool-approvals", () => {
  let table: TasksTableUnderTest;
  let approvals: ToolApprovals;

  before(async () => {
    table = await createTasksTable();
    approvals = new ToolApprovals(table.client, table.gatewayName, table.name);
  });
  after(() => table.stop());

  const deadline = () => new Deadline(20_000);
  const asked = { tool: "create_canvas", summary: "A canvas *Plan*", fingerprint: "f1", channel: "C0001" };
  const ask = async (task: string = randomUUID()): Promise<string> => {
    await approvals.ask({ task, key: "step-1" }, asked, NOW_MS, deadline());
    return task;
  };
  const decide = (task: string, decision: "approved" | "declined", by = "U0001") =>
    approvals.decide({ task, key: "step-1" }, { decision, by }, NOW_MS, deadline());
  const putTask = (task: string, state: string, more = {}) =>
    new Table(table.client, table.name).put({ task, item: "task", state, ...more });

  it("are asked for once; the first request stays", async () => {
    const task = await ask();
    await approvals.ask({ task, key: "step-1" }, { ...asked, summary: "Another" }, NOW_MS, deadline());
    expect(await approvals.read({ task, key: "step-1" }, deadline())).to.deep.equal({ state: "asked", ...asked });
    expect(await approvals.read({ task, key: "step-2" }, deadline())).to.equal(undefined);
  });

  it("keep the message that asks, if the approval exists", async () => {
    const task = await ask();
    await approvals.keepMessage({ task, key: "step-1" }, "1763805600.000200", deadline());
    await approvals.keepMessage({ task, key: "step-2" }, "1763805600.000300", deadline());
    expect(await approvals.read({ task, key: "step-1" }, deadline())).to.include({ ts: "1763805600.000200" });
    expect(await approvals.read({ task, key: "step-2" }, deadline())).to.equal(undefined);
  });

  it("are decided by exactly one of many concurrent decisions", async () => {
    const task = await ask();
    const people = Array.from({ length: 10 }, (_, n) => `U000${n}`);
    const seen = await Promise.all(people.map((by, n) => decide(task, n % 2 === 0 ? "approved" : "declined", by)));
    const [first] = seen;
    expect(first?.state).not.to.equal("asked");
    for (const approval of seen) expect(approval).to.deep.equal(first);
  });

  it("are decided while their task waits or runs, and not once it has ended or is asked to stop", async () => {
    const stateOf = async (state: string, more = {}) => {
      const task = await ask();
      await putTask(task, state, more);
      return (await decide(task, "approved"))?.state;
    };
    expect(await stateOf("waiting")).to.equal("approved");
    expect(await stateOf("processing")).to.equal("approved");
    for (const state of ["done", "failed", "stopped"]) expect(await stateOf(state), state).to.equal("asked");
    expect(await stateOf("processing", { stop_by: "U0002" })).to.equal("asked");
  });

  it("are not decided if nobody asked for them", async () => {
    expect(await decide(randomUUID(), "approved")).to.equal(undefined);
  });
});
