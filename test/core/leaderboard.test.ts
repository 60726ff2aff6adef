import { expect } from "chai";
import { buildBoard, buildLeaderboard, findTop, parseTop } from "#core/leaderboard";

describe("leaderboard", () => {
  describe("parse", () => {
    const understood: [text: string, limit: number, today: boolean][] = [
      ["", 10, false],
      ["  \u200b ", 10, false],
      ["1", 1, false],
      ["50", 50, false],
      ["today", 10, true],
      ["5 TODAY", 5, true],
    ];
    for (const [text, limit, today] of understood) {
      it(`understands ${JSON.stringify(text)}`, () => expect(parseTop(text)).to.deep.equal({ limit, today }));
    }

    for (const text of ["0", "-1", "51", "100", "1e1", "1.5", "0x5", "ten", "5 5", "today 5", "<!here>", "５"]) {
      it(`quotes what is wrong with ${text}`, () => {
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
      ["top", { limit: 10, today: false }],
      ["Top 5", { limit: 5, today: false }],
      ["top 5 today", { limit: 5, today: true }],
      ["top today", { limit: 10, today: true }],
      ["top songs of the year", undefined],
      ["top 5 songs", undefined],
      ["stop", undefined],
      ["topics", undefined],
      ["", undefined],
    ];
    for (const [rest, found] of rows) it(`reads ${JSON.stringify(rest)}`, () => expect(findTop(rest)).to.deep.equal(found));

    for (const rest of ["top 0", "top -1", "top 51", "top 1e3"]) {
      it(`takes ${rest} for a question with a wrong number`, () => expect(findTop(rest)).to.have.property("problem"));
    }
  });

  it("names boards by UTC day and kind", () => {
    expect(buildBoard(Date.UTC(2026, 10, 22, 23, 59, 59, 999), "word")).to.equal("2026-11-22#word");
    expect(buildBoard(Date.UTC(2026, 10, 23), "annotation")).to.equal("2026-11-23#annotation");
  });

  it("lists words, then annotations", () => {
    const text = buildLeaderboard({ limit: 10, today: true }, [["tea", 3]], [["#receipt", 2]]);
    expect(text).to.equal("*Top words today*\n1. `tea` = 3\n*Top annotations today*\n1. `#receipt` = 2");
  });

  it("says when there is nothing", () => {
    expect(buildLeaderboard({ limit: 10, today: false }, [], [])).to.equal("Nothing has been counted yet.");
  });
});
