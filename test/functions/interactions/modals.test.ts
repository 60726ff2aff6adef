import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { Conflict, SlackRefused } from "#core/errors";
import type { HomeRequest } from "#core/home/home-event";
import { isJsonObject, type JsonObject } from "#core/json";
import { createLog } from "#core/log";

import type { TeamSettings } from "#core/slack/team-settings";
import { Interactions } from "#functions/interactions";
import { DibsButtons } from "#functions/interactions/dibs-buttons";
import { ClaimModal, createAddModal, createRenameModal } from "#functions/interactions/dibs-modals";
import { SettingsModal } from "#functions/interactions/settings-modal";
import { People } from "#functions/people";
import { buildTeamSettings } from "../../team-settings";
import { createDibsWorld, type DibsWorld, TEAM } from "../dibs/world";
import { SECRET, sign } from "../requests";

const ADMIN = "U0001";
const OTHER = "U0002";
const log = createLog("test", {});

describe("modals of the Home", () => {
  let world: DibsWorld;
  let stop: () => Promise<void>;
  let published: HomeRequest[];
  let call: sinon.SinonStub<[string, Record<string, unknown>], Promise<{ ok: boolean }>>;
  let present: { settings: TeamSettings; version?: string };
  let write: sinon.SinonStub;
  let door: Interactions;
  let count = 0;

  beforeEach(async () => {
    sinon.stub(console, "log");
    sinon.stub(console, "error");
    ({ world, stop } = await createDibsWorld());
    published = [];
    call = sinon.stub<[string, Record<string, unknown>], Promise<{ ok: boolean }>>().resolves({ ok: true });
    present = { settings: buildTeamSettings(), version: "3" };
    write = sinon.stub().resolves("4");
    const people = new People({ read: async (_, user) => ({ isAdmin: user === ADMIN, isExternal: false }) }, log);
    door = new Interactions({
      kinds: [new DibsButtons(world.dibs, world.once, 3600, () => world.nowMs)],
      modals: {
        home_claim: new ClaimModal(world.dibs, 3600, () => world.nowMs),
        home_add: createAddModal(world.dibs, people),
        home_rename: createRenameModal(world.dibs, people),
        home_settings: new SettingsModal({ read: async () => present, write }, people, { hasDibs: true, hasAgent: false }),
      },
      home: { publish: async request => void published.push(request) },
      slacks: { of: () => ({ call }) as never },
      settings: { externalUsers: "refuse" },
      signingSecrets: [SECRET],
      slackUrl: undefined,
      log,
      nowMs: () => world.nowMs,
    });
  });

  afterEach(async () => {
    sinon.restore();
    await stop();
  });

  const send = (payload: object) => {
    const form = `payload=${encodeURIComponent(JSON.stringify(payload))}`;
    return door.handle(sign(form, "application/x-www-form-urlencoded"));
  };

  const press = (action_id: string, user = ADMIN, value?: string, over: object = {}) => {
    count += 1;
    const who = { team: { id: TEAM }, user: { id: user } };
    const view = { id: "V1", type: "home" };
    return send({ type: "block_actions", ...who, view, trigger_id: `${count}`, actions: [{ action_id, value }], ...over });
  };

  const submit = async (callback_id: string, entered: Record<string, string>, user = ADMIN, over: object = {}) => {
    count += 1;
    const values = Object.fromEntries(Object.entries(entered).map(([field, value]) => [field, { value: { value } }]));
    const view = { id: `V${count}`, type: "modal", callback_id, state: { values }, ...over };
    const { statusCode, body } = await send({ type: "view_submission", team: { id: TEAM }, user: { id: user }, view });
    expect(statusCode).to.equal(200);
    return body === "" ? undefined : (JSON.parse(body) as JsonObject);
  };

  const owners = async (name: string) =>
    (await world.dibs.look({ team: TEAM, name }, new Deadline(5000)))?.claims.map(({ owner }) => owner);

  const opened = (): JsonObject => {
    const { view } = call.lastCall.args[1];
    return isJsonObject(view) ? view : {};
  };

  it("opens with what the button says, within the trigger's time, and changes nothing", async () => {
    await press("home_claim", OTHER, "staging");
    expect(call.firstCall.args[0]).to.equal("views.open");
    expect(call.firstCall.args[1]).to.include({ trigger_id: `${count}` });
    expect(opened()).to.include({ type: "modal", callback_id: "home_claim" });
    expect(JSON.stringify(opened())).to.include('"initial_value":"staging"');
    expect(published).to.deep.equal([]);
  });

  it("says in the Home that Slack did not open it", async () => {
    call.rejects(new SlackRefused("expired_trigger_id"));
    await press("home_claim");
    expect(published).to.deep.include({ team: TEAM, user: ADMIN, note: "Slack did not open the window. Try again." });
  });

  it("claims once, also if it is submitted again, and says so in the Home", async () => {
    const id = { id: "V100" };
    expect(await submit("home_claim", { name: "Staging", for: "2h", reason: "a <test>" }, OTHER, id)).to.equal(undefined);
    expect(await submit("home_claim", { name: "Staging", for: "2h", reason: "a <test>" }, OTHER, id)).to.equal(undefined);
    const queue = await world.dibs.look({ team: TEAM, name: "staging" }, new Deadline(5000));
    expect(queue?.claims).to.have.length(1);
    expect(queue?.claims[0]).to.include({ owner: OTHER, forSeconds: 7200, reason: "a <test>" });
    expect(published[0]?.note).to.match(/^<@U0002> has dibs on `staging` until .*: a &lt;test&gt;$/);
  });

  it("says under the field what is wrong with a claim", async () => {
    const refused = await submit("home_claim", { name: "two words", for: "soon" });
    expect(refused).to.include({ response_action: "errors" });
    expect(refused?.["errors"]).to.have.all.keys("name", "for");
    await submit("home_claim", { name: "staging" }, OTHER);
    const again = await submit("home_claim", { name: "staging" }, OTHER);
    expect(again?.["errors"]).to.deep.equal({ name: "You hold it already." });
    await world.dibs.setApproveOnly(TEAM, true, new Deadline(5000));
    const unknown = await submit("home_claim", { name: "new" });
    expect(unknown?.["errors"]).to.deep.equal({ name: "There is no such resource. Only an admin may add it." });
  });

  it("lets admins add and rename, and nobody else, not even with an older button", async () => {
    for (const action of ["home_add", "home_rename", "home_settings"]) await press(action, OTHER);
    expect(call.callCount).to.equal(0);
    expect(published.map(({ note }) => note)).to.deep.equal(Array(3).fill("Only admins of this workspace may do that."));
    const refused = [await submit("home_add", { name: "lab" }, OTHER), await submit("home_rename", { name: "lab", to: "lab-1" }, OTHER)];
    for (const each of refused) expect(each?.["errors"]).to.deep.equal({ name: "Only admins of this workspace may do that." });
    expect(await owners("lab")).to.equal(undefined);

    expect(await submit("home_add", { name: "lab" })).to.equal(undefined);
    expect((await submit("home_add", { name: "lab" }))?.["errors"]).to.deep.equal({ name: "It already exists." });
    expect(await submit("home_rename", { name: "lab", to: "lab-1" })).to.equal(undefined);
    expect(await owners("lab-1")).to.deep.equal([]);
    expect((await submit("home_rename", { name: "gone", to: "lab-2" }))?.["errors"]).to.deep.equal({ name: "There is no such resource." });
  });

  it("applies a press in a Home, and publishes the Home with its answer", async () => {
    await submit("home_claim", { name: "staging" });
    await press("dibs_release", ADMIN, JSON.stringify({ name: "staging", fencing: 1 }));
    expect(await owners("staging")).to.deep.equal([]);
    expect(published.at(-1)).to.include({ user: ADMIN, note: "<@U0001> released `staging`. It is free." });
  });

  it("gives people of other companies nothing", async () => {
    const stranger = { user: { id: OTHER, team_id: "T0999" } };
    await press("home_claim", OTHER, "staging", stranger);
    const view = { id: "V1", callback_id: "home_claim", state: { values: { name: { value: { value: "staging" } } } } };
    await send({ type: "view_submission", team: { id: TEAM }, ...stranger, view });
    expect([call.callCount, await owners("staging")]).to.deep.equal([0, undefined]);
  });

  describe("for settings", () => {
    const entered = { triggerWords: "robot, awsadvent", split: "annotations", ignoreWords: "", notifyChannel: "C0001", dibsDefault: "2h" };

    it("shows those of the workspace, without what the stack does not have", async () => {
      await press("home_settings");
      const fields = (opened()["blocks"] as JsonObject[]).map(block => block["block_id"]);
      expect(fields).to.deep.equal(["triggerWords", "split", "ignoreWords", "notifyChannel", "dibsDefault"]);
      expect(opened()).to.include({ private_metadata: "3" });
    });

    it("changes the version that it showed, and keeps what it did not show", async () => {
      expect(await submit("home_settings", entered, ADMIN, { private_metadata: "3" })).to.equal(undefined);
      const expected = {
        triggerWords: ["robot", "awsadvent"],
        split: "annotations",
        ignoreWords: [],
        notifyChannel: "C0001",
        dibsDefault: 7200,
      };
      expect(write.firstCall.args.slice(0, 3)).to.deep.equal([TEAM, { ...expected, agents: true }, "3"]);
    });

    it("says under the field what is wrong, and writes nothing", async () => {
      const refused = await submit("home_settings", { ...entered, dibsDefault: "soon" });
      expect(refused?.["errors"]).to.have.all.keys("dibsDefault");
      expect((await submit("home_settings", entered, OTHER))?.["errors"]).to.have.all.keys("triggerWords");
      expect(write.callCount).to.equal(0);
    });

    it("changes nothing if somebody else did meanwhile", async () => {
      write.rejects(new Conflict("changed"));
      const refused = await submit("home_settings", entered);
      expect(JSON.stringify(refused)).to.include("Somebody changed the settings in the meantime.");
      expect(published).to.deep.equal([]);
    });
  });
});
