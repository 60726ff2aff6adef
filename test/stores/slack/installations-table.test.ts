import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import type { Grant } from "#core/slack/installation";
import { INSTALLATIONS } from "#core/slack/tables";
import { InstallationsTable } from "#stores/slack/installations-table";
import { TeamSettingsTable } from "#stores/slack/team-settings";
import { createTablesOf } from "../../dynamodb-endpoint";
import { buildTeamSettings } from "../../team-settings";

const grant = (installation: string): Grant => ({
  installation,
  name: "Example",
  token: "",
  botUser: "UBOT01",
  app: "A0001",
  scopes: ["commands"],
  installedBy: "U0001",
});
const tokens = { token: "token-1", refreshToken: "refresh-1", expiresAtSeconds: 5000 };

describe("installations-table", () => {
  let world: Awaited<ReturnType<typeof open>>;
  let table: InstallationsTable;
  let teams = 0;

  const open = () => createTablesOf({ installations: INSTALLATIONS });

  before(async () => {
    world = await open();
    table = new InstallationsTable(world.client, world.names.installations);
  });
  after(() => world.stop());

  /** A workspace that has installed the app at 1000. */
  const install = async () => {
    teams += 1;
    const team = `T${teams}`;
    await table.install(grant(team), tokens, 1000);
    return team;
  };
  const remove = (installation: string, atSeconds: number) => table.remove({ installation, atSeconds, eraseAtSeconds: atSeconds + 100 });

  it("keeps an installation, and lists it until it is removed", async () => {
    const team = await install();
    expect(await table.get(team)).to.deep.equal({
      installation: team,
      status: "installed",
      name: "Example",
      token: "token-1",
      refresh_token: "refresh-1",
      token_expires_at: 5000,
      bot_user: "UBOT01",
      app: "A0001",
      scopes: ["commands"],
      installed_by: "U0001",
      installed_at: 1000,
      changed_at: 1000,
    });
    const list = async () => {
      const listed: string[] = [];
      for await (const { installation } of table.listInstalled()) listed.push(installation);
      return listed;
    };
    expect(await list()).to.include(team);
    await remove(team, 1001);
    expect(await list()).not.to.include(team);
  });

  it("forgets the tokens of a removed app, once, and keeps them if it was installed again since", async () => {
    const team = await install();
    expect(await remove(team, 399), "an event from before the installation").to.equal(false);
    expect(await table.get(team)).to.not.have.property("erase_at");
    expect([await remove(team, 1000), await remove(team, 1000)]).to.deep.equal([true, false]);
    const row = await table.get(team);
    expect(row).to.include({ status: "uninstalled", erase_at: 1100 }).and.not.have.any.keys("token", "refresh_token", "token_expires_at");
    expect(await remove("T404", 1000)).to.equal(false);
    expect(await table.get("T404")).to.equal(undefined);

    await table.install(grant(team), { token: "token-2" }, 2000);
    expect(await table.isLeaving(team, Number.MAX_SAFE_INTEGER)).to.equal(false);
    expect(await remove(team, 1000), "a late event").to.equal(false);
    const back = await table.get(team);
    expect(back)
      .to.include({ status: "installed", token: "token-2" })
      .and.not.have.any.keys("erase_at", "refresh_token", "token_expires_at");
  });

  it("erases a workspace whose removal seems to be older than the installation, unless it goes on using the app", async () => {
    const team = await install();
    expect(await remove(team, 400), "by a clock that is ten minutes behind").to.equal(false);
    const doubted = (await table.get(team))!;
    expect(doubted).to.include({ status: "installed", token: "token-1", erase_at: 500 });
    expect([await table.isLeaving(team, 499), await table.isLeaving(team, 500)]).to.deep.equal([false, true]);
    await table.postpone(doubted, 600);
    await table.postpone(doubted, 700);
    expect([await table.isLeaving(team, 599), await table.isLeaving(team, 600)]).to.deep.equal([false, true]);
    await table.install(grant(team), tokens, 1000);
    expect(await table.isLeaving(team, 600)).to.equal(false);
  });

  it("keeps the settings of a workspace that comes back just before it is forgotten", async () => {
    const team = await install();
    await remove(team, 1000);
    const settings = new TeamSettingsTable(world.client, {
      installationsTable: world.names.installations,
      teamDefaults: buildTeamSettings(),
    });
    const version = await settings.write(team, buildTeamSettings({ triggerWords: ["hey"] }), undefined, new Deadline(5000));
    const get = sinon.stub(table, "get").callsFake(async installation => {
      get.restore();
      const row = await table.get(installation);
      await table.install(grant(team), tokens, 2000);
      return row;
    });
    await table.forget(team, 1100);
    expect((await table.get(team))?.status).to.equal("installed");
    expect((await settings.readVersion(team, version)).triggerWords).to.deep.equal(["hey"]);

    await remove(team, 3000);
    await table.forget(team, 3100);
    expect([await table.get(team), await table.get(`${team}#settings#1`)]).to.deep.equal([undefined, undefined]);
  });

  it("finds a workspace's own installation first, then that of its organisation", async () => {
    const team = await install();
    teams += 1;
    const organisation = `E${teams}`;
    await table.install(grant(organisation), tokens, 1000);
    await table.link(team, organisation);
    await table.link("T000", organisation);
    expect(await table.getForTeam(team)).to.include({ installation: team });
    await table.refuseRefresh((await table.get(team))!, { atSeconds: 1000, eraseAtSeconds: 1100 });
    expect(await table.getForTeam(team), "whose token still works").to.include({ installation: team, status: "reinstall" });
    expect(await table.getForTeam("T000")).to.include({ installation: organisation });
    await remove(team, 1000);
    expect(await table.getForTeam(team)).to.include({ installation: organisation });
    expect(await table.getForTeam("T404")).to.equal(undefined);
  });

  it("marks an installation whose token Slack refuses, unless it has another token by now", async () => {
    const installation = await install();
    const refusal = { atSeconds: 1500, eraseAtSeconds: 1600 };
    expect(await table.refuseToken({ installation, token: "token-0" }, refusal)).to.equal(false);
    expect(await table.refuseToken({ installation, token: "token-1" }, refusal)).to.equal(true);
    expect(await table.get(installation))
      .to.include({ status: "reinstall", erase_at: 1600 })
      .and.not.have.any.keys("token", "refresh_token");
  });

  it("lets one run refresh at a time, and another after a minute", async () => {
    const row = (await table.get(await install()))!;
    const leases = await Promise.all(["a", "b", "c"].map(run => table.lease(row, run, 2000)));
    expect(leases.filter(Boolean)).to.have.length(1);
    expect(await table.lease(row, "d", 2060)).to.equal(false);
    expect(await table.lease(row, "d", 2061)).to.equal(true);

    const next = { token: "token-2", refreshToken: "refresh-2", expiresAtSeconds: 9000 };
    expect(await table.refresh(row, next, 2062)).to.equal(true);
    expect(await table.refresh(row, next, 2062), "with a refresh token that was used").to.equal(false);
    expect(await table.lease(row, "e", 3000)).to.equal(false);
    const refusal = { atSeconds: 3000, eraseAtSeconds: 3100 };
    expect(await table.refuseRefresh(row, refusal)).to.equal(false);
    const fresh = (await table.get(row.installation))!;
    expect(fresh).to.include({ token: "token-2", refresh_token: "refresh-2", token_expires_at: 9000 });
    expect(await table.refuseRefresh(fresh, refusal)).to.equal(true);
    expect(await table.get(row.installation))
      .to.include({ status: "reinstall", token: "token-2", erase_at: 3100 })
      .and.not.have.property("refresh_token");
  });
});
