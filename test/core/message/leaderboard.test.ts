import { expect } from "chai";
import { buildDigest, buildLeaderboard, buildPeriods, findTop, parseTop, type TopRequest } from "#core/message/leaderboard";

const usual: TopRequest = { limit: 10, window: "ever", here: false, mine: false };

describe("leaderboard", () => {
  describe("parse", () => {
    const understood: [text: string, asked: Partial<TopRequest>][] = [
      ["", {}],
      ["  \u200b ", {}],
      ["1", { limit: 1 }],
      ["50", { limit: 50 }],
      ["today", { window: "today" }],
      ["5 TODAY", { limit: 5, window: "today" }],
      ["today 5", { limit: 5, window: "today" }],
      ["here", { here: true }],
      ["5 today here", { limit: 5, window: "today", here: true }],
      ["Here 5 today", { limit: 5, window: "today", here: true }],
      ["WEEK here", { window: "week", here: true }],
      ["3 month", { limit: 3, window: "month" }],
      ["mine Week 3 here", { limit: 3, window: "week", here: true, mine: true }],
      ["today here 5", { limit: 5, window: "today", here: true }],
    ];
    for (const [text, asked] of understood) {
      it(`understands ${JSON.stringify(text)}`, () => expect(parseTop(text)).to.deep.equal({ ...usual, ...asked }));
    }

    for (const text of [
      "0",
      "-1",
      "51",
      "100",
      "1e1",
      "1.5",
      "0x5",
      "ten",
      "5 5",
      "today today",
      "today week",
      "month 5 week",
      "here 5 here",
      "mine mine",
      "<!here>",
      "５",
    ]) {
      it(`quotes the invalid part of ${text}`, () => {
        const answer = parseTop(text);
        expect(answer).to.have.property("problem").that.includes("whole number from 1 to 50");
      });
    }

    it("escapes what it quotes, and shortens it", () => {
      expect(parseTop("<!here>")).to.have.property("problem").that.includes('"&lt;!here&gt;"');
      expect(parseTop("x".repeat(10_000)))
        .to.have.property("problem")
        .with.length.below(200);
    });
  });

  describe("find", () => {
    const rows: [rest: string, found: ReturnType<typeof findTop>][] = [
      ["top", usual],
      ["Top 5", { ...usual, limit: 5 }],
      ["top 5 today", { ...usual, limit: 5, window: "today" }],
      ["top today 5", { ...usual, limit: 5, window: "today" }],
      ["top here today", { ...usual, window: "today", here: true }],
      ["top week 3", { ...usual, limit: 3, window: "week" }],
      ["\u2060top\u200e 5", { ...usual, limit: 5 }],
      ["top songs of the year", undefined],
      ["top today week", undefined],
      ["top 5 songs", undefined],
      ["top today here and there", undefined],
      ["top today today", undefined],
      ["top 5 6", undefined],
      ["stop", undefined],
      ["topics", undefined],
      ["", undefined],
    ];
    for (const [rest, found] of rows) it(`reads ${JSON.stringify(rest)}`, () => expect(findTop(rest)).to.deep.equal(found));

    it("does not show everybody what one person said", () => {
      expect(findTop("top here mine")).to.deep.equal({ problem: "Everybody would see your words here. Ask with `/words mine`." });
      expect(findTop("top mine and yours")).to.equal(undefined);
    });

    for (const rest of ["top 0", "top -1", "top 51", "top 1e3"]) {
      it(`treats ${rest} as a question with a wrong number`, () => expect(findTop(rest)).to.have.property("problem"));
    }
  });

  it("lists the UTC days of a window, the latest first", () => {
    const nowMs = Date.UTC(2024, 2, 1, 0, 0, 1);
    expect(buildPeriods("today", nowMs)).to.deep.equal(["2024-03-01"]);
    expect(buildPeriods("week", nowMs).join()).to.equal("2024-03-01,2024-02-29,2024-02-28,2024-02-27,2024-02-26,2024-02-25,2024-02-24");
    expect(buildPeriods("month", nowMs)).to.have.length(30).and.include("2024-02-01");
  });

  it("lists words, then annotations", () => {
    const text = buildLeaderboard({ ...usual, window: "today" }, [["tea", 3]], [["#receipt", 2]]);
    expect(text).to.equal("*Top words today*\n1. `tea` = 3\n*Top hashtags today*\n1. `#receipt` = 2");
  });

  it("builds a digest, or none", () => {
    expect(buildDigest([["tea", 3]], [["#receipt", 2]])).to.equal("*Words*\n1. `tea` = 3\n*Hashtags*\n1. `#receipt` = 2");
    expect(buildDigest([], [])).to.equal(undefined);
  });

  it("says if there are no counts", () => {
    expect(buildLeaderboard(usual, [], [])).to.equal("Nothing has been counted yet.");
    expect(buildLeaderboard({ ...usual, here: true, window: "today" }, [], [])).to.equal("Nothing has been counted here yet today.");
    expect(buildLeaderboard({ ...usual, mine: true }, [], [])).to.equal("Nothing that you said has been counted yet.");
    expect(buildLeaderboard({ ...usual, window: "week" }, [], [])).to.equal("Nothing has been counted yet in the last 7 days.");
  });
});
