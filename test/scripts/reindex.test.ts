import { randomUUID } from "node:crypto";
import { expect } from "chai";
import { Deadline } from "#core/deadline";
import { CountKeys, EVER } from "#core/message/count-keys";
import { CountOnce } from "#stores/count-once";
import { BoardsTable } from "#stores/message/boards-table";
import { Levels } from "#stores/message/levels";
import { PersonalChoices } from "#stores/message/personal-choices";
import { SeenTable } from "#stores/message/seen-table";
import { Table } from "#stores/table";
import { describeBoards, describeWords, Reindex } from "../../scripts/reindex";
import { createTables, type Tables } from "../dynamodb-endpoint";

const board = { team: "T0001", channel: "C0001", period: EVER };
const tokens = Array.from({ length: 20 }, (_, index) => `w${index}`);

describe("reindex", () => {
  let tables: Tables;
  beforeEach(async () => {
    tables = await createTables();
  });
  afterEach(() => tables.stop());

  const soon = () => new Deadline(60_000);
  const open = (keys: CountKeys) => new BoardsTable(tables.client, tables.boards, keys);
  const reindex = (keys: CountKeys, isDryRun = false) =>
    new Reindex(tables.client, isDryRun, () => {}).handle(describeBoards(tables.boards, keys));
  const count = async (keys: CountKeys, expiresAtSeconds?: number) => {
    const additions = tokens.map(token => open(keys).buildAddition(board, [token, 1], expiresAtSeconds));
    const marker = new SeenTable(tables.client, tables.seen).buildEffectMarker(randomUUID(), 2_000_000_000);
    await new CountOnce(tables.client).add([marker], additions, soon());
    await new Levels(tables.client).raise(additions, soon());
  };
  const countFound = async () => {
    const counts = await open(now).readCounts(
      tokens.map(token => [board, token]),
      soon(),
    );
    return counts.reduce((sum, times) => sum + times, 0);
  };
  const now = new CountKeys({ boardShards: 4 });

  it("changes nothing in a dry run, and counts what it would move", async () => {
    await count(new CountKeys());
    const { moved } = await reindex(now, true);
    expect(moved).to.be.within(1, tokens.length - 1);
    expect(await countFound()).to.equal(tokens.length - moved);
    expect(await reindex(now)).to.deep.equal({ table: tables.boards, moved, unknown: 0 });
    expect(await countFound()).to.equal(tokens.length);
  });

  it("may run twice at a time, while an earlier layout is still written", async () => {
    await count(new CountKeys());
    await Promise.all([reindex(now), reindex(now), count(new CountKeys()), count(now)]);
    await reindex(now);
    expect((await open(now).readTop(board, "word", 50, soon())).map(([, times]) => times)).to.deep.equal(tokens.map(() => 3));
  });

  it("keeps when a row expires", async () => {
    await count(new CountKeys(), 1_900_000_000);
    await reindex(now);
    for (const token of tokens)
      expect(await new Table(tables.client, tables.boards).get(now.boardKeys(board, token)[0]!)).to.include({ expires_at: 1_900_000_000 });
  });

  it("leaves people's own boards and choices, and counts rows that don't tell where they belong", async () => {
    await new PersonalChoices(tables.client, tables.boards).forget({ team: "T0001", user: "U0001" }, 1, soon());
    await new Table(tables.client, tables.boards).put({ board: "@U0001.000000#ever#word", token: "tea", count: 1, person: "T0001#U0001" });
    expect(await reindex(now)).to.deep.equal({ table: tables.boards, moved: 0, unknown: 0 });
    await new Table(tables.client, tables.words).put({ word: "tea", count: 1 });
    const words = new Reindex(tables.client, false, () => {}).handle(describeWords(tables.words, now));
    expect(await words).to.deep.equal({ table: tables.words, moved: 0, unknown: 1 });
  });
});
