import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { InstalledWorkspaces } from "#functions/installed-workspaces";
import type { Installation } from "#stores/slack/installations-table";
import { buildTeamSettings } from "../team-settings";

const NOW_MS = 1_763_805_600_000;
const SECOND = { installation: "T0002", status: "installed", bot_user: "UBOT02" } as const;

describe("installed-workspaces", () => {
  const make = () => {
    let nowMs = NOW_MS;
    const installations = {
      get: sinon.stub<[string, Deadline?], Promise<Installation | undefined>>().resolves(SECOND),
      link: sinon.stub().resolves(),
      remove: sinon.stub().resolves(true),
      postpone: sinon.stub().resolves(),
    };
    const log = { info: sinon.stub() };
    const settings = { installUrl: "https://example.com/install", eraseAfterDays: 30, teamDefaults: buildTeamSettings() };
    const workspaces = new InstalledWorkspaces(installations, settings, log, () => nowMs);
    const find = (origin = { team: "T0002", enterprise: "E0001", isEnterpriseInstall: false }) =>
      workspaces.find(origin, new Deadline(1000));
    const end = (event: object, body: object = {}) =>
      workspaces.takeLeave(
        { team_id: "T0002", event_time: 1000, authorizations: [{ team_id: "T0002" }], ...body },
        event as Record<string, unknown>,
        new Deadline(1000),
      );
    const findOfEvent = (body: Record<string, unknown>, team: string) => workspaces.findOfEvent(body, team, new Deadline(1000));
    return { installations, log, find, findOfEvent, end, pass: (ms: number) => (nowMs += ms) };
  };

  it("caches for a minute that the app is installed", async () => {
    const { installations, find, pass } = make();
    expect(await find()).to.deep.equal({ ...SECOND, chosen: { settings: buildTeamSettings() } });
    pass(59_999);
    await find();
    expect(installations.get.callCount).to.equal(1);
    pass(1);
    installations.get.resolves(undefined);
    expect(await find()).to.equal(undefined);
  });

  it("never caches that the app is not installed, and logs each lookup", async () => {
    const { installations, log, find } = make();
    for (const found of [undefined, { installation: "T0002", organisation: "E0001" }, { ...SECOND, status: "uninstalled" as const }]) {
      installations.get.resolves(found);
      expect(await find()).to.equal(undefined);
    }
    expect(log.info.args).to.deep.equal(Array(3).fill(["not installed", { installation: "T0002", team: "T0002" }]));
    installations.get.resolves({ ...SECOND, status: "reinstall" });
    expect(await find()).to.include({ status: "reinstall" });
  });

  it("records the organisation of a workspace, once a minute", async () => {
    const { installations, find } = make();
    installations.get.resolves({ ...SECOND, installation: "E0001" });
    const origin = { team: "T0002", enterprise: "E0001", isEnterpriseInstall: true };
    await find(origin);
    await find(origin);
    sinon.assert.calledOnceWithMatch(installations.link, "T0002", "E0001");
    await find({ ...origin, team: "T0001" });
    expect(installations.link.args.map(([team]) => team)).to.deep.equal(["T0002", "T0001"]);
  });

  it("does not take another workspace for the organisation of a workspace, and asks for its own installation", async () => {
    const { installations, findOfEvent } = make();
    const rows: Record<string, Installation> = { T0002: SECOND };
    installations.get.callsFake(async installation => rows[installation]);
    const body = { context_team_id: "T0003", authorizations: [{ team_id: "T0002", user_id: "UBOT02" }] };
    expect(await findOfEvent(body, "T0003")).to.equal(undefined);
    rows["T0003"] = { ...SECOND, installation: "T0003", bot_user: "UBOT03" };
    expect(await findOfEvent(body, "T0003")).to.include({ installation: "T0003", bot_user: "UBOT03" });
    sinon.assert.notCalled(installations.link);
  });

  it("postpones the erasure of a workspace that still uses the app, once a day", async () => {
    const { installations, find, pass } = make();
    const inDays = (days: number) => NOW_MS / 1000 + days * 86_400;
    const row = { ...SECOND, status: "reinstall" as const };
    for (const days of [29, 30]) {
      installations.get.resolves({ ...row, erase_at: inDays(days) });
      await find();
      pass(60_000);
    }
    sinon.assert.notCalled(installations.postpone);
    installations.get.resolves({ ...row, erase_at: inDays(28) });
    await find();
    sinon.assert.calledOnceWithMatch(installations.postpone, { ...row, erase_at: inDays(28) }, inDays(30) + 120);
  });

  it("removes an installation when the app is uninstalled, and asks again afterwards", async () => {
    const { installations, find, end } = make();
    await find();
    expect(await end({ type: "app_uninstalled" })).to.equal(true);
    const removal = { installation: "T0002", atSeconds: 1000, eraseAtSeconds: 1000 + 30 * 86_400 };
    sinon.assert.calledOnceWithMatch(installations.remove, removal);
    installations.get.resolves({ ...SECOND, status: "uninstalled" });
    expect(await find()).to.equal(undefined);
  });

  it("takes the time of a removal from its own clock if Slack tells none that can be", async () => {
    const { installations, end } = make();
    for (const event_time of [undefined, "1000", -5, 1e308, Number.POSITIVE_INFINITY])
      await end({ type: "app_uninstalled" }, { event_time });
    expect(installations.remove.args.map(([{ atSeconds }]) => atSeconds)).to.deep.equal(Array(5).fill(NOW_MS / 1000));
  });

  it("removes it when the bot's token is revoked, and not when another one is", async () => {
    const { installations, end } = make();
    for (const tokens of [{ oauth: ["UBOT02"], bot: [] }, { bot: ["U1001"] }, { bot: "UBOT02" }, undefined])
      expect(await end({ type: "tokens_revoked", tokens })).to.equal(true);
    sinon.assert.notCalled(installations.remove);
    await end({ type: "tokens_revoked", tokens: { oauth: [], bot: ["UBOT02"] } });
    sinon.assert.calledOnce(installations.remove);
  });

  it("leaves other events alone", async () => {
    const { installations, end } = make();
    expect(await end({ type: "message" })).to.equal(false);
    sinon.assert.notCalled(installations.get);
  });
});
