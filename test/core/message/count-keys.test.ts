import { expect } from "chai";
import fc from "fast-check";
import { CountKeys, dayOf, EVER } from "#core/message/count-keys";
import { countTokens, kindOf } from "#core/message/tokens";

const everybody = { team: "T0001" };
const leadership = { team: "T0001", channel: "G0001" };
const keys = new CountKeys();

describe("count keys", () => {
  it("are just the token for a public word", () => {
    expect(keys.placeWord(everybody, "tea", "").key.word).to.equal("tea");
    expect(keys.placeWord(leadership, "tea", "").key.word).to.equal("G0001#tea");
    expect(keys.placeWord(leadership, "#tea", "").key.word).to.equal("G0001##tea");
    expect(keys.readToken(leadership, "G0001##tea")).to.equal("#tea");
  });

  it("never collide for public and private tokens", () => {
    for (const split of ["words", "annotations"] as const) {
      fc.assert(
        fc.property(fc.array(fc.constantFrom("#", "G0001", "C1", "tea", " ", "-", "_", ".", "+", "'", "\u200d", "é", "＃")), parts => {
          for (const [token] of countTokens(parts.join(""), { split, ignoreWords: [] })) {
            expect(token.lastIndexOf("#"), token).to.be.at.most(0);
            expect(keys.placeWord(leadership, token, "").key.word.indexOf("#")).to.equal("G0001".length);
          }
        }),
      );
    }
  });

  it("never collide for two teams, nor for a team and the one workspace of an earlier layout", () => {
    const [board, choice] = [(token: string) => `${token}/board`, "choice"];
    // Each counter has one name under one layout, and its keys must tell the names apart.
    const owners = new Map<string, string>();
    const claim = (keyed: string, owner: string) => {
      expect(owners.get(keyed) ?? owner, keyed).to.equal(owner);
      owners.set(keyed, owner);
    };
    const token = fc.constantFrom("tea", "#tea", "g0001", "#g0001", "t0001", "𝐓0001", "ever", "2026-11-22", "word");
    const scope = fc.record({ team: fc.constantFrom("T0001", "T00012", "E0001"), channel: fc.constantFrom(undefined, "G0001", "C0001") });
    const person = fc.constantFrom({ user: "U0001", generation: 0 }, { user: "U0001", generation: 1 });
    const layout = fc.record({ byTeam: fc.boolean(), boardShards: fc.constantFrom(1, 3), hotWords: fc.constantFrom([], ["tea"]) });
    fc.assert(
      fc.property(layout, scope, token, person, fc.constantFrom("2026-11-22", EVER), (given, { team, channel }, said, who, period) => {
        const made = new CountKeys(given);
        const where = { team, ...(channel && { channel }) };
        const name = JSON.stringify([given.byTeam ? team : "the one workspace", channel]);
        const owner = (what: string) => `${name} ${what}`;
        for (const word of made.wordKeys(where, said)) claim(word, owner(said));
        expect(made.wordKeys(where, said)).to.include(made.placeWord(where, said, "1.2").key.word);
        const onBoard = { ...where, period };
        for (const key of made.boardKeys(onBoard, said)) claim(JSON.stringify(key), owner(`${board(said)} ${period}`));
        const own = { board: made.personalKey(where, who, kindOf(said)), token: said };
        claim(JSON.stringify(own), owner(`${board(said)} ${JSON.stringify(who)}`));
        expect(made.boardKeys(onBoard, said)).to.deep.include(made.placeOnBoard(onBoard, said, "1.2").key);
        const chosen = made.choiceKey({ team, user: "U0001" });
        claim(JSON.stringify(chosen), `${given.byTeam ? team : "the one workspace"} ${choice}`);
        if (given.byTeam) expect(made.wordKeys(where, said).every(word => word.startsWith(`${team}#`))).to.equal(true);
      }),
      { numRuns: 2000 },
    );
  });

  it("contain team, scope, kind and shard in an index, and on a board the period", () => {
    expect(keys.wordRankings(everybody, "word")).to.deep.equal(["T0001#public#word#0"]);
    expect(keys.wordRankings(leadership, "annotation")).to.deep.equal(["T0001#G0001#annotation#0"]);
    expect(keys.boardRankings({ ...everybody, period: "2026-11-22" }, "word")).to.deep.equal(["T0001#public#word#0#2026-11-22"]);
    expect(keys.boardRankings({ ...leadership, period: EVER }, "word")).to.deep.equal(["T0001#G0001#word#0#ever"]);
  });

  it("contain the UTC day, the kind and the conversation of a board", () => {
    const period = dayOf(Date.UTC(2026, 10, 22, 23, 59, 59, 999));
    expect(keys.boardKey({ ...everybody, period }, "word")).to.equal("2026-11-22#word");
    expect(keys.boardKey({ ...leadership, period: EVER }, "annotation")).to.equal("G0001#ever#annotation");
    expect(dayOf(Date.UTC(2026, 10, 23))).to.equal("2026-11-23");
  });

  it("contain the person and the generation of a personal board", () => {
    const person = { user: "U0001", generation: 7 };
    expect(keys.personalKey(everybody, person, "word")).to.equal("@U0001.000007#ever#word");
    expect(keys.personalKey(leadership, person, "word")).to.equal("@U0001.000007#G0001#ever#word");
  });
});
