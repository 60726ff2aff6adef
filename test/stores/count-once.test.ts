import { randomUUID } from "node:crypto";
import { TransactionCanceledException, type TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { FanoutError } from "#core/errors";
import { type Addition, CountOnce, MAX_ITEMS, type Marker } from "#stores/count-once";
import { SeenTable } from "#stores/message/seen-table";
import { WordsTable } from "#stores/message/words-table";
import { Table } from "#stores/table";
import { createTables, type Tables } from "../dynamodb-endpoint";

describe("count-once", () => {
  let tables: Tables;
  let once: CountOnce;
  let words: WordsTable;
  let seen: SeenTable;
  before(async () => {
    tables = await createTables();
    words = new WordsTable(tables.client, tables.words);
    seen = new SeenTable(tables.client, tables.seen);
  });
  after(() => tables.stop());
  beforeEach(() => {
    once = new CountOnce(tables.client);
  });
  afterEach(() => sinon.restore());

  const everybody = { team: "T0001" };
  const soon = () => new Deadline(5000);
  const mark = (id = randomUUID()): Marker => seen.buildEffectMarker(id, 2_000_000_000);
  const add = (by: number, token: string = randomUUID()): Addition => words.buildAddition(everybody, [token, by]);
  const countOf = async (addition: Addition): Promise<number> => {
    const [[, count] = ["", Number.NaN]] = await words.readCounts(everybody, [String(addition.key["word"])], soon());
    return count;
  };

  it("puts the marker and adds the numbers", async () => {
    const [marker, addition] = [mark(), add(3)];
    expect(await once.add([marker], [addition], soon())).to.equal(undefined);
    expect(await countOf(addition)).to.equal(3);
  });

  it("adds nothing a second time, and returns the existing marker", async () => {
    const [marker, addition] = [mark(), add(3)];
    await once.add([marker], [addition], soon());
    const existing = await once.add([marker], [addition], soon());
    expect(existing).to.include.keys("event_id", "expires_at", "attempt");
    expect(await countOf(addition)).to.equal(3);
  });

  it("replaces a row only if it is as expected, and otherwise returns it", async () => {
    const id = randomUUID();
    const version = (name: string, replaced?: string) =>
      seen.buildVersionMarker(id, { version: name, counts: "[]", private: false, times: 1, expires_at: 2_000_000_000 }, replaced);
    const addition = add(1);
    expect(await once.add([version("0")], [addition], soon())).to.equal(undefined);
    expect(await once.add([version("1", "0")], [addition], soon())).to.equal(undefined);
    for (const replaced of [undefined, "0"]) {
      expect(await once.add([version("2", replaced)], [addition], soon())).to.include({ event_id: id, version: "1", counts: "[]" });
    }
    expect(await countOf(addition)).to.equal(2);
  });

  it("adds nothing if one of two markers exists", async () => {
    const [first, second, addition] = [mark(), mark(), add(1)];
    await once.add([second], [], soon());
    const existing = await once.add([first, second], [addition], soon());
    expect(existing).to.have.property("event_id", second.row["event_id"]);
    expect(await countOf(addition)).to.equal(0);
    expect(await once.add([first], [], soon()), "the other marker was not put either").to.equal(undefined);
  });

  it("takes a full transaction of 100 items", async () => {
    const additions = Array.from({ length: MAX_ITEMS - 1 }, () => add(2));
    await once.add([mark()], additions, soon());
    expect(await countOf(additions[98]!)).to.equal(2);
  });

  it("lets exactly one of many concurrent calls add", async () => {
    const [marker, addition] = [mark(), add(1)];
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => new CountOnce(tables.client).add([marker], [addition], soon())));
    expect(outcomes.filter(existing => existing === undefined)).to.have.length(1);
    expect(await countOf(addition)).to.equal(1);
  });

  it("recognises its own write after a lost answer", async () => {
    const [marker, addition] = [mark(), add(1)];
    const write = sinon.stub(once, "write").callThrough();
    write.onFirstCall().callsFake(async (items, deadline) => {
      await write.wrappedMethod.call(once, items, deadline);
      throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
    });
    expect(await once.add([marker], [addition], soon())).to.equal(undefined);
    expect(write.callCount).to.equal(2);
    expect(await countOf(addition)).to.equal(1);
  });

  it("retries after a conflict, with another request token", async () => {
    const [marker, addition] = [mark(), add(1)];
    const send = sinon.stub(tables.client, "send").callThrough();
    send.onFirstCall().rejects(
      new TransactionCanceledException({
        message: "cancelled",
        $metadata: {},
        CancellationReasons: [{ Code: "None" }, { Code: "TransactionConflict" }],
      }),
    );
    await once.add([marker], [addition], soon());
    const tokens = send.args.map(([command]) => (command as TransactWriteItemsCommand).input.ClientRequestToken);
    expect(new Set(tokens).size).to.equal(2);
    expect(tokens.every(token => token !== undefined)).to.equal(true);
    sinon.restore();
    expect(await countOf(addition)).to.equal(1);
  });

  it("throws NotDurable when time runs out", async () => {
    sinon.stub(once, "write").rejects(Object.assign(new Error("slow down"), { name: "ThrottlingException" }));
    const error = await rejectionOf(once.add([mark()], [], new Deadline(50)));
    expect(error).to.be.instanceOf(FanoutError).with.property("name", "NotDurable");
    expect(error).to.have.property("cause").with.property("name", "ThrottlingException");
  });

  it("does not retry an error that is not transient", async () => {
    const send = sinon.spy(tables.client, "send");
    const marker = { ...mark(), table: `missing-${randomUUID()}` };
    expect(await rejectionOf(once.add([marker], [], soon()))).to.have.property("name", "ResourceNotFoundException");
    expect(send.callCount).to.equal(1);
  });

  it("sets the other attributes with the count", async () => {
    const addition = words.buildAddition(everybody, ["#receipt", 1]);
    await once.add([mark()], [addition], soon());
    const row = await new Table(tables.client, tables.words).get(addition.key);
    expect(row).to.deep.equal({ word: "#receipt", ranking: "T0001#public#annotation#0", count: 1 });
  });
});
