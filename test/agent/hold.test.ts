import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon, { createStubInstance, type SinonStubbedInstance } from "sinon";
import type { Task } from "#core/agent/task";
import { LeaseLost } from "#core/errors";
import { createLog } from "#core/log";
import { LastTries } from "#stores/agent/last-tries";
import { UserSlots } from "#stores/agent/slots";
import { TasksTable } from "#stores/agent/tasks-table";
import { ThreadLeases } from "#stores/agent/thread-leases";
import type { Delivery } from "../../agent/delivery";
import { AlreadyEnded, ShuttingDown, StopRequested, TimeUp } from "../../agent/ends";
import { HELD_SECONDS, Hold } from "../../agent/hold";

const HOUR_MS = 3_600_000;
const task: Task = {
  id: "t",
  state: "processing",
  team: "T0001",
  channel: "C0001",
  user: "U0001",
  text: "x",
  createdAtMs: 0,
  startedAtMs: 0,
  attempts: 1,
};
const lease = { thread: "thread#t", taskId: "t", leaseId: "l" };
const slot = { thread: "slot#T0001#U0001#1", taskId: "t", leaseId: "t" };

/** A delivery that records its calls. */
const createDelivery = (done: string[], name = "d", fails = false, receiveCount = 1): Delivery => ({
  body: "{}",
  receiveCount,
  traceHeader: undefined,
  extend: async seconds => {
    if (fails) throw new Error("void");
    done.push(`${name} extend ${seconds}`);
  },
  handBack: async () => {
    done.push(`${name} handBack`);
  },
  retryAfter: async () => {},
  remove: async () => {},
});

describe("hold", () => {
  let tasks: SinonStubbedInstance<TasksTable>;
  let leases: SinonStubbedInstance<ThreadLeases>;
  let slots: SinonStubbedInstance<UserSlots>;
  let lastTries: SinonStubbedInstance<LastTries>;
  let shutdown: AbortController;
  let nowMs: number;
  let hold: Hold;
  let lines: string[];
  let done: string[];
  beforeEach(() => {
    tasks = createStubInstance(TasksTable);
    leases = createStubInstance(ThreadLeases);
    slots = createStubInstance(UserSlots);
    slots.take.resolves(slot);
    lastTries = createStubInstance(LastTries);
    tasks.read.resolves(task);
    leases.acquire.resolves(undefined);
    leases.extend.resolves();
    shutdown = new AbortController();
    nowMs = 1000;
    lines = [];
    done = [];
    const log = { info: () => {}, debug: () => {}, error: (line: string) => void lines.push(line) };
    hold = new Hold(task, { tasks, leases, slots, lastTries, log, shutdown: shutdown.signal, nowMs: () => nowMs });
  });

  const ends: [what: string, found: Partial<Task> | undefined, atMs: number, reason: new (...args: never[]) => Error][] = [
    ["was asked to stop", { stopBy: "U0002" }, 1000, StopRequested],
    ["has ended elsewhere", { state: "done" }, 1000, AlreadyEnded],
    ["is gone", undefined, 1000, AlreadyEnded],
    ["took more than eight hours", {}, 8 * HOUR_MS + 1, TimeUp],
  ];
  for (const [what, found, atMs, reason] of ends) {
    it(`ends the run of a task that ${what}`, async () => {
      tasks.read.resolves(found && { ...task, ...found });
      nowMs = atMs;

      expect(await rejectionOf(hold.look())).to.be.instanceOf(reason);
      expect(hold.signal.reason).to.be.instanceOf(reason);
    });
  }

  it("keeps running a task within its eight hours, and one that has not begun", async () => {
    nowMs = 8 * HOUR_MS;
    await hold.look();
    nowMs = 20 * HOUR_MS;
    tasks.read.resolves({ ...task, startedAtMs: undefined });
    await hold.look();

    expect(hold.signal.aborted).to.equal(false);
  });

  it("ends the run when the worker shuts down", () => {
    shutdown.abort(new ShuttingDown());

    expect(hold.signal.reason).to.be.instanceOf(ShuttingDown);
  });

  it("extends all deliveries and the lease, even if an earlier handle is void", async () => {
    hold.add(createDelivery(done, "old", true));
    hold.add(createDelivery(done, "new"));
    await hold.tryLease(lease);
    await hold.beat();

    expect(done).to.deep.equal([`new extend ${HELD_SECONDS}`]);
    expect(leases.extend.args).to.deep.equal([[lease, 1000 + HELD_SECONDS * 1000]]);
    expect(lines).to.deep.equal([]);
  });

  it("ends the run when it loses the thread, and can start another run", async () => {
    await hold.tryLease(lease);
    leases.extend.rejects(new LeaseLost("lost"));
    await hold.beat();
    expect(hold.signal.reason).to.be.instanceOf(LeaseLost);
    await hold.renew();

    expect(leases.release.args).to.deep.equal([[lease]]);
    expect(hold.signal.aborted).to.equal(false);
    expect(hold.lease).to.equal(undefined);
  });

  it("extends the user's slot, and ends the run when it loses the slot", async () => {
    expect(await hold.takeSlots()).to.equal(undefined);
    expect(slots.take.args).to.deep.equal([[task, 1000, 1000 + HELD_SECONDS * 1000]]);
    await hold.beat();
    expect(leases.extend.args).to.deep.equal([[slot, 1000 + HELD_SECONDS * 1000]]);
    leases.extend.rejects(new LeaseLost("lost"));
    await hold.beat();
    expect(hold.signal.reason).to.be.instanceOf(LeaseLost);
  });

  it("releases the thread and the slot, and gets no slot if all are taken", async () => {
    await hold.takeSlots();
    await hold.tryLease(lease);
    await hold.release();
    await hold.release();
    expect(leases.release.args).to.deep.equal([[lease], [slot]]);
    slots.take.resolves(undefined);
    expect(await hold.takeSlots()).to.equal("user");
  });

  it("gives the user's slot back if the workspace has none", async () => {
    const teamSlots = { take: sinon.stub().resolves(undefined) };
    hold = new Hold(task, {
      tasks,
      leases,
      slots,
      teamSlots,
      lastTries,
      log: createLog("test", {}),
      shutdown: shutdown.signal,
      nowMs: () => nowMs,
    });
    expect(await hold.takeSlots()).to.equal("team");
    expect(leases.release.args).to.deep.equal([[slot]]);
    await hold.beat();
    expect(leases.extend.args).to.deep.equal([]);
  });

  it("does not extend a lease that it did not acquire", async () => {
    leases.acquire.resolves("another");

    expect(await hold.tryLease(lease)).to.equal("another");
    expect(hold.lease).to.equal(undefined);
  });

  it("marks a task on its last try, and renews the mark with the message", async () => {
    hold.add(createDelivery(done, "second", false, 2));
    await hold.markLastTry();
    await hold.beat();
    sinon.assert.notCalled(lastTries.put);
    hold.add(createDelivery(done, "third", false, 3));
    await hold.beat();
    expect(lastTries.put.args).to.deep.equal([[{ task: "t", untilMs: 1000 + HELD_SECONDS * 1000 }]]);
    await hold.unmarkLastTry();
    await hold.unmarkLastTry();

    expect(lastTries.remove.args).to.deep.equal([["t"]]);
  });

  it("removes the mark when a copy replaces the message", async () => {
    hold.add(createDelivery(done, "third", false, 3));
    await hold.markLastTry();
    nowMs += 11 * HOUR_MS + 1;
    await hold.beat();

    sinon.assert.calledOnce(lastTries.put);
    sinon.assert.calledOnceWithExactly(lastTries.remove, "t");
  });

  it("replaces a message by a copy before SQS's limit of twelve hours", async () => {
    hold.add(createDelivery(done));
    nowMs += 11 * HOUR_MS;
    await hold.beat();
    expect(done).to.not.include("d handBack");
    nowMs += 1;
    await hold.beat();

    expect(done.at(-1)).to.equal("d handBack");
    expect(hold.deliveries).to.deep.equal([]);
  });
});
