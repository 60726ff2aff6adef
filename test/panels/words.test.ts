import type { Items } from "@slack-fanout/laptop-cloud/protocol";
import type { Workspace } from "@slack-fanout/pretend-slack/protocol";
import { expect } from "chai";
import { filterWords } from "../../panels/words";

const createdSeconds = 0;
const channels = [
  { id: "C0001", kind: "channel", name: "general", topic: "", createdSeconds, members: ["U0001", "U0003"] },
  { id: "G0001", kind: "group", name: "leadership", topic: "", createdSeconds, members: ["U0001"] },
  { id: "D0001", kind: "im", name: "", topic: "", createdSeconds, members: ["U0001", "UBOT01"] },
] satisfies Workspace["channels"];
const workspace = { team: { id: "T0001", name: "Pretend workspace" }, channels };

describe("words panel", () => {
  it("shows a person public words, and private words of their own conversations", () => {
    const counts = { tea: 22, deleted: 0, "#tea": 11, "G0001##plan": 11, "G0001#tea": 1, "D0001##note": 11, "C9999##gone": 11 };
    const items = Object.entries(counts).map(([word, count]) => ({ word, count }));
    const table: Items = { name: "words", table: "words-1", keys: ["word"], sortedBy: "count", items, count: 7, hasMore: false };
    const seen = (user: string) =>
      filterWords({ workspace, user, byTeam: false }, table).items.map(({ word, count }) => `${word} = ${count}`);

    expect(seen("U0003")).to.deep.equal(["tea = 22", "#tea = 11"]);
    expect(seen("U0001")).to.deep.equal([
      "tea = 22",
      "#tea = 11",
      "#plan (leadership) = 11",
      "tea (leadership) = 1",
      "#note (direct message) = 11",
    ]);
  });

  it("shows only this workspace's words where many share the table", () => {
    const items = ["T0001#tea", "T0001#G0001#plan", "T0002#coffee", "before"].map(word => ({ word, count: 1 }));
    const table: Items = { name: "words", table: "words-1", keys: ["word"], sortedBy: "count", items, count: 4, hasMore: false };
    const shown = filterWords({ workspace, user: "U0001", byTeam: true }, table);
    expect(shown.items.map(({ word }) => word)).to.deep.equal(["tea", "plan (leadership)"]);
  });
});
