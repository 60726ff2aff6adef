import { expect } from "chai";
import sinon from "sinon";
import { NotDurable } from "#core/errors";
import type { TokenCount } from "#core/tokens";
import { CountOnce } from "#stores/count-once";
import { LeaderboardTable } from "#stores/leaderboard-table";
import { SeenTable } from "#stores/seen-table";
import { WordsTable } from "#stores/words-table";
import { AddOnce } from "#subscribers/add-once";
import { Leaderboard } from "#subscribers/leaderboard";
import { Multiplier } from "#subscribers/multiplier";
import { FakeCloud, FakeProcess, type Kill } from "../functions/fake-cloud";
import { rejectionOf } from "../thrown";
import { buildEnvelope } from "./envelopes";

const NOW_MS = 1_763_805_600_000;
const ARCHIVE_DAYS = 400;

describe("add-once", () => {
  let cloud: FakeCloud;
  beforeEach(() => {
    cloud = new FakeCloud();
  });

  const start = (subscriber: string, kill?: Kill) => {
    const { client } = new FakeProcess(cloud, kill);
    const addOnce = new AddOnce(new CountOnce(client), new SeenTable(client, "seen"), subscriber, ARCHIVE_DAYS, () => NOW_MS);
    return { addOnce, words: new WordsTable(client, "words"), leaderboard: new LeaderboardTable(client, "leaderboard") };
  };
  const multiply = (envelope = buildEnvelope(), kill?: Kill) => {
    const { addOnce, words } = start("multiplier", kill);
    return new Multiplier(addOnce, words, { multiplier: 10, split: "words", ignoreWords: [] }).handle(envelope);
  };
  const markers = () => cloud.items("seen").map(item => item["event_id"]?.S);
  const many = (count: number) =>
    buildEnvelope({ tokens: Array.from({ length: count }, (_, index): TokenCount => [`w${index}`, index + 1]) });

  describe("multiplier", () => {
    it("adds ten per occurrence", async () => {
      await multiply();
      expect(cloud.counts("words")).to.deep.equal({ tea: 20, milk: 10 });
    });

    it("adds once, however often the message comes, also at once", async () => {
      await Promise.all([multiply(), multiply(), multiply()]);
      await multiply();
      expect(cloud.counts("words")).to.deep.equal({ tea: 20, milk: 10 });
    });

    it("marks each message for as long as it can be replayed", async () => {
      await multiply();
      expect(cloud.items("seen")[0]).to.deep.include({
        event_id: { S: "T0001-C0001-1763805600.000200-webhook#multiplier" },
        expires_at: { N: String(NOW_MS / 1000 + ARCHIVE_DAYS * 86_400) },
      });
    });

    it("marks each chunk of 99 tokens", async () => {
      await multiply(many(200));
      const id = "T0001-C0001-1763805600.000200-webhook#multiplier";
      expect(markers()).to.have.members([id, `${id}#1`, `${id}#2`]);
      expect(cloud.counts("words")).to.include({ w0: 10, w98: 990, w99: 1000, w199: 2000 });
    });

    it("splits the text again where the envelope has no tokens", async () => {
      const envelope = buildEnvelope();
      delete envelope.data.tokens;
      await multiply(envelope);
      expect(cloud.counts("words")).to.deep.equal({ tea: 20, milk: 10 });
    });

    it("leaves a message without tokens alone", async () => {
      await multiply(buildEnvelope({ tokens: [] }));
      expect(markers()).to.deep.equal([]);
    });

    for (const call of [1, 2, 3]) {
      for (const when of ["before", "after"] as const) {
        it(`is exact when it was killed ${when} call ${call} of 3 and comes again`, async () => {
          await rejectionOf(multiply(many(200), { call, when }));
          await multiply(many(200));
          const expected = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`w${index}`, 10 * (index + 1)]));
          expect(cloud.counts("words")).to.deep.equal(expected);
        });
      }
    }

    it("throws what keeps it from adding", async () => {
      const { addOnce, words } = start("multiplier");
      sinon.stub(addOnce, "add").rejects(new NotDurable("The time was up."));
      const multiplier = new Multiplier(addOnce, words, { multiplier: 10, split: "words", ignoreWords: [] });
      expect(await rejectionOf(multiplier.handle(buildEnvelope()))).to.be.instanceOf(NotDurable);
    });
  });

  describe("leaderboard", () => {
    const settings = { split: "words" as const, ignoreWords: [], keepDays: 30 };

    it("adds to the boards of the UTC day on which it was said", async () => {
      const { addOnce, leaderboard } = start("leaderboard");
      const add = sinon.spy(addOnce, "add");
      const endOfDaySeconds = Date.UTC(2025, 10, 23) / 1000;
      await new Leaderboard(addOnce, leaderboard, settings).handle(
        buildEnvelope({
          ts: `${endOfDaySeconds - 1}.999999`,
          tokens: [
            ["tea", 2],
            ["#receipt", 1],
          ],
        }),
      );
      expect(add.firstCall.args[1].map(({ key, by, set }) => [key["board"]?.S, key["token"]?.S, by, set["expires_at"]?.N])).to.deep.equal([
        ["2025-11-22#word", "tea", 2, String(endOfDaySeconds + 30 * 86_400)],
        ["2025-11-22#annotation", "#receipt", 1, String(endOfDaySeconds + 30 * 86_400)],
      ]);
    });

    it("has a marker of its own beside the multiplier's", async () => {
      const { addOnce, leaderboard } = start("leaderboard");
      await multiply();
      await new Leaderboard(addOnce, leaderboard, settings).handle(buildEnvelope());
      expect(markers()).to.deep.equal(["multiplier", "leaderboard"].map(name => `T0001-C0001-1763805600.000200-webhook#${name}`));
    });
  });
});
