import { randomUUID } from "node:crypto";
import { expect } from "chai";
import { Deadline } from "#core/deadline";
import { CountOnce } from "#stores/count-once";
import { LeaderboardTable } from "#stores/leaderboard-table";
import { SeenTable } from "#stores/seen-table";
import { COUNT_INDEX, createTables, type Tables } from "../dynamodb-endpoint";

describe("leaderboard-table", () => {
  let tables: Tables;
  let leaderboard: LeaderboardTable;
  let once: CountOnce;
  before(async () => {
    tables = await createTables();
    leaderboard = new LeaderboardTable(tables.client, tables.leaderboard, COUNT_INDEX);
    once = new CountOnce(tables.client);
  });
  after(() => tables.stop());

  const soon = () => new Deadline(5000);
  const mark = () => new SeenTable(tables.client, tables.seen).buildEffectMarker(randomUUID(), 2_000_000_000);

  it("keeps one board apart from another", async () => {
    const additions = [
      leaderboard.buildAddition("2026-11-22#word", ["tea", 2], 2_000_000_000),
      leaderboard.buildAddition("2026-11-22#word", ["milk", 3], 2_000_000_000),
      leaderboard.buildAddition("2026-11-23#word", ["tea", 9], 2_000_000_000),
    ];
    await once.add([mark()], additions, soon());
    await once.add([mark()], additions.slice(0, 1), soon());
    expect(await leaderboard.readTop("2026-11-22#word", 10, soon())).to.deep.equal([
      ["tea", 4],
      ["milk", 3],
    ]);
    expect(await leaderboard.readTop("2026-11-22#word", 1, soon())).to.deep.equal([["tea", 4]]);
    expect(await leaderboard.readTop("2026-11-24#word", 10, soon())).to.deep.equal([]);
  });

  it("puts ties in alphabetical order", async () => {
    const day = `${randomUUID()}#word`;
    await once.add(
      [mark()],
      ["milk", "ale", "tea"].map(word => leaderboard.buildAddition(day, [word, 1], 2_000_000_000)),
      soon(),
    );
    expect((await leaderboard.readTop(day, 3, soon())).map(([token]) => token)).to.deep.equal(["ale", "milk", "tea"]);
  });
});
