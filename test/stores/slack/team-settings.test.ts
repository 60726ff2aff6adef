import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { Deadline } from "#core/deadline";
import { Conflict } from "#core/errors";
import { INSTALLATIONS } from "#core/slack/tables";
import { TeamSettingsTable } from "#stores/slack/team-settings";
import { createTablesOf } from "../../dynamodb-endpoint";
import { buildTeamSettings } from "../../team-settings";

const DEFAULTS = buildTeamSettings({ triggerWords: ["stack"] });
const FIRST = buildTeamSettings({ triggerWords: ["first"] });
const SECOND = buildTeamSettings({ triggerWords: ["second"] });

describe("team-settings of the table installations", () => {
  const open = () => createTablesOf({ installations: INSTALLATIONS });
  let world: Awaited<ReturnType<typeof open>>;
  let table: TeamSettingsTable;
  let nowMs = 1_763_805_600_000;
  let teams = 0;
  let team: string;

  before(async () => {
    world = await open();
    const names = { installationsTable: world.names.installations, teamDefaults: DEFAULTS };
    table = new TeamSettingsTable(world.client, names, () => nowMs);
  });
  beforeEach(() => {
    teams += 1;
    team = `T${teams}`;
  });
  after(() => world.stop());

  const write = (settings: typeof FIRST, before?: string) => table.write(team, settings, before, new Deadline(5000));

  it("are the stack's until the workspace chooses", async () => {
    expect(await table.read(team)).to.deep.equal({ settings: DEFAULTS });
    expect(await write(FIRST)).to.equal("1");
    expect(await table.read(team)).to.deep.equal({ settings: FIRST, version: "1" });
    expect(await table.read(`${team}0`)).to.deep.equal({ settings: DEFAULTS });
  });

  it("are kept in every version", async () => {
    const second = await write(SECOND, await write(FIRST));
    expect([
      await table.readVersion(team, undefined),
      await table.readVersion(team, "1"),
      await table.readVersion(team, second),
    ]).to.deep.equal([DEFAULTS, FIRST, SECOND]);
  });

  it("are not overwritten by somebody who has read an earlier version", async () => {
    const first = await write(FIRST);
    await write(SECOND, first);
    for (const before of [undefined, first]) expect(await rejectionOf(write(FIRST, before))).to.be.instanceOf(Conflict);
    expect(await table.read(team)).to.deep.equal({ settings: SECOND, version: "2" });
  });

  it("are read again after a minute", async () => {
    await table.readRecent(team);
    const names = { installationsTable: world.names.installations, teamDefaults: DEFAULTS };
    await new TeamSettingsTable(world.client, names).write(team, FIRST, undefined, new Deadline(5000));
    nowMs += 59_999;
    expect((await table.readRecent(team)).settings).to.deep.equal(DEFAULTS);
    nowMs += 1;
    expect((await table.readRecent(team)).settings).to.deep.equal(FIRST);
  });
});
