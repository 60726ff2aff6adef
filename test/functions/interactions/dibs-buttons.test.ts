import { rejectionOf, thrownBy } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { BadRequest, NotDurable } from "#core/errors";
import { createId } from "#core/ids";
import type { Reply } from "#functions/interactions/buttons";
import { DibsButtons } from "#functions/interactions/dibs-buttons";
import { createDibsWorld, type DibsWorld, TEAM } from "../dibs/world";
import { NOW_MS } from "../requests";

const HOUR_MS = 3_600_000;
const FIRST_TURN = JSON.stringify({ name: "staging", fencing: 1, expiresAtMs: NOW_MS + HOUR_MS });

describe("dibs buttons", () => {
  /** Its time stands still. */
  const deadline = new Deadline(20_000, () => 0);
  let world: DibsWorld;
  let stop: () => Promise<void>;
  let buttons: DibsButtons;
  beforeEach(async () => {
    sinon.stub(console, "log");
    sinon.stub(console, "error");
    ({ world, stop } = await createDibsWorld());
    buttons = new DibsButtons(world.dibs, world.once, 3600, () => world.nowMs);
    await claim("U0001");
  });
  afterEach(async () => {
    sinon.restore();
    await stop();
  });

  const claim = (owner: string) =>
    world.dibs.claim(
      { team: TEAM, name: "staging", id: createId(), owner, isPersonal: true, maker: owner, forSeconds: 3600 },
      false,
      deadline,
    );
  const press = (action: string, user: string, { value = FIRST_TURN, isEphemeral = false, request = createId() } = {}): Promise<Reply> => {
    const effect = buttons.read(action, value);
    if (effect === undefined) throw new Error(`${action} is not read`);
    return effect({ team: TEAM, user, request, isEphemeral }, deadline);
  };
  const look = async () => (await world.dibs.look({ team: TEAM, name: "staging" }, deadline))!;
  const owners = async () => (await look()).claims.map(({ owner }) => owner);

  it("releases, and replaces a public message but not a private one", async () => {
    expect(await press("dibs_release", "U0001")).to.include({
      response_type: "in_channel",
      replace_original: true,
      text: "<@U0001> released `staging`. It is free.",
    });
    await claim("U0001");
    const value = JSON.stringify({ name: "staging", fencing: 2 });
    expect(await press("dibs_release", "U0001", { value, isEphemeral: true })).to.include({
      response_type: "in_channel",
      replace_original: false,
    });
    expect(await owners()).to.deep.equal([]);
  });

  it("extends by one hour for two presses of a button, and by another hour for the new button", async () => {
    await press("dibs_extend", "U0001");
    const again = await press("dibs_extend", "U0001");
    expect((await look()).claims[0]?.expiresAtMs).to.equal(NOW_MS + 2 * HOUR_MS);
    const fresh = JSON.stringify(again.blocks).match(/"value":"((?:[^"\\]|\\.)*)"/)![1]!;
    await press("dibs_extend", "U0001", { value: JSON.parse(`"${fresh}"`) as string });
    expect((await look()).claims[0]?.expiresAtMs).to.equal(NOW_MS + 3 * HOUR_MS);
  });

  it("joins once, leaves once", async () => {
    expect(await press("dibs_join", "U0002")).to.include({ response_type: "in_channel", replace_original: false });
    expect(await press("dibs_join", "U0002")).to.include({ response_type: "ephemeral", replace_original: false });
    expect(await owners()).to.deep.equal(["U0001", "U0002"]);
    expect(await press("dibs_leave", "U0002")).to.include({ replace_original: false });
    await press("dibs_leave", "U0002");
    expect(await owners()).to.deep.equal(["U0001"]);
  });

  it("joins for an hour; a repeated press gets the same answer", async () => {
    const first = await press("dibs_join", "U0002", { request: "press-1" });
    expect(await press("dibs_join", "U0002", { request: "press-1" })).to.deep.equal(first);
    expect((await look()).claims[1]).to.include({ id: "press-1", forSeconds: 3600, isPersonal: true, maker: "U0002" });
  });

  it("does nothing with a button of an earlier turn", async () => {
    await claim("U0002");
    await press("dibs_release", "U0001");
    await claim("U0001");
    await world.dibs.move({ team: TEAM, name: "staging" }, { do: "release", whose: { owner: "U0002" } }, deadline);
    const stale = [await press("dibs_release", "U0001"), await press("dibs_extend", "U0001")];
    expect((await look()).claims).to.have.length(1);
    expect(stale.map(({ text }) => text)).to.deep.equal(Array(2).fill("That button is from an earlier turn on `staging`."));
  });

  it("tells who may not press, and leaves the message unchanged", async () => {
    expect(await press("dibs_release", "U0002")).to.include({ response_type: "ephemeral", replace_original: false });
    expect(await owners()).to.deep.equal(["U0001"]);
  });

  for (const action of ["dibs_leave", "dibs_release", "dibs_extend"]) {
    it(`answers ${action} by saying that the resource no longer exists`, async () => {
      const value = JSON.stringify({ name: "gone" });
      expect(await press(action, "U0001", { value })).to.deep.equal({
        response_type: "ephemeral",
        replace_original: false,
        text: "`gone` no longer exists.",
      });
    });
  }

  describe("a failed attempt to join", () => {
    const reasons = [
      ["over", "That claim has ended."],
      ["full", "The queue for `staging` is full."],
      ["unapproved", "`staging` no longer exists."],
    ] as const;
    for (const [is, text] of reasons) {
      it(`tells the person who pressed: ${text}`, async () => {
        sinon.stub(world.dibs, "claim").resolves(is === "over" ? { is, queue: await look() } : { is });
        expect(await press("dibs_join", "U0002")).to.deep.equal({ response_type: "ephemeral", replace_original: false, text });
      });
    }

    it("checks first whether only admins may add resources", async () => {
      sinon.stub(world.dibs, "isApproveOnly").resolves(true);
      expect((await press("dibs_join", "U0002", { value: '{"name":"gone"}' })).text).to.equal("`gone` no longer exists.");
      expect(await world.dibs.look({ team: TEAM, name: "gone" }, deadline)).to.equal(undefined);
    });

    it("throws if it could not be stored", async () => {
      const down = new NotDurable("down");
      sinon.stub(world.dibs, "claim").rejects(down);
      expect(await rejectionOf(press("dibs_join", "U0002"))).to.equal(down);
    });
  });

  it("leaves buttons of other kinds alone", () => {
    expect([buttons.read("agent_stop", "{}"), buttons.read("toString", FIRST_TURN), buttons.read(5, FIRST_TURN)]).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
  });

  for (const value of ["x", "{}", '{"name":"../x"}', '{"name":"Staging"}', '{"name":5}', undefined]) {
    it(`refuses the value ${value}`, () => {
      expect(thrownBy(() => buttons.read("dibs_join", value))).to.be.instanceOf(BadRequest);
    });
  }
});
