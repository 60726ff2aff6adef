import { expect } from "chai";
import { findCompletions } from "../../page/completion";

describe("completion of", () => {
  const sources = {
    commands: ["/dibs", "/words"].map(command => ({ command, description: "", usageHint: "" })),
    users: [
      { name: "ada", realName: "Ada Lindqvist" },
      { name: "ben", realName: "Ben Okafor" },
    ],
    channels: ["general", "random"],
    emoji: ["tada", "thumbsup"],
  };
  for (const [typed, found] of [
    ["/", ["/dibs", "/words"]],
    ["/d", ["/dibs"]],
    ["/dibs", []],
    ["/dibs on", []],
    ["a /", []],
    ["", []],
    ["@", ["@ada", "@ben"]],
    ["ask @B", ["@ben"]],
    ["ask @oka", ["@ben"]],
    ["ask @ben", []],
    ["ask @ben about", []],
    ["ada@b", []],
    ["/dibs off (#ran", ["#random"]],
    ["well :t", []],
    ["well :ta", [":tada:"]],
    ["well :tada:", []],
    ["at 9:th", []],
  ] as const)
    it(`${JSON.stringify(typed)} offers ${found.join(", ") || "nothing"}`, () => {
      const { from, completions } = findCompletions(typed, sources);
      expect(completions.map(({ text }) => text)).to.deep.equal(found);
      if (found.length > 0) expect(typed.slice(from)).to.match(/^[/@#:]/);
    });
});
