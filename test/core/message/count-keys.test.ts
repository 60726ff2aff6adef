import { expect } from "chai";
import fc from "fast-check";
import { buildBoardKey, buildBoardRanking, buildWordKey, buildWordRanking, dayOf, EVER, readToken } from "#core/message/count-keys";
import { countTokens } from "#core/message/tokens";

const everybody = { team: "T0001" };
const leadership = { team: "T0001", channel: "G0001" };

describe("count keys", () => {
  it("are just the token for a public word", () => {
    expect(buildWordKey(everybody, "tea")).to.equal("tea");
    expect(buildWordKey(leadership, "tea")).to.equal("G0001#tea");
    expect(buildWordKey(leadership, "#tea")).to.equal("G0001##tea");
    expect(readToken(leadership, "G0001##tea")).to.equal("#tea");
  });

  it("never collide for public and private tokens", () => {
    for (const split of ["words", "annotations"] as const) {
      fc.assert(
        fc.property(fc.array(fc.constantFrom("#", "G0001", "C1", "tea", " ", "-", "_", ".", "+", "'", "\u200d", "é", "＃")), parts => {
          for (const [token] of countTokens(parts.join(""), { split, ignoreWords: [] })) {
            expect(token.lastIndexOf("#"), token).to.be.at.most(0);
            expect(buildWordKey(leadership, token).indexOf("#")).to.equal("G0001".length);
          }
        }),
      );
    }
  });

  it("contain team, scope, kind and shard in an index, and on a board the period", () => {
    expect(buildWordRanking(everybody, "word")).to.equal("T0001#public#word#0");
    expect(buildWordRanking(leadership, "annotation")).to.equal("T0001#G0001#annotation#0");
    expect(buildBoardRanking({ ...everybody, period: "2026-11-22" }, "word")).to.equal("T0001#public#word#0#2026-11-22");
    expect(buildBoardRanking({ ...leadership, period: EVER }, "word")).to.equal("T0001#G0001#word#0#ever");
  });

  it("contain the UTC day, the kind and the conversation of a board", () => {
    const period = dayOf(Date.UTC(2026, 10, 22, 23, 59, 59, 999));
    expect(buildBoardKey({ ...everybody, period }, "word")).to.equal("2026-11-22#word");
    expect(buildBoardKey({ ...leadership, period: EVER }, "annotation")).to.equal("G0001#ever#annotation");
    expect(dayOf(Date.UTC(2026, 10, 23))).to.equal("2026-11-23");
  });

  it("contain the person and the generation of a personal board", () => {
    const person = { user: "U0001", generation: 7 };
    expect(buildBoardKey({ ...everybody, person, period: EVER }, "word")).to.equal("@U0001.000007#ever#word");
    expect(buildBoardKey({ ...leadership, person, period: EVER }, "word")).to.equal("@U0001.000007#G0001#ever#word");
  });
});
