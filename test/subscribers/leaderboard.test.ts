import { expect } from "chai";
import sinon from "sinon";
import { BoardsTable } from "#stores/message/boards-table";
import { Leaderboard } from "#subscribers/leaderboard";
import { FakeProcess } from "../functions/fake-cloud";
import { buildEnvelope } from "./envelopes";
import { createWorld } from "./world";

const END_OF_DAY_SECONDS = Date.UTC(2025, 10, 23) / 1000;
const ARCHIVE_DAYS = 30;

describe("leaderboard", () => {
  const handle = async (envelope = buildEnvelope()) => {
    const world = createWorld();
    const addOnce = world.createAddOnce("leaderboard");
    const add = sinon.spy(addOnce, "add");
    const table = new BoardsTable(new FakeProcess(world.cloud).client, "boards");
    await new Leaderboard(addOnce, table, { multiplier: 10, split: "words", ignoreWords: [], archiveDays: ARCHIVE_DAYS }).handle(envelope);
    const additions = add.firstCall.args[1].map(({ key, by, set }) => [key["board"], key["token"], by, set["expires_at"]]);
    return { world, additions };
  };

  it("adds to the boards of the UTC day, which are kept for some days", async () => {
    const { additions } = await handle(
      buildEnvelope({
        ts: `${END_OF_DAY_SECONDS - 1}.999999`,
        tokens: [
          ["tea", 2],
          ["#receipt", 1],
        ],
      }),
    );
    const expires = END_OF_DAY_SECONDS + ARCHIVE_DAYS * 86_400;
    expect(additions).to.deep.equal([
      ["2025-11-22#word", "tea", 2, expires],
      ["2025-11-22#annotation", "#receipt", 1, expires],
      ["C0001#2025-11-22#word", "tea", 2, expires],
      ["C0001#2025-11-22#annotation", "#receipt", 1, expires],
      ["C0001#ever#word", "tea", 22, undefined],
      ["C0001#ever#annotation", "#receipt", 11, undefined],
    ]);
  });

  it("counts private messages only on the boards of their conversation", async () => {
    const { additions } = await handle(buildEnvelope({ channel: "C0MPIM1", private: true, tokens: [["#plan", 1]] }));
    expect(additions.map(([board, token]) => `${board} ${token}`)).to.deep.equal([
      "C0MPIM1#2025-11-22#annotation #plan",
      "C0MPIM1#ever#annotation #plan",
    ]);
  });

  it("starts a new board at midnight", async () => {
    const { additions } = await handle(buildEnvelope({ ts: `${END_OF_DAY_SECONDS}.000000`, tokens: [["tea", 1]] }));
    expect(additions[0]).to.deep.equal(["2025-11-23#word", "tea", 1, END_OF_DAY_SECONDS + 86_400 + ARCHIVE_DAYS * 86_400]);
  });

  it("has a marker of its own", async () => {
    const { world } = await handle();
    expect(world.markers()).to.deep.equal(["T0001-C0001-1763805600.000200-webhook#leaderboard"]);
  });
});
