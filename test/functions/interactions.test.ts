import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { createId } from "#core/ids";
import { createLog } from "#core/log";
import { guard, type HttpRequest } from "#functions/door";
import type { InstalledWorkspaces } from "#functions/installed-workspaces";
import { Interactions } from "#functions/interactions";
import { DibsButtons } from "#functions/interactions/dibs-buttons";
import { buildTeamSettings } from "../team-settings";
import { createDibsWorld, type DibsWorld, TEAM } from "./dibs/world";
import { NOW_MS, SECRET, sign } from "./requests";

const FORM = "application/x-www-form-urlencoded";
const HOUR_MS = 3_600_000;

describe("interactions", () => {
  let world: DibsWorld;
  let stop: () => Promise<void>;
  let replies: [url: string, reply: Record<string, unknown>][];
  let triggers = 0;
  beforeEach(async () => {
    sinon.stub(console, "log");
    sinon.stub(console, "error");
    replies = [];
    ({ world, stop } = await createDibsWorld());
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
      new Deadline(5000),
    );
  const send = (
    request: HttpRequest,
    secrets = [SECRET],
    externalUsers: "refuse" | "allow" = "refuse",
    installed?: Pick<InstalledWorkspaces, "find">,
  ) => {
    const respond = async (url: string, reply: object) => void replies.push([url, reply as Record<string, unknown>]);
    const door = new Interactions({
      kinds: [new DibsButtons(world.dibs, world.once, 3600, () => world.nowMs)],
      settings: { teamId: TEAM, appId: "A0001", externalUsers },
      signingSecrets: secrets,
      slackUrl: undefined,
      log: createLog("test", {}),
      installed,
      nowMs: () => world.nowMs,
      respond,
    });
    return guard(createLog("test", {}), each => door.handle(each))(request);
  };
  const build = (action: string, user: string, over: Record<string, unknown> = {}) => {
    triggers += 1;
    const value = JSON.stringify({ name: "staging", fencing: 1, expiresAtMs: NOW_MS + HOUR_MS });
    return {
      type: "block_actions",
      team: { id: TEAM },
      user: { id: user },
      api_app_id: "A0001",
      container: { type: "message", is_ephemeral: false },
      trigger_id: `trigger ${triggers}`,
      response_url: "https://hooks.slack.com/actions/T0001/1/x",
      actions: [{ type: "button", action_id: action, block_id: "b", value }],
      ...over,
    };
  };
  const wrap = (payload: unknown) => sign(`payload=${encodeURIComponent(JSON.stringify(payload))}`, FORM);
  const press = (action: string, user: string, over?: Record<string, unknown>) => send(wrap(build(action, user, over)));
  const look = async () => (await world.dibs.look({ team: TEAM, name: "staging" }, new Deadline(5000)))!;
  const owners = async () => (await look()).claims.map(({ owner }) => owner);

  it("ignores a press in a workspace without the app", async () => {
    const find = sinon.stub().resolves(undefined);
    const organisation = { enterprise: { id: "E0001" }, is_enterprise_install: true };
    const request = wrap(build("dibs_release", "U0001", organisation));
    expect(await send(request, [SECRET], "refuse", { find })).to.deep.equal({ statusCode: 200, headers: {}, body: "" });
    expect(find.firstCall.args[0]).to.deep.equal({ team: TEAM, enterprise: "E0001", isEnterpriseInstall: true });
    expect([await owners(), replies]).to.deep.equal([["U0001"], []]);
    find.resolves({ installation: "E0001", chosen: { settings: buildTeamSettings() } });
    await send(request, [SECRET], "refuse", { find });
    expect(await owners()).to.deep.equal([]);
  });

  it("claims for as long as the workspace has chosen", async () => {
    const settings = buildTeamSettings({ dibsDefault: 120 });
    const find = sinon.stub().resolves({ installation: TEAM, chosen: { settings, version: "1" } });
    await send(wrap(build("dibs_join", "U0002")), [SECRET], "refuse", { find });
    expect((await look()).claims.at(-1)).to.include({ owner: "U0002", forSeconds: 120 });
  });

  describe("people of other companies (Slack Connect)", () => {
    const stranger = { user: { id: "U0001", team_id: "T0999" } };

    it("are told that they can't use the buttons, and change nothing", async () => {
      expect(await press("dibs_release", "U0001", stranger)).to.include({ statusCode: 200, body: "" });
      expect(await owners()).to.deep.equal(["U0001"]);
      expect(replies.map(([, reply]) => reply)).to.deep.equal([
        {
          response_type: "ephemeral",
          replace_original: false,
          text: "People of other companies can't use these buttons. Ask somebody at the company that runs this app.",
        },
      ]);
    });

    it("may press if the setting allows it", async () => {
      await send(wrap(build("dibs_release", "U0001", stranger)), [SECRET], "allow");
      expect(await owners()).to.deep.equal([]);
    });

    for (const user of [{ id: "U0001", team_id: TEAM }, { id: "U0001", team_id: "E0001" }, { id: "U0001" }]) {
      it(`don't include ${JSON.stringify(user)} of the organisation E0001`, async () => {
        await press("dibs_release", "U0001", { user, enterprise: { id: "E0001" } });
        expect(await owners()).to.deep.equal([]);
      });
    }
  });

  it("answers an empty 200, and the channel at the response_url", async () => {
    expect(await press("dibs_release", "U0001")).to.deep.equal({ statusCode: 200, headers: {}, body: "" });
    expect(await owners()).to.deep.equal([]);
    expect(replies.map(([url]) => url)).to.deep.equal(["https://hooks.slack.com/actions/T0001/1/x"]);
    expect(replies[0]![1]).to.include({
      response_type: "in_channel",
      replace_original: true,
      text: "<@U0001> released `staging`. It is free.",
    });
  });

  it("tells only the person who pressed why nothing happened", async () => {
    await press("dibs_release", "U0002");
    expect(await owners()).to.deep.equal(["U0001"]);
    expect(replies[0]![1]).to.include({ response_type: "ephemeral", replace_original: false });
  });

  it("has one effect for one trigger_id", async () => {
    await press("dibs_join", "U0002", { trigger_id: "same" });
    await press("dibs_join", "U0002", { trigger_id: "same" });
    expect(await owners()).to.deep.equal(["U0001", "U0002"]);
    expect(replies[1]).to.deep.equal(replies[0]);
  });

  it("also tells the channel if only one person sees the message", async () => {
    await press("dibs_release", "U0001", { container: { type: "message", is_ephemeral: true } });
    expect(replies[0]![1]).to.include({ response_type: "in_channel", replace_original: false });
  });

  it("takes effect even if Slack refuses the answer", async () => {
    const respond = async () => Promise.reject(new Error("down"));
    const door = new Interactions({
      kinds: [new DibsButtons(world.dibs, world.once, 3600, () => NOW_MS)],
      settings: { externalUsers: "refuse" },
      signingSecrets: [SECRET],
      slackUrl: undefined,
      log: createLog("test", {}),
      nowMs: () => NOW_MS,
      respond,
    });
    expect(await door.handle(wrap(build("dibs_release", "U0001")))).to.include({ statusCode: 200 });
    expect(await owners()).to.deep.equal([]);
  });

  for (const response_url of ["https://example.com/x", "http://hooks.slack.com/x", "https://hooks.slack.com.example.com/", undefined, 5]) {
    it(`refuses the response_url ${response_url}, does not call it, and changes nothing`, async () => {
      expect(await press("dibs_release", "U0001", { response_url })).to.have.property("statusCode", 400);
      expect([replies, await owners()]).to.deep.equal([[], ["U0001"]]);
    });
  }

  const ignored: [title: string, over: Record<string, unknown>][] = [
    ["another team's", { team: { id: "T0002" } }],
    ["another app's", { api_app_id: "A0002" }],
    ["of another type", { type: "view_submission" }],
    ["of an unknown button", { actions: [{ action_id: "other", value: "{}" }] }],
    ["of no button", { actions: [] }],
  ];
  for (const [title, over] of ignored) {
    it(`ignores a press ${title}`, async () => {
      expect(await press("dibs_release", "U0001", over)).to.include({ statusCode: 200, body: "" });
      expect([replies, await owners()]).to.deep.equal([[], ["U0001"]]);
    });
  }

  const refused: [title: string, statusCode: number, request: () => HttpRequest, secrets?: string[]][] = [
    ["no signature", 401, () => ({ headers: { "content-type": FORM }, body: "payload={}" })],
    ["everything without a secret", 401, () => wrap(build("dibs_release", "U0001")), []],
    ["another secret", 401, () => wrap(build("dibs_release", "U0001")), ["other"]],
    ["no payload", 400, () => sign("a=b", FORM)],
    ["a payload that is not an object", 400, () => wrap([])],
    ["an unknown value", 400, () => wrap(build("dibs_release", "U0001", { actions: [{ action_id: "dibs_release", value: "x" }] }))],
    ["no user", 400, () => wrap(build("dibs_release", "U0001", { user: null }))],
    ["no trigger_id", 400, () => wrap(build("dibs_release", "U0001", { trigger_id: "" }))],
    ["JSON", 415, () => sign("{}", "application/json")],
  ];
  for (const [title, statusCode, request, secrets] of refused) {
    it(`refuses ${title}`, async () => {
      expect(await send(request(), secrets)).to.have.property("statusCode", statusCode);
      expect(await owners()).to.deep.equal(["U0001"]);
    });
  }
});
