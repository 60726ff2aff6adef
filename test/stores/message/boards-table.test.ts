import { randomUUID } from "node:crypto";
import { expect } from "chai";
import { Deadline } from "#core/deadline";
import { EVER } from "#core/message/count-keys";
import { CountOnce } from "#stores/count-once";
import { BoardsTable } from "#stores/message/boards-table";
import { SeenTable } from "#stores/message/seen-table";
import { createTables, RANKING_INDEX, type Tables } from "../../dynamodb-endpoint";

describe("boards-table", () => {
  let tables: Tables;
  let boards: BoardsTable;
  let once: CountOnce;
  before(async () => {
    tables = await createTables();
    boards = new BoardsTable(tables.client, tables.boards, RANKING_INDEX);
    once = new CountOnce(tables.client);
  });
  after(() => tables.stop());

  const soon = () => new Deadline(5000);
  const mark = () => new SeenTable(tables.client, tables.seen).buildEffectMarker(randomUUID(), 2_000_000_000);

  const everybody = { team: "T0001" };
  const add = (...additions: ReturnType<BoardsTable["buildAddition"]>[]) => once.add([mark()], additions, soon());

  it("keeps days, kinds, conversations and teams apart", async () => {
    const [sunday, monday] = ["2026-11-22", "2026-11-23"];
    const tea = (board: Parameters<BoardsTable["buildAddition"]>[0], by: number) => boards.buildAddition(board, ["tea", by], 2_000_000_000);
    await add(
      tea({ ...everybody, period: sunday }, 2),
      boards.buildAddition({ ...everybody, period: sunday }, ["milk", 3], 2_000_000_000),
      boards.buildAddition({ ...everybody, period: sunday }, ["#milk", 4], 2_000_000_000),
      tea({ ...everybody, period: monday }, 9),
      tea({ ...everybody, channel: "G0001", period: sunday }, 11),
    );
    await add(tea({ ...everybody, period: sunday }, 2));
    const top = (board: Parameters<BoardsTable["readTop"]>[0], limit = 10) => boards.readTop(board, "word", limit, soon());
    expect(await top({ ...everybody, period: sunday })).to.deep.equal([
      ["tea", 4],
      ["milk", 3],
    ]);
    expect(await top({ ...everybody, period: sunday }, 1)).to.deep.equal([["tea", 4]]);
    expect(await top({ ...everybody, channel: "G0001", period: sunday })).to.deep.equal([["tea", 11]]);
    expect(await top({ ...everybody, period: "2026-11-24" })).to.deep.equal([]);
    expect(await top({ team: "T0002", period: sunday })).to.deep.equal([]);
  });

  it("keeps the counts of all time forever", async () => {
    const { set } = boards.buildAddition({ ...everybody, channel: "C0001", period: EVER }, ["tea", 1]);
    expect(set).to.deep.equal({ ranking: "T0001#C0001#word#0#ever" });
  });

  it("puts ties in alphabetical order", async () => {
    const board = { ...everybody, channel: "C0009", period: EVER };
    await add(...["milk", "ale", "tea"].map(word => boards.buildAddition(board, [word, 1])));
    expect((await boards.readTop(board, "word", 3, soon())).map(([token]) => token)).to.deep.equal(["ale", "milk", "tea"]);
  });
});
