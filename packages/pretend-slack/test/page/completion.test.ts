import { expect } from "chai";
import { findCompletions } from "../../page/completion";

describe("completion of commands", () => {
  const commands = ["/dibs", "/words"].map(command => ({ command, description: "", usageHint: "" }));
  for (const [typed, found] of [
    ["/", ["/dibs", "/words"]],
    ["/d", ["/dibs"]],
    ["/dibs", []],
    ["/dibs on", []],
    ["a /", []],
    ["", []],
  ] as const)
    it(`of ${JSON.stringify(typed)} offers ${found.join(", ") || "nothing"}`, () =>
      expect(findCompletions(typed, commands).map(({ command }) => command)).to.deep.equal(found));
});
