import { expect } from "chai";
import type { Checked } from "../../scripts/checklist";
import { LaptopProcess } from "./laptop-process";
import { Tables } from "./tables";

/** The commands with which an operator finds out whether a stack works. */
describe("the operator's commands", () => {
  let laptop: LaptopProcess;

  before(async () => {
    laptop = await (await LaptopProcess.create()).start();
  });

  afterEach(() => laptop.control("weather", {}));

  after(() => laptop.remove());

  describe("npm run smoke", () => {
    const smoke = async (...args: string[]) => {
      const { stdout, stderr, exitCode } = await laptop.operate("smoke", "--json", ...args);
      return { stderr, exitCode, checks: (JSON.parse(stdout) as { checks: Checked[] }).checks };
    };

    it("follows messages to their effects, and takes the counts back", async () => {
      const before = await new Tables(laptop).counts(["awsadvent"]);
      const { checks, stderr, exitCode } = await smoke();

      expect([exitCode, stderr], JSON.stringify(checks)).to.deep.equal([0, ""]);
      const passed = checks.filter(({ outcome }) => outcome === "passed").map(({ name }) => name);
      expect(passed).to.include.members(["challenge", "webhook", "event", "multiplier", "leaderboard", "logger", "turn", "payroll"]);
      expect(await new Tables(laptop).counts(["awsadvent"])).to.deep.equal(before);
    });

    it("fails if an effect is missing, and still takes the counts back", async () => {
      await laptop.control("weather", { kill: { function: "multiplier", call: 1, when: "before" } });
      const { checks, stderr, exitCode } = await smoke("--wait", "15");

      const outcomes = Object.fromEntries(checks.map(({ name, outcome }) => [name, outcome]));
      expect(outcomes).to.include({ webhook: "passed", multiplier: "failed", leaderboard: "passed", "taken back": "passed" });
      expect([exitCode, stderr]).to.deep.equal([1, `1 of ${checks.length} checks did not pass.`]);
    });
  });
});
