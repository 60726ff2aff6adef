import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { WordCounts } from "#functions/word-counts";
import { BoardsTable } from "#stores/message/boards-table";
import { WordsTable } from "#stores/message/words-table";

const NOW_MS = Date.UTC(2025, 10, 22, 12);
const place = { team: "T0001", channel: "G0001", user: "U0001" };

describe("word counts", () => {
  const ask = (ever: number, days: Record<string, number>) => {
    const words = sinon.createStubInstance(WordsTable);
    words.readCounts.resolves([["tea", ever]]);
    const boards = sinon.createStubInstance(BoardsTable);
    boards.readCounts.callsFake(async keys => keys.map(([{ channel = "public", period }]) => days[`${channel} ${period}`] ?? 0));
    return new WordCounts(words, boards, () => NOW_MS).answer("tea", place, new Deadline(2500));
  };

  it("adds up the days of each window, everywhere and in this conversation", async () => {
    const everywhere = {
      "public 2025-11-22": 1,
      "public 2025-11-16": 2,
      "public 2025-11-15": 4,
      "public 2025-10-24": 8,
      "public 2025-10-23": 16,
    };
    const here = { "G0001 ever": 900, "G0001 2025-11-21": 32, "G0001 2025-11-01": 64 };
    expect((await ask(341, { ...everywhere, ...here })).split("\n")).to.deep.equal([
      "*Counts of* `tea`",
      "all time = 341",
      "today = 1",
      "in the last 7 days = 3",
      "in the last 30 days = 15",
      "here = 900",
      "here today = 0",
      "here in the last 7 days = 32",
      "here in the last 30 days = 96",
    ]);
  });

  it("shows only the counts of all time where no boards are kept", async () => {
    const words = sinon.createStubInstance(WordsTable);
    words.readCounts.resolves([["tea", 3]]);
    expect(await new WordCounts(words, undefined).answer("tea", place, new Deadline(2500))).to.equal("*Counts of* `tea`\nall time = 3");
  });

  it("says that a word has never been counted", async () => {
    expect(await ask(0, {})).to.equal("`tea` has not been counted yet.");
  });
});
