import { TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { Levels } from "#stores/message/levels";
import { Table } from "#stores/table";
import { createTables, type Tables } from "../../dynamodb-endpoint";

describe("levels of counters", () => {
  let tables: Tables;
  before(async () => {
    tables = await createTables();
  });
  after(() => tables.stop());
  afterEach(() => sinon.restore());

  const soon = () => new Deadline(5000);
  const raise = (...counters: [word: string, leastLevel?: number][]) =>
    new Levels(tables.client).raise(
      counters.map(([word, leastLevel]) => ({ table: tables.words, key: { word }, ...(leastLevel === undefined ? {} : { leastLevel }) })),
      soon(),
    );
  const levelOf = async (word: string) => (await new Table(tables.client, tables.words).get<{ level?: number }>({ word }))?.level;
  const put = (word: string, count: number, level?: number) => new Table(tables.client, tables.words).put({ word, count, level });

  it("rise with the counts, and never fall", async () => {
    await put("new", 40);
    await put("lower", 40, 1);
    await put("higher", 40, 4);
    await raise(["new", 0], ["lower", 0], ["higher", 0]);
    expect(await Promise.all(["new", "lower", "higher"].map(levelOf))).to.deep.equal([2, 2, 4]);
  });

  it("are read again if somebody else has raised them in the meantime", async () => {
    await put("busy", 40);
    const send = tables.client.send.bind(tables.client) as (command: unknown) => never;
    const stub = sinon.stub(tables.client, "send").callThrough();
    stub
      .withArgs(sinon.match.instanceOf(TransactWriteItemsCommand))
      .onFirstCall()
      .callsFake(async command => {
        await put("busy", 300, 3);
        return send(command);
      });
    await raise(["busy", 0]);
    expect(await levelOf("busy")).to.equal(3);
  });

  it("are only of counters that the index has", async () => {
    await put("hot", 40);
    await put("rare", 3);
    await put("none", 0);
    await raise(["hot"], ["rare", 1], ["none", 0], ["unknown", 0]);
    expect(await Promise.all(["hot", "rare", "none", "unknown"].map(levelOf))).to.deep.equal([undefined, undefined, undefined, undefined]);
  });
});
