import { expect } from "chai";
import { Deadline } from "#core/deadline";
import { type Claim, MAX_CLAIMS, type Queue } from "#core/dibs/queue";
import { DibsTable } from "#stores/dibs/dibs-table";
import { Table } from "#stores/table";
import { createDibsTables } from "../../dibs-tables";

const NOW_MS = 1_763_805_600_000;

describe("dibs-table", () => {
  let tables: Awaited<ReturnType<typeof createDibsTables>>;
  let dibs: DibsTable;
  /** Each case has its own team. */
  let team: string;
  let teams = 0;

  before(async () => {
    tables = await createDibsTables();
    dibs = new DibsTable(tables.client, tables.names.dibs);
  });
  after(() => tables.stop());
  beforeEach(() => {
    teams += 1;
    team = `T${teams}`;
  });

  const deadline = () => new Deadline(20_000);
  const key = (name = "staging") => ({ team, name });
  const claim = (id: string, more: Partial<Claim> = {}): Claim => ({
    id,
    owner: `U-${id}`,
    isPersonal: true,
    maker: `U-${id}`,
    forSeconds: 600,
    joinedAtMs: NOW_MS,
    leaseId: `lease-${id}`,
    ...more,
  });
  const join = (each: Claim, { name, mustExist = false }: { name?: string; mustExist?: boolean } = {}) =>
    dibs.join(key(name), each, mustExist, deadline());
  const joined = async (id: string, name?: string): Promise<Queue> => {
    const written = await join(claim(id), { ...(name === undefined ? {} : { name }) });
    if (!("queue" in written)) throw new Error("refused");
    return written.queue;
  };
  const idsOf = (queue: Queue | undefined) => queue?.claims.map(({ id }) => id);

  describe("joining", () => {
    it("is one write that keeps the order, even of forty concurrent claims", async () => {
      const written = await Promise.all(Array.from({ length: 40 }, (_, n) => join(claim(`c${n}`))));
      expect(written.every(each => "queue" in each)).to.equal(true);
      const queue = await dibs.get(key(), deadline());
      expect(queue?.version).to.equal(40);
      expect(idsOf(queue)).to.have.members(Array.from({ length: 40 }, (_, n) => `c${n}`));
    });

    it("is refused if the claim or the person is in the queue already, and returns the queue", async () => {
      await joined("a");
      for (const again of [claim("a", { owner: "U-b" }), claim("b", { owner: "U-a" })]) {
        const written = await join(again);
        expect("refused" in written && idsOf(written.refused)).to.deep.equal(["a"]);
      }
    });

    it("finds one queue under all names with the same folded form, and shows its first spelling", async () => {
      const first = await joined("a", "größe");
      expect((await joined("b", "grösse")).name).to.equal("größe");
      const queue = await dibs.get(key("grösse"), deadline());
      expect([queue?.name, idsOf(queue)]).to.deep.equal(["größe", ["a", "b"]]);
      expect(await dibs.put({ ...first, version: 3, watchers: ["U1"] }, deadline())).to.equal(true);
      expect(await dibs.get(key("größe"), deadline())).to.deep.include({ name: "größe", watchers: ["U1"] });
      expect((await joined("c", "ｓｔａｇｉｎｇ")).name).to.equal("ｓｔａｇｉｎｇ");
      expect((await joined("d", "staging")).name).to.equal("ｓｔａｇｉｎｇ");
    });

    it("keeps the first spelling of a name", async () => {
      await joined("a", "staging");
      expect((await joined("b", "ｓｔａｇｉｎｇ")).name).to.equal("staging");
    });

    it("uses a queue that was stored before names were folded", async () => {
      // Before names were folded, the key was the name itself.
      await new Table(tables.client, tables.names.dibs).put({ team, name: "größe", version: 1, due: "yes", due_at: 1 });
      const queue = await joined("a", "größe");
      expect([queue.name, queue.version]).to.deep.equal(["größe", 2]);
      expect("queue" in (await dibs.recordHeartbeat(key("größe"), "a", NOW_MS, deadline()))).to.equal(true);
      expect(await dibs.put({ ...queue, version: 4, watchers: ["U1"] }, deadline())).to.equal(true);
      const pages = await Promise.all(
        [undefined, "größe"].map(after => dibs.list(team, { limit: 5, ...(after && { after }) }, deadline())),
      );
      expect(pages.map(page => page.map(({ name }) => name))).to.deep.equal([["größe"], []]);
    });

    it("is refused if the queue must exist and does not", async () => {
      expect(await join(claim("a"), { mustExist: true })).to.deep.equal({ refused: undefined });
      expect(await dibs.get(key(), deadline())).to.equal(undefined);
    });

    it("is refused if the queue is full", async () => {
      const queue = await joined("first");
      const claims = Array.from({ length: MAX_CLAIMS }, (_, n) => claim(`c${n}`));
      expect(await dibs.put({ ...queue, version: queue.version + 1, claims }, deadline())).to.equal(true);
      expect(await join(claim("one-more"))).to.have.property("refused");
    });

    it("is refused if the queue was renamed", async () => {
      const queue = await joined("a");
      await dibs.put({ ...queue, version: queue.version + 1, renamedTo: "stage" }, deadline());
      expect(await join(claim("b"))).to.have.nested.property("refused.renamedTo", "stage");
    });
  });

  it("reads every part of a queue as it was put", async () => {
    const { dueAtMs, ...queue } = await joined("a");
    const next: Queue = {
      ...queue,
      version: queue.version + 1,
      passed: 3,
      claims: [claim("a", { sinceMs: NOW_MS, expiresAtMs: NOW_MS + 600_000 }), claim("b")],
      beats: { a: NOW_MS },
      ended: [{ id: "z", atMs: NOW_MS }],
      watchers: ["U0009"],
      formerNames: [],
    };
    expect(await dibs.put(next, deadline())).to.equal(true);
    const { dueAtMs: due, ...read } = (await dibs.get(key(), deadline()))!;
    expect(read).to.deep.equal(next);
    expect(due, "to be looked at by the end of the turn").to.be.within(NOW_MS, NOW_MS + 600_000);
  });

  it("lets exactly one of several writers replace a version", async () => {
    const queue = await joined("a");
    const next = (watcher: string) => ({ ...queue, version: queue.version + 1, watchers: [watcher] });
    const written = await Promise.all(["U1", "U2", "U3"].map(watcher => dibs.put(next(watcher), deadline())));
    expect(written.filter(Boolean)).to.have.length(1);
    expect((await dibs.get(key(), deadline()))?.watchers).to.have.length(1);
  });

  it("writes two queues together, or neither", async () => {
    const [one, other] = [await joined("a"), await joined("b", "production")];
    const next = (queue: Queue) => ({ ...queue, version: queue.version + 1, watchers: ["U0009"] });
    expect(await dibs.putBoth(next(one), { ...next(other), version: other.version }, deadline())).to.equal(false);
    expect((await dibs.get(key(), deadline()))?.watchers).to.deep.equal([]);
    expect(await dibs.putBoth(next(one), next(other), deadline())).to.equal(true);
    expect((await dibs.get(key("production"), deadline()))?.watchers).to.deep.equal(["U0009"]);
  });

  it("records the heartbeat of a claim, and refuses one of an unknown claim", async () => {
    await joined("a");
    expect(await dibs.recordHeartbeat(key(), "a", NOW_MS + 5, deadline())).to.have.nested.property("queue.beats.a", NOW_MS + 5);
    expect(await dibs.recordHeartbeat(key(), "b", NOW_MS + 5, deadline())).to.have.nested.property("refused.beats.a", NOW_MS + 5);
  });

  it("lists a team's queues by name, without removed and renamed ones and without the settings", async () => {
    for (const name of ["c", "a", "b", "d"]) await joined("x", name);
    const [b, d] = [await dibs.get(key("b"), deadline()), await dibs.get(key("d"), deadline())];
    await dibs.put({ ...b!, version: b!.version + 1, isRemoved: true, claims: [] }, deadline());
    await dibs.put({ ...d!, version: d!.version + 1, renamedTo: "e", claims: [] }, deadline());
    await dibs.setApproveOnly(team, true, deadline());
    const list = async (page: { limit: number; after?: string }) => (await dibs.list(team, page, deadline())).map(({ name }) => name);
    expect(await list({ limit: 10 })).to.deep.equal(["a", "c"]);
    expect(await list({ limit: 1 })).to.deep.equal(["a"]);
    expect(await list({ limit: 1, after: "a" })).to.deep.equal(["c"]);
  });

  it("stores whether a team may claim only resources that an admin has added", async () => {
    expect(await dibs.isApproveOnly(team, deadline())).to.equal(false);
    await dibs.setApproveOnly(team, true, deadline());
    expect(await dibs.isApproveOnly(team, deadline())).to.equal(true);
  });

  it("lists due queues only", async () => {
    await join(claim("a", { joinedAtMs: NOW_MS }), { name: "now" });
    await join(claim("a", { joinedAtMs: NOW_MS + 1000 }), { name: "later" });
    const due = async (atMs: number) => (await dibs.listDue(atMs)).filter(each => each.team === team).map(({ name }) => name);
    expect(await due(NOW_MS)).to.deep.equal(["now"]);
    expect(await due(NOW_MS + 1000)).to.deep.equal(["now", "later"]);
  });
});
