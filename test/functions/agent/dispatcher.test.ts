import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import type { Task } from "#core/agent/task";
import { buildAskEnvelope } from "#core/agent/task-request";
import { BadRequest, ToolBusy, ToolRefused } from "#core/errors";
import { createLog } from "#core/log";
import { Dispatcher } from "#functions/agent/dispatcher";
import { AgentGateway } from "#stores/agent/gateway";
import { NextTurns } from "#stores/agent/next-turns";
import { AgentRuntime } from "#stores/agent/runtime";
import { UserSlots } from "#stores/agent/slots";
import { TasksTable } from "#stores/agent/tasks-table";
import { ThreadLeases } from "#stores/agent/thread-leases";
import { AgentWatches } from "#stores/agent/watches";
import { NoticesTopic } from "#stores/notice/topic";
import { NOW_MS } from "../requests";

const { id: ID, envelope: BODY } = buildAskEnvelope(
  { team: "T0001", channel: "C0001", user: "U0001", text: "post hello", triggerId: "1.2" },
  NOW_MS,
);

describe("agent-dispatcher", () => {
  let tasks: sinon.SinonStubbedInstance<TasksTable>;
  let leases: sinon.SinonStubbedInstance<ThreadLeases>;
  let slots: sinon.SinonStubbedInstance<UserSlots>;
  let runtime: sinon.SinonStubbedInstance<AgentRuntime>;
  let watches: sinon.SinonStubbedInstance<AgentWatches>;
  let errors: sinon.SinonStubbedInstance<NoticesTopic>;
  let gateway: sinon.SinonStubbedInstance<AgentGateway>;
  let nextTurns: sinon.SinonStubbedInstance<NextTurns>;
  beforeEach(() => {
    sinon.stub(console, "log");
    sinon.stub(console, "error");
    tasks = sinon.createStubInstance(TasksTable);
    stand({});
    leases = sinon.createStubInstance(ThreadLeases);
    slots = sinon.createStubInstance(UserSlots);
    slots.isFull.resolves(false);
    runtime = sinon.createStubInstance(AgentRuntime);
    watches = sinon.createStubInstance(AgentWatches);
    errors = sinon.createStubInstance(NoticesTopic);
    gateway = sinon.createStubInstance(AgentGateway);
    nextTurns = sinon.createStubInstance(NextTurns);
    tasks.readSteps.resolves([{ number: 1, label: "Post: hello", output: null }]);
  });
  afterEach(() => sinon.restore());

  const stand = (over: Partial<Task>) => tasks.accept.callsFake(async request => ({ ...request, state: "waiting", attempts: 0, ...over }));
  const handle = (handovers?: number, { body = BODY, receives = 1 } = {}) =>
    new Dispatcher({
      tasks,
      leases,
      slots,
      runtime,
      watches,
      errors,
      gateway,
      nextTurns,
      log: createLog("test", {}),
      nowMs: () => NOW_MS,
    }).handle({
      body,
      attributes: { ApproximateReceiveCount: String(receives) },
      ...(handovers === undefined ? {} : { messageAttributes: { handovers: { stringValue: String(handovers) } } }),
    });

  it("passes a new task to its session, and checks it in five minutes", async () => {
    await handle();

    expect(runtime.invoke.args).to.deep.equal([[ID, BODY]]);
    expect(watches.put.args).to.deep.equal([[BODY, 1, 300]]);
    sinon.assert.callOrder(runtime.invoke, watches.put);
  });

  it("does nothing for a task that has ended", async () => {
    stand({ state: "done" });

    await handle(1);

    sinon.assert.notCalled(runtime.invoke);
    sinon.assert.notCalled(watches.put);
  });

  describe("a task whose person has no free slot", () => {
    beforeEach(() => {
      slots.isFull.resolves(true);
      stand({ hasNoSlot: true });
    });

    it("is delivered again soon, which does not count as a loss", async () => {
      await handle(2);

      expect(watches.put.args).to.deep.equal([[BODY, 2, 5]]);
      sinon.assert.notCalled(runtime.invoke);
    });

    it("is handed over once there is a slot", async () => {
      slots.isFull.resolves(false);
      await handle(0);
      sinon.assert.calledOnce(runtime.invoke);
    });

    it("is handed over if it has to stop, so that its session shows it", async () => {
      stand({ hasNoSlot: true, stopBy: "U0002" });
      await handle();
      sinon.assert.calledOnce(runtime.invoke);
    });
  });

  it("keeps watching while the session's lease is renewed", async () => {
    stand({ state: "processing" });
    leases.readHolder.resolves(ID);

    await handle(2);

    sinon.assert.notCalled(runtime.invoke);
    expect(watches.put.args).to.deep.equal([[BODY, 2, 300]]);
  });

  it("hands the task over again when the session's lease has expired", async () => {
    stand({ state: "processing" });

    await handle(2);

    expect(runtime.invoke.args).to.deep.equal([[ID, BODY]]);
    expect(watches.put.args).to.deep.equal([[BODY, 3, 300]]);
  });

  it("does not count waiting for another task of the thread as a loss", async () => {
    leases.readHolder.resolves("another");

    await handle(3);

    expect(watches.put.args).to.deep.equal([[BODY, 3, 300]]);
    sinon.assert.notCalled(tasks.finish);
  });

  it("fails a task whose session was lost three times, after publishing a notice", async () => {
    stand({ state: "processing" });

    await handle(3);

    const error = "The agent's session was lost 3 times during this task.";
    sinon.assert.calledOnceWithMatch(tasks.finish, { id: ID }, { state: "failed", error });
    sinon.assert.calledOnceWithMatch(nextTurns.wake, { id: ID });
    expect(errors.publish.firstCall.args[0]).to.include({ id: `${ID}-lost`, outcome: "error", channel: "C0001", private: true });
    sinon.assert.callOrder(errors.publish, tasks.finish);
    sinon.assert.notCalled(runtime.invoke);
  });

  it("updates the card of a task that it gives up before it ends the task", async () => {
    stand({ state: "processing" });

    await handle(3);

    expect(gateway.report.args).to.deep.equal([
      [
        ID,
        {
          state: "failed",
          steps: [{ label: "Post: hello", state: "done" }],
          note: "The agent's session was lost 3 times during this task.",
        },
      ],
    ]);
    sinon.assert.callOrder(gateway.report, tasks.finish);
  });

  it("retries while the card can't be changed, but ends the task on the last delivery", async () => {
    const busy = new ToolBusy("waiting-for-slack", 1000);
    gateway.report.rejects(busy);

    expect(await rejectionOf(handle(3))).to.equal(busy);
    sinon.assert.notCalled(tasks.finish);
    await handle(3, { receives: 3 });
    sinon.assert.calledOnce(tasks.finish);
  });

  it("ends a task whose card can never be changed", async () => {
    gateway.report.rejects(new ToolRefused("card", "no"));

    await handle(3);

    sinon.assert.calledOnce(tasks.finish);
  });

  it("throws if the runtime refuses, so that SQS delivers the message again", async () => {
    runtime.invoke.rejects(new Error("throttled"));

    expect(await rejectionOf(handle())).to.have.property("message", "throttled");
    sinon.assert.notCalled(watches.put);
  });

  it("refuses a message that is not a task", async () => {
    expect(await rejectionOf(handle(0, { body: "{}" }))).to.be.instanceOf(BadRequest);
  });
});
