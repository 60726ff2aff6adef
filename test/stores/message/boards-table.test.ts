import { randomUUID } from "node:crypto";
import { QueryCommand } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { CountKeys, EVER } from "#core/message/count-keys";
import { CountOnce } from "#stores/count-once";
import { BoardsTable } from "#stores/message/boards-table";
import { Levels } from "#stores/message/levels";
import { SeenTable } from "#stores/message/seen-table";
import { createTables, type Tables } from "../../dynamodb-endpoint";

describe("boards-table", () => {
  let tables: Tables;
  let boards: BoardsTable;
  let once: CountOnce;
  before(async () => {
    tables = await createTables();
    boards = new BoardsTable(tables.client, tables.boards);
    once = new CountOnce(tables.client);
  });
  after(() => tables.stop());
  afterEach(() => sinon.restore());

  const soon = () => new Deadline(5000);
  const mark = () => new SeenTable(tables.client, tables.seen).buildEffectMarker(randomUUID(), 2_000_000_000);

  const everybody = { team: "T0001" };
  const add = async (...additions: ReturnType<BoardsTable["buildAddition"]>[]) => {
    await once.add([mark()], additions, soon());
    await new Levels(tables.client).raise(additions, soon());
  };

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

  it("adds up several boards, also beyond the first page of each", async () => {
    const days = ["2026-10-01", "2026-10-02", "2026-10-03"].map(period => ({ ...everybody, period }));
    const others = (day: number) => Array.from({ length: 120 }, (_, index): [string, number] => [`w${day}-${index}`, 4]);
    for (const [index, board] of days.entries()) {
      const rows: [string, number][] = [["steady", 3], ["gone", 0], ...(index < 2 ? [["twice", 4] as [string, number]] : [])];
      for (const part of [rows, others(index).slice(0, 60), others(index).slice(60)])
        await add(...part.map(row => boards.buildAddition(board, row, 2_000_000_000)));
    }
    expect(await boards.readTopSums(days, "word", 2, soon())).to.deep.equal([
      ["steady", 9],
      ["twice", 8],
    ]);
    expect(await boards.readTopSums(days, "annotation", 2, soon())).to.deep.equal([]);
  });

  it("finds a token that has two rows, while those of an earlier number of shards are read, too", async () => {
    const board = { ...everybody, channel: "C0010", period: EVER };
    const [before, now] = [new CountKeys(), new CountKeys({ boardShards: 2, formerBoardShards: [1] })];
    const tokens = Array.from({ length: 20 }, (_, index) => `w${index}`);
    const isFirst = (token: string) => now.boardKeys(board, token).length === 1;
    const [split, second] = tokens.filter(token => !isFirst(token));
    const open = (keys: CountKeys) => new BoardsTable(tables.client, tables.boards, keys);
    const [earlier, present] = [open(before), open(now)];
    await add(earlier.buildAddition(board, [split!, 5]), earlier.buildAddition(board, [tokens.find(isFirst)!, 6]));
    await add(present.buildAddition(board, [split!, 5]), present.buildAddition(board, [second!, 6]));

    expect(await present.readTop(board, "word", 1, soon())).to.deep.equal([[split, 10]]);
    await add(present.buildAddition(board, [split!, -10]));
    expect((await present.readTop(board, "word", 9, soon())).map(([, count]) => count)).to.deep.equal([6, 6]);
  });

  it("finds the most frequent tokens without reading the board, where enough are frequent", async () => {
    const board = { ...everybody, channel: "C0011", period: EVER };
    await add(...[255, 257, 3, 40, 31].map(count => boards.buildAddition(board, [`w${count}`, count])));
    const send = sinon.spy(tables.client, "send");
    expect(await boards.readTop(board, "word", 1, soon())).to.deep.equal([["w257", 257]]);
    expect(await boards.readTop(board, "word", 3, soon())).to.deep.equal([
      ["w257", 257],
      ["w255", 255],
      ["w40", 40],
    ]);
    const isWhole = (command: unknown) => command instanceof QueryCommand && command.input.IndexName === undefined;
    expect(send.args.filter(([command]) => isWhole(command))).to.deep.equal([]);
    expect(await boards.readTop(board, "word", 5, soon())).to.have.length(5);
    expect(send.args.filter(([command]) => isWhole(command))).to.have.length(1);
  });

  it("reads counts of several boards, where a missing row and a negative count are zero", async () => {
    const [first, second] = [
      { ...everybody, period: "2026-10-11" },
      { ...everybody, period: "2026-10-12" },
    ];
    await add(
      boards.buildAddition(first, ["tea", 3]),
      boards.buildAddition(second, ["#tea", 2]),
      boards.buildAddition(second, ["tea", -1]),
    );
    const read = boards.readCounts(
      [
        [second, "tea"],
        [second, "#tea"],
        [first, "milk"],
        [first, "tea"],
      ],
      soon(),
    );
    expect(await read).to.deep.equal([0, 2, 0, 3]);
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
