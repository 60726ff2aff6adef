import { randomUUID } from "node:crypto";
import type { BatchGetItemCommand } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { CountKeys } from "#core/message/count-keys";
import type { TokenCount } from "#core/message/tokens";
import { CountOnce } from "#stores/count-once";
import { Levels } from "#stores/message/levels";
import { SeenTable } from "#stores/message/seen-table";
import { WordsTable } from "#stores/message/words-table";
import { createTables, type Tables } from "../../dynamodb-endpoint";

describe("words-table", () => {
  let tables: Tables;
  let words: WordsTable;
  let once: CountOnce;
  before(async () => {
    tables = await createTables();
    words = new WordsTable(tables.client, tables.words);
    once = new CountOnce(tables.client);
  });
  after(() => tables.stop());
  afterEach(() => sinon.restore());

  const everybody = { team: "T0001" };
  const soon = () => new Deadline(5000);
  const mark = () => new SeenTable(tables.client, tables.seen).buildEffectMarker(randomUUID(), 2_000_000_000);

  const add = async (...additions: ReturnType<WordsTable["buildAddition"]>[]) => {
    await once.add([mark()], additions, soon());
    await new Levels(tables.client).raise(additions, soon());
  };

  it("reads counts in the given order, and 0 for an unknown token", async () => {
    await once.add([mark()], [words.buildAddition(everybody, ["b", 2]), words.buildAddition(everybody, ["a", 1])], soon());
    expect(await words.readCounts(everybody, ["b", "nobody", "a"], soon())).to.deep.equal([
      ["b", 2],
      ["nobody", 0],
      ["a", 1],
    ]);
    expect(await words.readCounts(everybody, [], soon())).to.deep.equal([]);
  });

  it("reads several batches concurrently", async () => {
    const counts = Array.from({ length: 250 }, (_, index): TokenCount => [`many${index}`, index + 1]);
    for (const start of [0, 99, 198]) {
      await once.add(
        [mark()],
        counts.slice(start, start + 99).map(count => words.buildAddition(everybody, count)),
        soon(),
      );
    }
    const send = sinon.spy(tables.client, "send");
    expect(
      await words.readCounts(
        everybody,
        counts.map(([token]) => token),
        soon(),
      ),
    ).to.deep.equal(counts);
    expect(send.callCount).to.equal(3);
  });

  it("requests unprocessed keys again", async () => {
    await once.add([mark()], [words.buildAddition(everybody, ["left", 4]), words.buildAddition(everybody, ["taken", 5])], soon());
    const send = sinon.stub(tables.client, "send").callThrough();
    send.onFirstCall().callsFake(async command => {
      const { RequestItems = {} } = (command as BatchGetItemCommand).input;
      const { Keys = [], ...rest } = RequestItems[tables.words]!;
      return {
        Responses: { [tables.words]: [{ word: { S: "taken" }, count: { N: "5" } }] },
        UnprocessedKeys: { [tables.words]: { ...rest, Keys: Keys.filter(({ word }) => word?.S === "left") } },
      };
    });
    expect(await words.readCounts(everybody, ["taken", "left"], soon())).to.deep.equal([
      ["taken", 5],
      ["left", 4],
    ]);
    expect(send.callCount).to.equal(2);
  });

  it("reads the top of each kind", async () => {
    const counts: TokenCount[] = [
      ["#x", 1001],
      ["#y", 1003],
      ["#z", 1003],
    ];
    await add(...[...counts, ["top1", 9000] as TokenCount].map(count => words.buildAddition(everybody, count)));
    expect(await words.readTop(everybody, "annotation", 2, soon()))
      .to.have.length(2)
      .and.to.deep.include(["#y", 1003]);
    expect(await words.readTop(everybody, "annotation", 3, soon())).to.deep.equal([
      ["#y", 1003],
      ["#z", 1003],
      ["#x", 1001],
    ]);
    expect(await words.readTop(everybody, "word", 1, soon())).to.deep.equal([["top1", 9000]]);
  });

  it("adds up the counters of a hot word, and finds the words below its old place in the index", async () => {
    const scope = { team: "T0001", channel: "G0007" };
    await add(words.buildAddition(scope, ["tea", 10]), words.buildAddition(scope, ["milk", 5]));
    const hot = new WordsTable(tables.client, tables.words, new CountKeys({ hotWords: ["tea"] }));
    const additions = [1, 2, 3, 4].map(index => hot.buildAddition(scope, ["tea", -2], `1763805600.00000${index}`));
    for (const addition of additions) await add(addition);

    expect(new Set(additions.map(({ key }) => key["word"])))
      .to.have.property("size")
      .above(1);
    expect(await hot.readCounts(scope, ["tea"], soon())).to.deep.equal([["tea", 2]]);
    expect(await hot.readTop(scope, "word", 1, soon())).to.deep.equal([["milk", 5]]);
    expect(await hot.readTop(scope, "word", 2, soon())).to.deep.equal([
      ["milk", 5],
      ["tea", 2],
    ]);
  });

  it("keeps the counts of teams apart where several share the table", async () => {
    const apart = new WordsTable(tables.client, tables.words, new CountKeys({ byTeam: true, hotWords: ["tea"] }));
    const teams = ["T0003", "T0004"].map(team => ({ team }));
    for (const [index, scope] of teams.entries())
      for (const token of ["tea", "milk"]) await add(apart.buildAddition(scope, [token, index + 1], "1.2"));
    for (const [index, scope] of teams.entries()) {
      expect(await apart.readCounts(scope, ["tea", "milk", "ale"], soon())).to.deep.equal([
        ["tea", index + 1],
        ["milk", index + 1],
        ["ale", 0],
      ]);
      expect(await apart.readTop(scope, "word", 9, soon())).to.deep.equal([
        ["milk", index + 1],
        ["tea", index + 1],
      ]);
    }
  });

  it("counts private words per conversation, apart from the public ones", async () => {
    const leadership = { team: "T0001", channel: "G0001" };
    await add(words.buildAddition(leadership, ["#plan", 9999]), words.buildAddition(everybody, ["#plan", 1]));
    expect(await words.readCounts(everybody, ["#plan"], soon())).to.deep.equal([["#plan", 1]]);
    expect(await words.readCounts(leadership, ["#plan"], soon())).to.deep.equal([["#plan", 9999]]);
    expect((await words.readTop(everybody, "annotation", 10, soon())).map(([token]) => token)).to.deep.equal(["#y", "#z", "#x", "#plan"]);
    expect(await words.readTop(leadership, "annotation", 10, soon())).to.deep.equal([["#plan", 9999]]);
    expect(await words.readTop({ team: "T0002" }, "annotation", 10, soon())).to.deep.equal([]);
  });
});
