import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { type Claim, findTurn, type Queue } from "#core/dibs/queue";
import { NotDurable } from "#core/errors";
import { createId } from "#core/ids";
import { Dibs, findStatusIn } from "#functions/dibs/dibs";
import { DibsTable } from "#stores/dibs/dibs-table";
import { DibsHistoryTable } from "#stores/dibs/history-table";
import { Schedules } from "#stores/dibs/schedules";
import { NoticesTopic } from "#stores/notice/topic";
import { claimOf, MINUTE_MS, NOW_MS, ownersOf, queueOf } from "../../core/dibs/queues";
import { createDibsWorld, type DibsWorld, TEAM } from "./world";

const key = { team: "T0001", name: "staging" };
const RELEASE = { do: "release", whose: { owner: "U0001" } } as const;

describe("dibs", () => {
  /** Its time stands still. */
  const deadline = new Deadline(60_000, () => 0);
  let queues: sinon.SinonStubbedInstance<DibsTable>;
  let history: sinon.SinonStubbedInstance<DibsHistoryTable>;
  let schedules: sinon.SinonStubbedInstance<Schedules>;
  let notices: sinon.SinonStubbedInstance<NoticesTopic>;
  let log: { info: sinon.SinonStub; debug: sinon.SinonStub; error: sinon.SinonStub };
  let sleep: sinon.SinonStub<[number], Promise<unknown>>;
  let nowMs: number;
  let dibs: Dibs;
  beforeEach(() => {
    queues = sinon.createStubInstance(DibsTable);
    history = sinon.createStubInstance(DibsHistoryTable);
    schedules = sinon.createStubInstance(Schedules);
    notices = sinon.createStubInstance(NoticesTopic);
    log = { info: sinon.stub(), debug: sinon.stub(), error: sinon.stub() };
    sleep = sinon.stub<[number], Promise<unknown>>().resolves();
    nowMs = NOW_MS;
    let ids = 0;
    dibs = new Dibs({ queues, history, schedules, notices, log, nowMs: () => nowMs, newId: () => `id-${++ids}`, sleep });
    queues.put.resolves(true);
    queues.putBoth.resolves(true);
  });

  /** A queue as the table has it after some writes. */
  const stored = (...claims: Claim[]): Queue => ({ ...queueOf(...claims), version: Math.max(1, claims.length) });
  const moved = (): Queue => queues.put.lastCall.args[0];

  describe("claim", () => {
    const request = { ...key, id: "claim of U0001", owner: "U0001", isPersonal: true, maker: "U0001", forSeconds: 3600 };
    const refuse = (refused: Queue | undefined) => queues.join.resolves({ refused });
    const claim = (mustExist = false) => dibs.claim(request, mustExist, deadline);

    it("is one write; the first claim holds, and its turn gets a timer", async () => {
      const queue = stored(claimOf("U0001"));
      queues.join.resolves({ queue });
      expect(await claim(true)).to.deep.equal({ is: "in", claim: queue.claims[0], queue, isNew: true, isFirst: true });
      const { team, name, ...rest } = request;
      const written = { ...rest, joinedAtMs: NOW_MS, leaseId: "id-1" };
      sinon.assert.calledOnceWithExactly(queues.join, { team, name }, written, true, deadline);
      const timer = { name: `lease of U0001-${(NOW_MS + 60 * MINUTE_MS) / 1000}`, atMs: NOW_MS + 60 * MINUTE_MS };
      sinon.assert.calledOnceWithExactly(schedules.create, { ...timer, input: { ...key, leaseId: "lease of U0001" } }, deadline);
      sinon.assert.notCalled(queues.get);
      sinon.assert.notCalled(queues.put);
    });

    it("makes no timer for a waiting claim", async () => {
      queues.join.resolves({ queue: stored(claimOf("U0002"), claimOf("U0001")) });
      expect(await claim()).to.include({ is: "in", isNew: true, isFirst: false });
      sinon.assert.notCalled(schedules.create);
    });

    it("holds at once if the earlier turn has expired", async () => {
      nowMs += 61 * MINUTE_MS;
      queues.join.resolves({ queue: stored(claimOf("U0002"), claimOf("U0001")) });
      const joined = await claim();
      expect(joined.is === "in" && ownersOf(joined.queue)).to.deep.equal(["U0001"]);
      expect(moved().claims[0]).to.include({ owner: "U0001", sinceMs: nowMs });
    });

    it("succeeds even if no timer can be made; the sweep will end its turn", async () => {
      schedules.create.rejects(new Error("the scheduler is down"));
      queues.join.resolves({ queue: stored(claimOf("U0001")) });
      expect(await claim()).to.include({ is: "in" });
      sinon.assert.calledOnce(log.error);
    });

    it("goes to the queue's new name", async () => {
      const queue = { ...stored(claimOf("U0001")), name: "stage-1" };
      queues.join.onFirstCall().resolves({ refused: { ...stored(), renamedTo: "stage-1" } });
      queues.join.onSecondCall().resolves({ queue });
      expect(await claim()).to.include({ is: "in", queue });
      expect(queues.join.args.map(([{ name }]) => name)).to.deep.equal(["staging", "stage-1"]);
    });

    it("gives up on a cycle of renames", async () => {
      refuse({ ...stored(), renamedTo: "staging" });
      expect(await claim()).to.deep.equal({ is: "unapproved" });
    });

    it("finds the claim of a repeated request, and is not new", async () => {
      const queue = stored(claimOf("U0002"), claimOf("U0001"));
      refuse(queue);
      expect(await claim()).to.deep.equal({ is: "in", claim: queue.claims[1], queue, isNew: false, isFirst: false });
    });

    it("finds the person's other claim", async () => {
      const other = claimOf("U0001", { id: "another" });
      refuse(stored(other));
      expect(await claim()).to.deep.include({ is: "already", claim: other });
    });

    it("has ended if the queue or its outbox remembers it", async () => {
      refuse({ ...stored(), ended: [{ id: request.id, atMs: NOW_MS }] });
      expect(await claim()).to.have.property("is", "over");
      const ended = { claim: claimOf("U0001"), how: "released", endedAtMs: NOW_MS } as const;
      refuse({ ...stored(), outbox: { a: { atMs: NOW_MS, kind: "ended", ended } } });
      expect(await claim()).to.have.property("is", "over");
    });

    it("is distinguished from a full queue and from an unknown resource", async () => {
      refuse(stored(claimOf("U0002")));
      expect(await claim()).to.deep.equal({ is: "full" });
      refuse({ ...stored(), isRemoved: true });
      expect(await claim(true)).to.deep.equal({ is: "unapproved" });
      refuse(undefined);
      expect(await claim(true)).to.deep.equal({ is: "unapproved" });
    });
  });

  describe("move", () => {
    it("writes the next version, makes the next turn's timer and sends messages", async () => {
      queues.get.resolves(stored(claimOf("U0001"), claimOf("U0002")));
      const done = await dibs.move(key, RELEASE, deadline);
      expect(done?.outcome).to.include({ is: "released", held: true });
      expect(moved()).to.include({ version: 3, passed: 1 });
      expect(schedules.create.args.map(([{ input }]) => input)).to.deep.equal([{ ...key, leaseId: findTurn(moved())!.claim.leaseId }]);
      sinon.assert.calledOnceWithMatch(notices.publish, { user: "U0002", title: "Your turn: staging" });
      sinon.assert.calledOnceWithExactly(history.put, moved(), sinon.match({ how: "released", endedAtMs: NOW_MS }), deadline);
      expect(queues.forgetSent.args.map(([, ids]) => [...ids].sort())).to.deep.equal([Object.keys(moved().outbox).sort()]);
    });

    it("writes nothing if nothing changes, and is undefined for an unknown queue", async () => {
      queues.get.resolves(stored(claimOf("U0001")));
      expect((await dibs.move(key, { do: "settle" }, deadline))?.outcome).to.deep.equal({ is: "settled" });
      expect((await dibs.move(key, { do: "release", whose: { owner: "U0009" } }, deadline))?.outcome).to.include({ why: "absent" });
      for (const gone of [undefined, { ...stored(), isRemoved: true }]) {
        queues.get.resolves(gone);
        expect(await dibs.move(key, RELEASE, deadline)).to.equal(undefined);
      }
      sinon.assert.notCalled(queues.put);
    });

    it("retries after a delay if somebody else has written", async () => {
      const known = stored(claimOf("U0001"));
      queues.get.resolves(stored(claimOf("U0001"), claimOf("U0002")));
      queues.put.onFirstCall().resolves(false);
      await dibs.move(key, RELEASE, deadline, { known });
      expect(queues.put.args.map(([queue]) => ownersOf(queue))).to.deep.equal([[], ["U0002"]]);
      sinon.assert.calledOnce(queues.get);
      sinon.assert.calledOnce(sleep);
      expect(sleep.firstCall.args[0]).to.be.within(0, 15);
    });

    it("gives up when its time is up", async () => {
      let passedMs = 0;
      const short = new Deadline(1, () => passedMs);
      sleep.callsFake(async () => {
        passedMs = 1;
      });
      queues.get.resolves(stored(claimOf("U0001")));
      queues.put.resolves(false);
      const error = await rejectionOf(dibs.move(key, RELEASE, short));
      expect(error).to.be.instanceOf(NotDurable).and.to.have.deep.property("context", key);
      sinon.assert.calledOnce(queues.put);
      sinon.assert.notCalled(notices.publish);
    });

    it("has one effect and one outcome per key", async () => {
      queues.get.resolves(stored(claimOf("U0001")));
      const extend = { do: "extend", owner: "U0001", byMs: MINUTE_MS } as const;
      const first = await dibs.move(key, extend, deadline, { requestKey: "press-1" });
      queues.get.resolves(moved());
      expect((await dibs.move(key, extend, deadline, { requestKey: "press-1" }))?.outcome).to.deep.equal(first?.outcome);
      sinon.assert.calledOnce(queues.put);
    });

    it("succeeds even if its follow-up fails, which is left to the sweep", async () => {
      notices.publish.rejects(new Error("SNS is down"));
      queues.forgetSent.rejects(new Error("DynamoDB is down"));
      queues.get.resolves(stored(claimOf("U0001"), claimOf("U0002")));
      expect((await dibs.move(key, RELEASE, deadline))?.outcome).to.include({ is: "released" });
      expect(log.error.args.map(([line]) => line)).to.deep.equal(["not sent; the sweep will", "sent, and will be sent again"]);
    });
  });

  describe("findStatus", () => {
    const place = { ...key, id: "claim of U0001" };
    const ended = { claim: claimOf("U0001"), how: "released", endedAtMs: NOW_MS } as const;

    it("is read from the queue", async () => {
      queues.get.resolves(stored(claimOf("U0001"), claimOf("U0002")));
      expect(await dibs.findStatus(place, deadline)).to.include({ is: "holding" });
      expect(await dibs.findStatus({ ...key, id: "claim of U0002" }, deadline)).to.include({ is: "waiting", position: 1 });
      sinon.assert.notCalled(history.find);
    });

    it("is read from the history if the claim or the queue is gone", async () => {
      history.find.resolves(ended);
      for (const queue of [stored(), undefined]) {
        queues.get.resolves(queue);
        expect(await dibs.findStatus(place, deadline)).to.deep.equal({ is: "ended", ended });
      }
    });

    it("is found under each name that the queue has had", async () => {
      queues.get.resolves({ ...stored(), name: "stage-2", formerNames: [{ name: "stage-1", untilMs: NOW_MS }] });
      history.find.callsFake(async ({ name }) => (name === "stage-1" ? ended : undefined));
      expect(await dibs.findStatus(place, deadline)).to.deep.equal({ is: "ended", ended });
    });

    it("is undefined for an unknown claim", async () => {
      expect(await dibs.findStatus(place, deadline)).to.equal(undefined);
    });

    it("follows a chain of renames, but no cycle", async () => {
      queues.get.callsFake(async ({ name }) =>
        name === "staging" ? { ...stored(), renamedTo: "stage-1" } : { ...stored(claimOf("U0001")), name },
      );
      expect(await dibs.findStatus(place, deadline)).to.include({ is: "holding" });
      queues.get.resetBehavior();
      queues.get.resolves({ ...stored(claimOf("U0001")), renamedTo: "staging" });
      expect(await dibs.findStatus(place, deadline)).to.equal(undefined);
    });
  });

  describe("wait", () => {
    const place = { ...key, id: "claim of U0002" };
    const waiting = stored(claimOf("U0001"), claimOf("U0002"));

    it("returns at once for a holder and for an unknown claim", async () => {
      queues.get.resolves(stored(claimOf("U0002")));
      expect(await dibs.wait(place, deadline, deadline)).to.include({ is: "holding" });
      queues.get.resolves(undefined);
      expect(await dibs.wait(place, deadline, deadline)).to.equal(undefined);
      sinon.assert.notCalled(sleep);
    });

    it("reads every half second until the turn begins", async () => {
      queues.get.resolves(waiting);
      sleep.onSecondCall().callsFake(async () => void queues.get.resolves(stored(claimOf("U0002"))));
      expect(await dibs.wait(place, deadline, deadline)).to.include({ is: "holding" });
      expect(sleep.args).to.deep.equal([[500], [500]]);
    });

    it("returns the waiting status when the time is up", async () => {
      queues.get.resolves(waiting);
      expect(await dibs.wait(place, new Deadline(0), deadline)).to.include({ is: "waiting", position: 1 });
      sinon.assert.notCalled(sleep);
    });
  });

  describe("recordHeartbeat", () => {
    const place = { ...key, id: "claim of U0001" };

    it("is one write, and returns the claim's status", async () => {
      queues.recordHeartbeat.resolves({ queue: stored(claimOf("U0001")) });
      expect(await dibs.recordHeartbeat(place, deadline)).to.include({ is: "holding" });
      sinon.assert.calledOnceWithExactly(queues.recordHeartbeat, place, "claim of U0001", NOW_MS, deadline);
    });

    it("follows renames, but no cycle", async () => {
      queues.recordHeartbeat.onFirstCall().resolves({ refused: { ...stored(), renamedTo: "stage-1" } });
      queues.recordHeartbeat.onSecondCall().resolves({ queue: { ...stored(claimOf("U0001")), name: "stage-1" } });
      expect(await dibs.recordHeartbeat(place, deadline)).to.include({ is: "holding" });
      queues.recordHeartbeat.resolves({ refused: { ...stored(), renamedTo: "staging" } });
      expect(await dibs.recordHeartbeat(place, deadline)).to.equal(undefined);
    });

    it("is undefined for an unknown claim", async () => {
      for (const refused of [stored(), undefined]) {
        queues.recordHeartbeat.resolves({ refused });
        expect(await dibs.recordHeartbeat(place, deadline)).to.equal(undefined);
      }
    });
  });

  describe("add", () => {
    it("adds a new resource, or one that was removed or renamed, whose fencing numbers continue", async () => {
      for (const earlier of [undefined, { ...stored(), passed: 7, isRemoved: true }, { ...stored(), passed: 7, renamedTo: "stage-1" }]) {
        queues.get.resolves(earlier);
        expect(await dibs.add(key, deadline)).to.equal(true);
        expect(moved()).to.include({ version: earlier === undefined ? 1 : 2, passed: earlier?.passed ?? 0, name: "staging" });
        expect([moved().isRemoved, moved().renamedTo, moved().claims]).to.deep.equal([undefined, undefined, []]);
      }
    });

    it("does not add an existing resource, and throws if somebody else writes", async () => {
      queues.get.resolves(stored());
      expect(await dibs.add(key, deadline)).to.equal(false);
      sinon.assert.notCalled(queues.put);
      queues.get.resolves(undefined);
      queues.put.resolves(false);
      expect(await rejectionOf(dibs.add(key, deadline))).to.be.instanceOf(NotDurable);
    });
  });

  describe("rename", () => {
    const rename = (from: Queue | undefined, target?: Queue) => {
      queues.get.callsFake(async ({ name }) => (name === "staging" ? from : target));
      return dibs.rename(key, "stage-1", deadline);
    };

    it("moves the queue, leaves a pointer, and never reduces the fencing number", async () => {
      expect(await rename({ ...stored(claimOf("U0001")), passed: 2 }, { ...stored(), passed: 9, version: 4, isRemoved: true })).to.equal(
        "renamed",
      );
      const [renamed, pointer] = queues.putBoth.firstCall.args;
      expect(renamed).to.include({ name: "stage-1", version: 5, passed: 9 });
      expect(renamed.formerNames).to.deep.equal([{ name: "staging", untilMs: NOW_MS }]);
      expect(ownersOf(renamed)).to.deep.equal(["U0001"]);
      expect(pointer).to.deep.include({ name: "staging", version: 2, claims: [], renamedTo: "stage-1" });
    });

    it("reports unknown and taken names", async () => {
      for (const from of [undefined, { ...stored(), isRemoved: true }, { ...stored(), renamedTo: "x" }])
        expect(await rename(from)).to.equal("unknown");
      expect(await rename(stored(), stored())).to.equal("taken");
      sinon.assert.notCalled(queues.putBoth);
    });

    it("throws if somebody else writes", async () => {
      queues.putBoth.resolves(false);
      expect(await rejectionOf(rename(stored()))).to.be.instanceOf(NotDurable);
    });
  });

  describe("the past", () => {
    const past = (place: string) => ({ claimId: place, place, ended: { claim: claimOf("U0001"), how: "released", endedAtMs: 0 } as const });

    it("covers all names of a queue, latest first, each only for the time it had that name", async () => {
      const lists: Record<string, string[]> = { "stage-1": ["9", "5"], staging: ["7", "6"] };
      queues.get.resolves({ ...stored(), name: "stage-1", formerNames: [{ name: "staging", untilMs: NOW_MS }] });
      history.list.callsFake(async ({ name }) => lists[name]!.map(past));
      expect((await dibs.listPast(key, { limit: 3 }, deadline))?.map(({ place }) => place)).to.deep.equal(["9", "7", "6"]);
      const [own, former] = history.list.args.map(([, page]) => page);
      expect(own).to.deep.equal({ limit: 3 });
      expect(Number(former?.before)).to.equal(NOW_MS + 1);
    });

    it("covers removed queues, and is undefined for an unknown one", async () => {
      history.list.resolves([past("1")]);
      expect(await dibs.listPast(key, { limit: 3 }, deadline)).to.have.length(1);
      history.list.resolves([]);
      expect(await dibs.listPast(key, { limit: 3 }, deadline)).to.equal(undefined);
    });
  });

  it("lists queues as they are now", async () => {
    nowMs += 61 * MINUTE_MS;
    queues.list.resolves([stored(claimOf("U0001")), { ...stored(), name: "test" }]);
    expect((await dibs.list("T0001", { limit: 5 }, deadline)).map(ownersOf)).to.deep.equal([[], []]);
    sinon.assert.calledOnceWithExactly(queues.list, "T0001", { limit: 5 }, deadline);
    sinon.assert.calledOnce(queues.put);
  });

  it("finds a claim in its queue, even while it waits to be recorded", () => {
    const ended = { claim: claimOf("U0001"), how: "released", endedAtMs: NOW_MS } as const;
    const queue: Queue = { ...stored(claimOf("U0002")), outbox: { a: { atMs: NOW_MS, kind: "ended", ended } } };
    expect(findStatusIn(queue, "claim of U0001")).to.deep.equal({ is: "ended", ended });
    expect(findStatusIn(queue, "claim of U0009")).to.equal(undefined);
  });

  describe("a timer", () => {
    const queue = { team: TEAM, name: "staging" };
    let world: DibsWorld;
    let stop: () => Promise<void>;
    beforeEach(async () => {
      sinon.stub(console, "log");
      sinon.stub(console, "error");
      ({ world, stop } = await createDibsWorld());
    });
    afterEach(async () => {
      sinon.restore();
      await stop();
    });

    const claim = (owner: string) =>
      world.dibs.claim({ ...queue, id: createId(), owner, isPersonal: true, maker: owner, forSeconds: 3600 }, false, deadline);
    const pass = (minutes: number) => {
      world.nowMs = NOW_MS + minutes * MINUTE_MS;
    };
    /** Reads the stored queue. Reading through `Dibs` would apply what is due. */
    const owners = async () => (await world.table.get(queue, deadline))?.claims.map(({ owner }) => owner);
    const fire = async (index: number) => {
      const { name, leaseId } = world.timers[index]!.input as { name: string; leaseId: string };
      await world.dibs.release({ team: TEAM, name }, leaseId, deadline);
    };

    it("is made for each turn, and ends it", async () => {
      await claim("U0001");
      await claim("U0002");
      expect(world.timers.map(({ atMs }) => atMs)).to.deep.equal([NOW_MS + 3_600_000]);
      pass(60);
      await fire(0);
      expect(await owners()).to.deep.equal(["U0002"]);
      expect(world.timers[1]).to.include({ atMs: NOW_MS + 7_200_000 });
    });

    it("ends no other turn if it fires late or twice", async () => {
      await claim("U0001");
      await claim("U0002");
      await world.dibs.move(queue, { do: "release", whose: { owner: "U0001" } }, deadline);
      pass(90);
      await fire(0);
      expect(await owners(), "the turn of U0002 is over too, but this is not its timer").to.deep.equal(["U0002"]);
      await fire(1);
      await fire(1);
      expect(await owners()).to.deep.equal([]);
    });

    it("does nothing if the turn has been extended since", async () => {
      await claim("U0001");
      await world.dibs.move(queue, { do: "extend", owner: "U0001", byMs: 3_600_000 }, deadline);
      pass(60);
      await fire(0);
      expect(await owners()).to.deep.equal(["U0001"]);
      expect(new Set(world.timers.map(({ name }) => name))).to.have.property("size", 2);
    });

    it("has a valid EventBridge Scheduler name", async () => {
      await claim("U0001");
      expect(world.timers[0]?.name).to.match(/^[0-9a-zA-Z_.-]{1,64}$/);
    });
  });
});
