import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon, { createStubInstance, type SinonStubbedInstance } from "sinon";
import { LastTries } from "#stores/agent/last-tries";
import { NextTurns } from "#stores/agent/next-turns";
import { TasksTable } from "#stores/agent/tasks-table";
import { ShuttingDown } from "../../agent/ends";
import { LostTasks } from "../../agent/lost-tasks";
import { GatewayTools } from "../../agent/tools";
import { buildTask } from "./tasks";

const NOW_MS = 1000;
const ERROR = "Its worker died during the last of 3 tries.";

describe("lost tasks", () => {
  const task = buildTask();
  let tasks: SinonStubbedInstance<TasksTable>;
  let lastTries: SinonStubbedInstance<LastTries>;
  let nextTurns: SinonStubbedInstance<NextTurns>;
  let tools: SinonStubbedInstance<GatewayTools>;
  let error: sinon.SinonStub;
  let stopping: AbortController;
  let lost: LostTasks;
  beforeEach(() => {
    tasks = createStubInstance(TasksTable);
    tasks.read.resolves(task);
    tasks.readSteps.resolves([{ number: 1, label: "one", output: null }]);
    lastTries = createStubInstance(LastTries);
    lastTries.list.resolves([{ task: task.id, untilMs: NOW_MS }]);
    tools = createStubInstance(GatewayTools);
    tools.report.resolves({ ok: true, result: {} });
    error = sinon.stub();
    stopping = new AbortController();
    nextTurns = createStubInstance(NextTurns);
    lost = new LostTasks({ tasks, lastTries, nextTurns, tools, log: { info: () => {}, debug: () => {}, error }, nowMs: () => NOW_MS });
  });
  const look = () => lost.look(stopping.signal);

  it("are shown as failed, stored as failed and unmarked, in this order, once their mark has run out", async () => {
    await look();
    const shown = { state: "failed", steps: [{ label: "one", state: "done" }], note: ERROR };
    sinon.assert.calledOnceWithExactly(tools.report, task.id, shown, stopping.signal);
    sinon.assert.calledOnceWithExactly(tasks.finish, task, { state: "failed", error: ERROR }, NOW_MS);
    sinon.assert.calledOnceWithExactly(lastTries.remove, task.id);
    sinon.assert.callOrder(tools.report, tasks.finish, nextTurns.wake, lastTries.remove);
    sinon.assert.calledOnceWithMatch(error, "a task was lost", { message: ERROR }, { task: task.id });
  });

  it("are left alone while their worker lives", async () => {
    lastTries.list.resolves([{ task: task.id, untilMs: NOW_MS + 1 }]);
    await look();
    sinon.assert.notCalled(tasks.read);
    sinon.assert.notCalled(lastTries.remove);
  });

  for (const [what, found] of [
    ["has ended", buildTask({ state: "done" })],
    ["is gone", undefined],
  ] as const) {
    it(`are only unmarked if the task ${what}`, async () => {
      tasks.read.resolves(found);
      await look();
      sinon.assert.calledOnceWithExactly(lastTries.remove, task.id);
      sinon.assert.notCalled(tools.report);
      sinon.assert.notCalled(tasks.finish);
    });
  }

  it("are searched for at the start, and again only while there are marks", async () => {
    await look();
    lastTries.list.resolves([]);
    await look();
    await look();
    sinon.assert.calledTwice(lastTries.list);
  });

  it("end even if the card can't be changed", async () => {
    tools.report.resolves({ ok: false, rule: "slack", message: "is_archived" });
    await look();
    sinon.assert.calledOnce(tasks.finish);
    expect(error.args.map(([line]) => line)).to.include("the card does not show how the task ended");
  });

  it("are left to the next worker if this one shuts down meanwhile", async () => {
    const reason = new ShuttingDown();
    tools.report.callsFake(async () => {
      stopping.abort(reason);
      throw new Error("cut off");
    });
    expect(await rejectionOf(look())).to.equal(reason);
    sinon.assert.notCalled(tasks.finish);
    sinon.assert.notCalled(lastTries.remove);
  });

  it("keep their mark if the end could not be stored, and are looked for again", async () => {
    const down = new Error("the table is down");
    tasks.finish.rejects(down);
    expect(await rejectionOf(look())).to.equal(down);
    sinon.assert.notCalled(lastTries.remove);
    tasks.finish.resolves(true);
    await look();
    sinon.assert.calledOnce(lastTries.remove);
  });
});
