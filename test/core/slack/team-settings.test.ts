import { expect } from "chai";
import { parseTeamSettings, type TeamSettingsTexts, writeTeamSettings } from "#core/slack/team-settings";

const TEXTS: TeamSettingsTexts = {
  triggerWords: "hey, robot  hey",
  split: "annotations",
  ignoreWords: "",
  notifyChannel: " C1001 ",
  dibsDefault: "2h",
  agents: "off",
};

describe("team-settings", () => {
  it("are read as people write them", () => {
    const settings = {
      triggerWords: ["hey", "robot"],
      split: "annotations",
      ignoreWords: [],
      notifyChannel: "C1001",
      dibsDefault: 7200,
      agents: false,
    };
    expect(parseTeamSettings(TEXTS)).to.deep.equal({ settings });
  });

  it("are written so that they are read as the same", () => {
    for (const change of [{}, { dibsDefault: "open", agents: "on", split: "words" }]) {
      const parsed = parseTeamSettings({ ...TEXTS, ...change });
      if (!("settings" in parsed)) throw new Error("they are refused");
      expect(parseTeamSettings(writeTeamSettings(parsed.settings))).to.deep.equal(parsed);
    }
  });

  const refused: Partial<TeamSettingsTexts>[] = [
    { split: "letters" },
    { notifyChannel: "general" },
    { dibsDefault: "soon" },
    { agents: "yes" },
    { triggerWords: "x".repeat(51) },
    { ignoreWords: Array.from({ length: 201 }, (_, index) => `w${index}`).join(" ") },
  ];
  for (const change of refused) {
    const [key] = Object.keys(change) as [keyof TeamSettingsTexts];
    it(`refuse a wrong ${key} in one sentence, and nothing else`, () => {
      const parsed = parseTeamSettings({ ...TEXTS, ...change });
      if (!("problems" in parsed)) throw new Error("they are accepted");
      expect(Object.keys(parsed.problems)).to.deep.equal([key]);
      expect(parsed.problems[key]).to.match(new RegExp(`^${key} is ".*", but must be .*\\.$`, "s"));
    });
  }
});
