import { expect } from "chai";
import sinon, { createStubInstance, type SinonStubbedInstance } from "sinon";
import type { Task } from "#core/agent/task";
import { LeaseLost } from "#core/errors";
import { LastTries } from "#stores/agent/last-tries";
import { TasksTable } from "#stores/agent/tasks-table";
import { ThreadLeases } from "#stores/agent/thread-leases";
import { UserSlots } from "#stores/agent/user-slots";
import type { Delivery } from "../../agent/delivery";
import { AlreadyEnded, ShuttingDown, StopRequested, TimeUp } from "../../agent/ends";
import { HELD_SECONDS, Hold } from "../../agent/hold";
import { rejectionOf } from "../thrown";

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

/** A delivery that keeps what was done with it. */
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

  it("goes on with a task within its eight hours, and with one that nobody has begun", async () => {
    nowMs = 8 * HOUR_MS;
    await hold.look();
    nowMs = 20 * HOUR_MS;
    tasks.read.resolves({ ...task, startedAtMs: undefined });
    await hold.look();

    expect(hold.signal.aborted).to.equal(false);
  });

  it("ends the run when the worker is to end", () => {
    shutdown.abort(new ShuttingDown());

    expect(hold.signal.reason).to.be.instanceOf(ShuttingDown);
  });

  it("beats for all deliveries and the lease; an earlier handle may be void", async () => {
    hold.add(createDelivery(done, "old", true));
    hold.add(createDelivery(done, "new"));
    await hold.tryLease(lease);
    await hold.beat();

    expect(done).to.deep.equal([`new extend ${HELD_SECONDS}`]);
    expect(leases.extend.args).to.deep.equal([[lease, 1000 + HELD_SECONDS * 1000]]);
    expect(lines).to.deep.equal([]);
  });

  it("ends the run when the thread is lost, and begins another one free of that", async () => {
    await hold.tryLease(lease);
    leases.extend.rejects(new LeaseLost("lost"));
    await hold.beat();
    expect(hold.signal.reason).to.be.instanceOf(LeaseLost);
    await hold.renew();

    expect(leases.release.args).to.deep.equal([[lease]]);
    expect(hold.signal.aborted).to.equal(false);
    expect(hold.lease).to.equal(undefined);
  });

  it("keeps the slot of the person who asked, and ends the run when that is lost", async () => {
    expect(await hold.takeSlot()).to.equal(true);
    expect(slots.take.args).to.deep.equal([[task, 1000, 1000 + HELD_SECONDS * 1000]]);
    await hold.beat();
    expect(leases.extend.args).to.deep.equal([[slot, 1000 + HELD_SECONDS * 1000]]);
    leases.extend.rejects(new LeaseLost("lost"));
    await hold.beat();
    expect(hold.signal.reason).to.be.instanceOf(LeaseLost);
  });

  it("lets go of the thread and of the slot, and has none where all are taken", async () => {
    await hold.takeSlot();
    await hold.tryLease(lease);
    await hold.release();
    await hold.release();
    expect(leases.release.args).to.deep.equal([[lease], [slot]]);
    slots.take.resolves(undefined);
    expect(await hold.takeSlot()).to.equal(false);
  });

  it("keeps no lease that it did not get", async () => {
    leases.acquire.resolves("another");

    expect(await hold.tryLease(lease)).to.equal("another");
    expect(hold.lease).to.equal(undefined);
  });

  it("marks a task whose message comes to nobody after it, and keeps the mark for as long as the message", async () => {
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

  it("takes the mark from a task whose copy has all its tries before it", async () => {
    hold.add(createDelivery(done, "third", false, 3));
    await hold.markLastTry();
    nowMs += 11 * HOUR_MS + 1;
    await hold.beat();

    sinon.assert.calledOnce(lastTries.put);
    sinon.assert.calledOnceWithExactly(lastTries.remove, "t");
  });

  it("puts a copy in place of a message before SQS's twelve hours are over", async () => {
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
