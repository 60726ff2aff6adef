import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { createId } from "#core/ids";
import { createLog } from "#core/log";
import { DibsSweep } from "#functions/dibs/sweep";
import { NOW_MS } from "../requests";
import { createDibsWorld, type DibsWorld, TEAM } from "./world";

const soon = () => new Deadline(5000);
const key = { team: TEAM, name: "staging" };

describe("dibs-sweep", () => {
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

  const claim = (owner: string, over: { name?: string; deadAfterSeconds?: number } = {}) =>
    world.dibs.claim({ ...key, id: createId(), owner, isPersonal: true, maker: owner, forSeconds: 3600, ...over }, false, soon());
  const sweep = () => new DibsSweep(world.dibs, createLog("test", {})).handle(new Deadline(50_000));
  const pass = (minutes: number) => {
    world.nowMs = NOW_MS + minutes * 60_000;
  };
  /** Reads the stored queue. Reading through `Dibs` would apply what is due. */
  const owners = async (name = "staging") => (await world.table.get({ team: TEAM, name }, soon()))?.claims.map(({ owner }) => owner);

  it("ends turns that no timer ended, in every queue", async () => {
    for (const name of ["a", "b", "c"]) await claim("U0001", { name });
    pass(60);
    await sweep();
    expect([await owners("a"), await owners("b"), await owners("c")]).to.deep.equal([[], [], []]);
    expect(world.told).to.have.deep.members(["a", "b", "c"].map(name => ["U0001", `Your time is over: ${name}`]));
  });

  it("warns, once", async () => {
    await claim("U0001");
    pass(50);
    await sweep();
    await sweep();
    expect(world.told).to.deep.equal([["U0001", "Your time is nearly over: staging"]]);
  });

  it("drops claims without heartbeats", async () => {
    await claim("ci 1", { deadAfterSeconds: 60 });
    await claim("U0002");
    pass(1);
    await sweep();
    expect(await owners()).to.deep.equal(["U0002"]);
    expect(world.told).to.deep.equal([["U0002", "Your turn: staging"]]);
  });

  it("sends what a door could not send", async () => {
    await claim("U0001");
    await claim("U0002");
    const publish = sinon.stub(world.notices, "push").throws(new Error("SNS is down"));
    await world.dibs.move(key, { do: "release", whose: { owner: "U0001" } }, soon());
    publish.restore();
    expect(world.notices).to.deep.equal([]);
    pass(1);
    await sweep();
    expect(world.told).to.deep.equal([["U0002", "Your turn: staging"]]);
    await sweep();
    expect(world.notices).to.have.length(1);
  });

  it("skips queues without due work", async () => {
    await claim("U0001");
    await sweep();
    pass(10);
    await sweep();
    world.process.calls = [];
    await sweep();
    expect(world.process.calls).to.deep.equal(["QueryCommand"]);
  });

  it("continues with the other queues when one fails, and throws at the end", async () => {
    for (const name of ["a", "b"]) await claim("U0001", { name });
    pass(60);
    const get = world.table.get.bind(world.table);
    sinon.stub(world.table, "get").callsFake(async (asked, deadline) => {
      if (asked.name === "a") throw new Error("down");
      return get(asked, deadline);
    });
    const failure = await sweep().catch(error => error);
    expect(failure).to.have.property("message", "down");
    expect(await owners("b")).to.deep.equal([]);
  });
});
