import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { CountKeys } from "#core/message/count-keys";
import { TEAM_TABLE_NAMES } from "#core/slack/team-data";
import { PersonalChoices } from "#stores/message/personal-choices";
import { runScript } from "../../scripts/command-line";
import { describeInstallations, script, TeamData } from "../../scripts/team";
import { createTeamWorld, type TeamWorld } from "../team-tables";

const ANN = { team: "T0001", user: "U0001" };

describe("team", () => {
  let world: TeamWorld;
  let data: TeamData;
  beforeEach(async () => {
    world = await createTeamWorld();
    const choices = new PersonalChoices(world.client, world.names.boards, new CountKeys({ byTeam: true }));
    const { rows, installations, archive } = world;
    data = new TeamData({ rows, installations, archive, choices, nowSeconds: 1_763_805_600, report: () => {} });
    await world.install({ installation: "T0001", status: "uninstalled", erase_at: 2_000_000_000, name: "One" });
  });
  afterEach(() => world.stop());

  it("lists the workspaces under headings", async () => {
    await world.install({ installation: "T0003", status: "installed", name: "A long name" });
    expect(describeInstallations(await data.list()).split("\n")).to.deep.equal([
      "team   name         state        erased after",
      "T0001  One          uninstalled  2033-05-18T03:33:20.000Z",
      "T0003  A long name  installed",
    ]);
  });

  it("exports a file for each table, without tokens", async () => {
    await world.install({ installation: "T0001", status: "installed", name: "One", token: "secret" });
    const folder = await mkdtemp(join(tmpdir(), "slack-fanout-team-"));
    await data.export("T0001", folder);
    const expected = [...TEAM_TABLE_NAMES, "installations", "archive"].map(name => `${name}.jsonl`);
    expect(await readdir(folder)).to.have.members(expected);
    const texts = await Promise.all(expected.map(file => readFile(join(folder, file), "utf8")));
    for (const [index, text] of texts.entries())
      expect(text, expected[index]).to.include("T0001").and.not.include("T0002").and.not.include("secret");
    expect(
      texts[0]!
        .trim()
        .split("\n")
        .map(line => JSON.parse(line) as object),
    ).to.deep.include({ word: "T0001#lunch", count: 3 });
    await rm(folder, { recursive: true });
  });

  it("exports for the operator's eyes only", async () => {
    const parent = await mkdtemp(join(tmpdir(), "slack-fanout-team-"));
    const folder = join(parent, "export");
    await data.export("T0001", folder);
    const modes = await Promise.all([folder, join(folder, "seen.jsonl")].map(async path => (await stat(path)).mode & 0o777));
    expect(modes).to.deep.equal([0o700, 0o600]);
    await rm(parent, { recursive: true });
  });

  it("counts what it would erase, and erases it only without --dry-run", async () => {
    const before = await world.read("T0001");
    const counts = await data.erase("T0001", true);
    expect(await world.read("T0001")).to.deep.equal(before);
    expect(await data.erase("T0001", false)).to.deep.equal(counts);
    expect(counts).to.include({ words: 2, archive: 3 });
    expect(await world.read("T0001")).to.deep.equal({});
    expect(Object.keys(await world.read("T0002"))).to.have.members([...TEAM_TABLE_NAMES]);
  });

  it("erases nothing of a workspace that has the app", async () => {
    await world.install({ installation: "T0001", status: "installed", name: "One", token: "x" });
    const error = await data.erase("T0001", false).catch(error => error as Error);
    expect(String(error)).to.include("One has the app: what is erased now would come back.");
  });

  it("erases what is about one person alone", async () => {
    const counts = await data.erasePerson(ANN, false);
    expect(counts).to.deep.equal({
      ...{ words: 0, boards: 1, seen: 1, dibs: 0, "dibs-history": 1, "dibs-tokens": 1, "agent-tasks": 4, "agent-gateway": 1 },
      ...{ "notifier-receipts": 0, "documents-files": 1, "documents-shares": 0, "onboarding-accounts": 1, archive: 2 },
    });
    const { boards: [choice] = [], ...left } = await world.read("T0001");
    const text = JSON.stringify(left);
    expect(text).not.to.include("U0001");
    expect(left.seen, "an edit can still take back what was counted").to.have.length(5);
    expect(text.match(/U0002/g)).to.have.length(JSON.stringify(await world.read("T0001")).match(/U0002/g)!.length - 2);
    expect(choice).not.to.equal(undefined);
    expect(world.archive.keys).to.deep.equal(["T0001/C0001/U0002/original", "T0002/C0001/U0001/original"]);
    // From now on the person's words count on new boards.
    const choices = new PersonalChoices(world.client, world.names.boards, new CountKeys({ byTeam: true }));
    expect(await choices.read(ANN, new Deadline(5000))).to.include({ generation: 1 });
  });

  const refused: [args: string[], sentence: string][] = [
    [[], 'The action is "", but must be list, export or erase.'],
    [["erase", "C0001"], 'TEAM is "C0001", but must be a workspace\'s id such as T0001.'],
    [["erase", "T0001"], '--confirm is "", but must be T0001: erased data can\'t be restored. --dry-run counts it.'],
    [
      ["erase", "T0001", "--confirm", "T0002"],
      '--confirm is "T0002", but must be T0001: erased data can\'t be restored. --dry-run counts it.',
    ],
    [["erase", "T0001", "--user", "ann", "--dry-run"], '--user is "ann", but must be a person\'s id such as U0001.'],
  ];
  for (const [args, sentence] of refused)
    it(`refuses ${JSON.stringify(args.join(" "))}`, async () => {
      const error = sinon.stub(console, "error");
      await runScript(script, args);
      sinon.restore();
      expect([error.args.flat(), process.exitCode]).to.deep.equal([[sentence], 64]);
      process.exitCode = undefined;
    });
});
