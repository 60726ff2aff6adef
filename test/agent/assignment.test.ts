import { setImmediate as nextTurn } from "node:timers/promises";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon, { createStubInstance, type SinonStubbedInstance } from "sinon";
import type { Task } from "#core/agent/task";
import type { AgentBusy } from "#core/agent/thread";
import { LeaseLost } from "#core/errors";
import { LastTries } from "#stores/agent/last-tries";
import { NextTurns } from "#stores/agent/next-turns";
import { UserSlots } from "#stores/agent/slots";
import { TasksTable } from "#stores/agent/tasks-table";
import { ThreadLeases } from "#stores/agent/thread-leases";
import { ThreadsTable } from "#stores/agent/threads-table";
import { Assignment } from "../../agent/assignment";
import { QueueDelivery } from "../../agent/delivery";
import { ShuttingDown } from "../../agent/ends";
import { Runner } from "../../agent/runner";
import { GatewayTools } from "../../agent/tools";
import { buildTask } from "./tasks";

const SLOT = { thread: "slot#T0001#U0001#1", taskId: "t", leaseId: "t" };
const CARD = "1763805700.000001";
/** Each reading of the clock advances it by this time, so that tests never wait. */
const TICK_MS = 5000;

/** What happens only at rare times, or depends on their order. Whole tasks are in agent-worker.test.ts, and deaths in kill-points.test.ts. */
describe("assignment", () => {
  const task = buildTask({ cardTs: CARD });
  const { id, team, channel, user, text, threadTs = "", createdAtMs } = task;
  const request = { id, messageId: `${id}-events`, team, channel, user, text, threadTs, createdAtMs };
  let tasks: SinonStubbedInstance<TasksTable>;
  let threads: SinonStubbedInstance<ThreadsTable>;
  let leases: SinonStubbedInstance<ThreadLeases>;
  let nextTurns: SinonStubbedInstance<NextTurns>;
  let busy: AgentBusy;
  let slots: SinonStubbedInstance<UserSlots>;
  let lastTries: SinonStubbedInstance<LastTries>;
  let tools: SinonStubbedInstance<GatewayTools>;
  let runner: SinonStubbedInstance<Runner>;
  let delivery: SinonStubbedInstance<QueueDelivery>;
  let shutdown: AbortController;
  let lines: string[];
  beforeEach(() => {
    tasks = createStubInstance(TasksTable);
    threads = createStubInstance(ThreadsTable);
    leases = createStubInstance(ThreadLeases);
    busy = "queue";
    nextTurns = createStubInstance(NextTurns);
    nextTurns.list.callsFake(async () => {
      await nextTurn();
      return [];
    });
    slots = createStubInstance(UserSlots);
    Object.assign(slots, { count: 3 });
    slots.take.resolves(SLOT);
    lastTries = createStubInstance(LastTries);
    tools = createStubInstance(GatewayTools);
    runner = createStubInstance(Runner);
    delivery = createStubInstance(QueueDelivery);
    shutdown = new AbortController();
    lines = [];
    // Heartbeats never wait here, so let other work run in between; otherwise a test that hangs would not time out.
    delivery.extend.callsFake(() => nextTurn());
    tasks.accept.resolves(task);
    stand(task);
    tasks.readSteps.resolves([]);
    tasks.readConversation.resolves({ entries: [], files: [] });
    tasks.finish.resolves(true);
    leases.acquire.resolves(undefined);
    tools.report.resolves({ ok: true, result: { ts: CARD } });
    tools.bind.returns({
      list: async () => [],
      readFile: async () => ({ reason: "it is gone." }),
      call: async () => ({ ok: true, result: null }),
    });
    runner.run.resolves({ text: "all done", refusal: null });
  });

  /** Sets the task's row in the table. */
  const stand = (found: Task) => {
    tasks.read.resolves(found);
    tasks.begin.resolves(found);
  };
  const work = (receiveCount?: number) => {
    let nowMs = 0;
    const log = { info: () => {}, debug: () => {}, error: (line: string) => void lines.push(line) };
    const clock = () => (nowMs += TICK_MS);
    const assignment = new Assignment(request, {
      tasks,
      threads,
      leases,
      nextTurns,
      busy,
      slots,
      lastTries,
      tools,
      runner,
      log,
      shutdown: shutdown.signal,
      nowMs: clock,
    });
    assignment.add(Object.assign(delivery, { body: "{}", receiveCount, traceHeader: undefined }));
    return assignment.work();
  };
  const reports = () => tools.report.args.map(([, { state, note }]) => (note === undefined ? state : `${state}: ${note}`));
  const ended = () => tasks.finish.args.map(([, ending]) => ending);

  it("waits again for a slot if it had begun, and stores that", async () => {
    slots.take.resolves(undefined);
    stand(buildTask({ state: "processing", attempts: 1, cardTs: CARD }));
    await work(2);
    sinon.assert.calledOnceWithExactly(tasks.waitForSlot, id);
    expect(reports()).to.deep.equal(["waiting: Waiting: you have 3 tasks at work. This one begins when one of them ends."]);
  });

  it("shows on the card why an answer was not posted", async () => {
    runner.run.resolves({ text: "all done", refusal: "The answer was not posted (length): too long." });
    await work(1);
    expect(reports().at(-1)).to.equal("done: The answer was not posted (length): too long.");
    expect(ended()).to.deep.equal([{ state: "done", answer: "all done" }]);
  });

  it("shows when a call waits for approval, and when it goes on", async () => {
    const states: unknown[] = [];
    runner.run.callsFake(async ({ progress }) => {
      const { onWaiting } = tools.bind.firstCall.args[1];
      progress.setStep(1, { label: "Post", state: "processing" });
      for (const isWaiting of [true, false]) {
        onWaiting(isWaiting);
        states.push(progress.steps[0]?.state);
        // Lets the card be updated before the next change.
        await nextTurn();
      }
      return { text: "all done", refusal: null };
    });
    await work(1);
    expect(states).to.deep.equal(["waiting", "processing"]);
    expect(reports()).to.include.members(["waiting: Waits for approval.", "processing", "done"]);
    sinon.assert.calledOnceWithExactly(tools.bind, id, { onWaiting: sinon.match.func });
  });

  describe("a task that has ended", () => {
    it("stays failed if the other message of its mention arrives later", async () => {
      tasks.accept.resolves({ ...task, state: "failed", error: "no words", deadLetter: `${id}-mention` });
      await work(1);
      sinon.assert.notCalled(tasks.reopen);
      sinon.assert.notCalled(runner.run);
      sinon.assert.calledOnce(delivery.remove);
    });

    it("is released, and not ended again, if it ended just before the run", async () => {
      tasks.begin.resolves({ ...task, state: "done" });
      await work(1);
      sinon.assert.notCalled(runner.run);
      sinon.assert.notCalled(tasks.finish);
      sinon.assert.callOrder(leases.release, delivery.remove);
    });
  });

  describe("a request to stop", () => {
    for (const [what, atMs, isStopped] of [
      ["that came after the task, and before any worker, stops it", createdAtMs, true],
      ["that came before the task does not concern it", createdAtMs - 1, false],
    ] as const) {
      it(what, async () => {
        stand({ ...task, attempts: 0 });
        tasks.readStop.resolves({ by: "U0002", atMs });
        tasks.requestStop.callsFake(async (_, by) => {
          stand({ ...task, stopBy: by });
          return true;
        });
        await work(1);
        sinon.assert.calledOnceWithExactly(tasks.readStop, { team, channel, threadTs });
        expect(ended().map(({ state }) => state)).to.deep.equal([isStopped ? "stopped" : "done"]);
      });
    }

    it("is read from the thread only before the first try", async () => {
      await work(2);
      sinon.assert.notCalled(tasks.readStop);
    });
  });

  describe("a run that fails", () => {
    beforeEach(() => runner.run.rejects(new Error("no milk")));

    it("counts the tries of the task if the delivery has no receive count", async () => {
      stand({ ...task, attempts: 2 });
      await work();
      sinon.assert.calledOnce(tasks.handBack);
      stand({ ...task, attempts: 3 });
      await work();
      expect(ended()).to.deep.equal([{ state: "failed", error: "no milk", deadLetter: "" }]);
      sinon.assert.calledOnceWithExactly(delivery.retryAfter, 30);
    });

    const saids: [what: string, thrown: unknown, error: string][] = [
      ["said nothing", new Error(" "), "It failed without a message."],
      ["was no error", "no bread", "no bread"],
      ["said too much", new Error("x".repeat(501)), "x".repeat(500)],
    ];
    for (const [what, thrown, error] of saids) {
      it(`is described even if it ${what}`, async () => {
        runner.run.callsFake(() => Promise.reject(thrown));
        await work(3);
        expect(ended()).to.deep.equal([{ state: "failed", error, deadLetter: request.messageId }]);
      });
    }
  });

  describe("a worker that shuts down", () => {
    const shutDown = () => {
      shutdown.abort(new ShuttingDown());
      return Promise.reject(new Error("cut off"));
    };
    const expectHandedBack = () => {
      sinon.assert.calledOnceWithExactly(tasks.handBack, id);
      sinon.assert.callOrder(tasks.handBack, delivery.handBack, leases.release);
      sinon.assert.calledOnce(delivery.handBack);
      for (const untouched of [tasks.finish, delivery.remove, delivery.retryAfter]) sinon.assert.notCalled(untouched);
    };

    it("removes the mark of the last try before it sends the copy", async () => {
      runner.run.callsFake(shutDown);
      await work(3);
      expectHandedBack();
      sinon.assert.callOrder(lastTries.put, lastTries.remove, delivery.handBack);
    });

    it("leaves the end of a task to the next worker if the card could not show it", async () => {
      tools.report.callsFake(async (_, { state }) => (state === "done" ? shutDown() : { ok: true, result: { ts: CARD } }));
      await work(1);
      expectHandedBack();
    });
  });

  it("ends a task whose card can't be changed, and logs that", async () => {
    tools.report.resolves({ ok: false, rule: "slack", message: "is_archived" });
    await work(1);
    expect(ended()).to.deep.equal([{ state: "done", answer: "all done" }]);
    expect(lines).to.include("the card does not show how the task ended");
  });

  describe("the thread", () => {
    it("is acquired again after a loss, under another lease, and the task runs once more", async () => {
      runner.run.onFirstCall().rejects(new LeaseLost("lost"));
      await work(1);
      const [first, second] = runner.run.args.map(([{ lease }]) => lease.leaseId);
      expect(second).to.be.a("string").and.not.equal(first);
      expect(ended()).to.deep.equal([{ state: "done", answer: "all done" }]);
    });

    describe("of another task", () => {
      const other = buildTask({ id: "T0001-C0001-1763805600.000050" });
      beforeEach(() => {
        leases.acquire.resolves(other.id);
        tasks.read.withArgs(other.id).resolves(other);
      });

      it("is stopped first if requests interrupt", async () => {
        busy = "interrupt";
        await work(1);
        sinon.assert.calledOnceWithExactly(tasks.requestStop, other.id, task.user, sinon.match.number);
        sinon.assert.callOrder(threads.queue, tasks.requestStop, delivery.remove);
      });

      it("takes up the request itself if it listens while it works, which needs no card", async () => {
        busy = "steer";
        await work(1);
        expect(reports()).to.deep.equal([]);
        sinon.assert.calledOnce(threads.queue);
      });

      it("is heard with what was shared until then", async () => {
        busy = "steer";
        leases.acquire.resolves(undefined);
        const [ts, laterTs] = ["1763805600.000300", "1763805600.000400"];
        const later = buildTask({ id: `T0001-C0001-${ts}` });
        const said = { user: "U0001", text: "", files: [{ id: "F1", name: "a.png", mimetype: "image/png", size: 5 }] };
        threads.listSaid.resolves([
          { ...said, ts },
          { ...said, ts: laterTs, files: [{ id: "F2" }] },
        ]);
        await work(1);
        nextTurns.find.resolves(later);
        const files = [{ id: "F1", name: "a.png", mimetype: "image/png", sizeBytes: 5 }];
        expect(await runner.run.firstCall.args[0].hear()).to.deep.equal({ ...later, files });
      });

      it("is waited for if that task has ended: its lease runs out soon", async () => {
        tasks.read.withArgs(other.id).resolves({ ...other, state: "done" });
        leases.acquire.onThirdCall().resolves(undefined);
        await work(1);
        sinon.assert.notCalled(threads.queue);
        sinon.assert.calledOnce(runner.run);
      });

      it("is acquired if it became free while the task was put into the queue", async () => {
        leases.acquire.onSecondCall().resolves(undefined);
        await work(1);
        sinon.assert.calledOnce(threads.queue);
        sinon.assert.calledOnceWithMatch(threads.unqueue, { id });
        sinon.assert.calledOnce(runner.run);
      });
    });

    it("is passed on to a task that waits for longer", async () => {
      const earlier = buildTask({ id: "T0001-C0001-1763805600.000050", state: "waiting" });
      nextTurns.find.resolves(earlier);
      await work(1);
      sinon.assert.callOrder(threads.queue, leases.passOn, nextTurns.tell, delivery.remove);
      sinon.assert.calledWith(leases.passOn, sinon.match.any, earlier.id);
      sinon.assert.notCalled(runner.run);
    });

    it("is waited for silently if another worker runs the same task", async () => {
      leases.acquire.onFirstCall().resolves(id);
      await work(1);
      expect(reports().filter(said => String(said).startsWith("waiting"))).to.deep.equal([]);
    });
  });

  it("returns to the queue, and holds no slot, if another worker goes on with it", async () => {
    leases.acquire.resolves(id);
    await work(1);
    sinon.assert.callOrder(leases.release, delivery.handBack);
    sinon.assert.calledOnceWithExactly(delivery.handBack, 30);
    sinon.assert.notCalled(runner.run);
  });

  it("throws if the end can't be stored, and keeps the mark of the last try", async () => {
    const down = new Error("the table is down");
    tasks.finish.rejects(down);
    expect(await rejectionOf(work(3))).to.equal(down);
    sinon.assert.notCalled(delivery.remove);
    sinon.assert.notCalled(lastTries.remove);
  });
});
