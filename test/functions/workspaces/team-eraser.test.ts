import { expect } from "chai";
import sinon from "sinon";
import { TEAM_TABLE_NAMES } from "#core/slack/team-data";
import { TeamEraser } from "#functions/workspaces/team-eraser";
import { createTeamWorld, type TeamWorld } from "../../team-tables";

const NOW_SECONDS = 1_763_805_600;
const DUE = { status: "uninstalled", erase_at: NOW_SECONDS - 3600 } as const;

describe("team-eraser", () => {
  let world: TeamWorld;
  beforeEach(async () => {
    world = await createTeamWorld();
    await world.install({ installation: "T0002", status: "installed", token: "x" });
  });
  afterEach(() => world.stop());

  const make = (rows: Partial<TeamWorld["rows"]> = {}) => {
    const { installations, archive } = world;
    const { names } = world.rows;
    const all = { names, readPage: world.rows.readPage.bind(world.rows), delete: world.rows.delete.bind(world.rows), ...rows };
    return new TeamEraser({ installations, archive, rows: all, log: { info: sinon.stub() }, nowMs: () => NOW_SECONDS * 1000 });
  };

  it("erases every table and the archive of a workspace that is due, and nothing of another", async () => {
    const before = await world.read("T0002");
    expect(Object.keys(await world.read("T0001"))).to.have.members([...TEAM_TABLE_NAMES]);
    await world.install({ installation: "T0001", ...DUE, settings: "{}", settings_version: "2" });
    for (const version of [1, 2]) await world.put("installations", { installation: `T0001#settings#${version}` });

    await make().handle();

    expect(await world.read("T0001")).to.deep.equal({});
    expect(await world.installations.get("T0001#settings#2")).to.equal(undefined);
    expect(await world.read("T0002")).to.deep.equal(before);
    expect(world.archive.keys).to.deep.equal(["T0002/C0001/U0001/original"]);
    expect(await world.installations.readPass()).to.equal(undefined);
  });

  const spared = {
    "whose time has not come": { installation: "T0001", status: "uninstalled", erase_at: NOW_SECONDS - 3599 },
    "that has the app": { installation: "T0001", status: "installed", token: "x" },
    "that must install again": { installation: "T0001", status: "reinstall", erase_at: NOW_SECONDS - 3599 },
    "whose organisation has the app": { installation: "T0001", ...DUE, organisation: "E0001" },
  } as const;
  for (const [title, row] of Object.entries(spared))
    it(`spares a workspace ${title}`, async () => {
      await world.install({ installation: "E0001", status: "installed", token: "x" });
      await world.install(row);
      const before = await world.read("T0001");
      await make().handle();
      expect(await world.read("T0001")).to.deep.equal(before);
    });

  it("erases a workspace that should have installed the app again, and no longer uses it", async () => {
    await world.install({ installation: "T0001", ...DUE, status: "reinstall", token: "expired" });
    await make().handle();
    expect(await world.read("T0001")).to.deep.equal({});
  });

  it("erases the workspaces of an organisation that is due", async () => {
    await world.install({ installation: "E0001", ...DUE });
    await world.install({ installation: "T0001", organisation: "E0001" });
    await make().handle();
    expect(await world.read("T0001")).to.deep.equal({});
    expect(await world.installations.get("E0001")).to.equal(undefined);
  });

  it("continues where a run was killed", async () => {
    await world.install({ installation: "T0001", ...DUE });
    let runs = 0;
    for (; (await world.installations.get("T0001")) !== undefined && runs < 50; runs += 1) {
      let deletions = 0;
      // Each run finishes one step, and dies in the next one before it has stored how far it got.
      const dying = async (...args: Parameters<TeamWorld["rows"]["delete"]>) => {
        await world.rows.delete(...args);
        deletions += 1;
        if (deletions > 1) throw new Error("killed");
      };
      await make({ delete: dying })
        .handle()
        .catch(() => undefined);
    }
    expect(await world.read("T0001")).to.deep.equal({});
    expect(runs).to.equal(TEAM_TABLE_NAMES.length);
  });

  it("stops for a workspace that comes back meanwhile", async () => {
    await world.install({ installation: "T0001", ...DUE });
    const back = async (...args: Parameters<TeamWorld["rows"]["delete"]>) => {
      await world.rows.delete(...args);
      await world.install({ installation: "T0001", status: "installed", token: "y" });
    };
    await make({ delete: back }).handle();
    const left = await world.read("T0001");
    expect(left).not.to.have.property("words");
    expect(left).to.include.keys("boards", "dibs", "installations");
    expect(await world.installations.readPass()).to.equal(undefined);
  });
});
