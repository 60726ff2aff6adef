import { expect } from "chai";
import { type Check, formatChecked, hasFailed, runChecks, waitFor } from "../../scripts/checklist";

describe("checklist", () => {
  const passing = (name: string, needs?: string[]): Check => ({ name, needs, run: async () => `${name} works.` });
  const failing = (name: string): Check => ({ name, run: () => Promise.reject(new Error(`${name} is broken.`)) });

  it("goes on after a check that fails, but not with those that need it", async () => {
    const done = await runChecks([failing("door"), passing("effect", ["door"]), passing("turn"), { ...failing("off"), off: "Not here." }]);

    expect(done.map(({ outcome, detail }) => [outcome, detail])).to.deep.equal([
      ["failed", "door is broken."],
      ["not tried", 'It needs "door".'],
      ["passed", "turn works."],
      ["off", "Not here."],
    ]);
    expect(done.map(hasFailed)).to.deep.equal([true, true, false, false]);
  });

  it("does not need what is off", async () => {
    const [, done] = await runChecks([{ ...passing("door"), off: "Not here." }, passing("effect", ["door"])]);
    expect(done?.outcome).to.equal("passed");
  });

  it("shows the time of each check that ran", () => {
    const checked = { name: "door", outcome: "passed", seconds: 1.25, detail: "It works." } as const;
    expect(formatChecked([checked, { ...checked, name: "turn", outcome: "off", seconds: 0 }])).to.equal(
      "door  passed  1.3 s  It works.\nturn  off            It works.",
    );
  });

  it("says what it waited for in vain", async () => {
    const problem = await waitFor(async () => undefined, 1, "No answer came.").catch(error => error as Error);
    expect((problem as Error).message).to.equal("No answer came. (waited 0.001 s)");
  });
});
