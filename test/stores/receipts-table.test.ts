import { randomUUID } from "node:crypto";
import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import { ReceiptsTable } from "#stores/receipts-table";
import { createTables, type Tables } from "../dynamodb-endpoint";

const NOW_MS = 1_763_805_600_000;

describe("receipts-table", () => {
  let tables: Tables;
  let receipts: ReceiptsTable;
  before(async () => {
    tables = await createTables();
    receipts = new ReceiptsTable(tables.client, tables.receipts);
  });
  after(() => tables.stop());

  const read = async (id: string) => {
    const { Item } = await tables.client.send(
      new GetItemCommand({ TableName: tables.receipts, Key: { id: { S: id } }, ConsistentRead: true }),
    );
    return Item;
  };

  describe("receipts", () => {
    it("lets one of two post", async () => {
      const id = randomUUID();
      expect(await receipts.claim(id, "a", NOW_MS, NOW_MS + 20)).to.deep.equal({ state: "mine", first: true, sinceMs: NOW_MS });
      expect(await receipts.claim(id, "b", NOW_MS + 1, NOW_MS + 21)).to.deep.equal({ state: "taken", untilMs: NOW_MS + 20 });
    });

    it("lets a hundred at once elect one", async () => {
      const id = randomUUID();
      const claims = await Promise.all(Array.from({ length: 100 }, (_, n) => receipts.claim(id, `c${n}`, NOW_MS, NOW_MS + 20)));
      expect(claims.filter(({ state }) => state === "mine")).to.have.length(1);
    });

    it("recognises its own claim whose answer was lost", async () => {
      const id = randomUUID();
      const first = await receipts.claim(id, "a", NOW_MS, NOW_MS + 20);
      expect(await receipts.claim(id, "a", NOW_MS, NOW_MS + 20)).to.deep.equal(first);
    });

    it("passes on to the next, who knows that it is not the first, and since when", async () => {
      const id = randomUUID();
      await receipts.claim(id, "a", NOW_MS, NOW_MS + 20);
      const second = await receipts.claim(id, "b", NOW_MS + 20, NOW_MS + 40);
      expect(second).to.deep.equal({ state: "mine", first: false, sinceMs: NOW_MS });
      expect(await receipts.claim(id, "b", NOW_MS + 20, NOW_MS + 40)).to.deep.equal(second);
    });

    it("keeps the ts of what was posted, for good", async () => {
      const id = randomUUID();
      await receipts.claim(id, "a", NOW_MS, NOW_MS + 20);
      await receipts.settle(id, "C0001", "1.2");
      expect(await receipts.claim(id, "b", NOW_MS + 1000, NOW_MS + 1020)).to.deep.equal({ state: "posted" });
      expect(await read(id)).to.deep.include({ state: { S: "posted" }, channel: { S: "C0001" }, ts: { S: "1.2" } });
      expect(Number((await read(id))?.["expires_at"]?.N)).to.equal(NOW_MS / 1000 + 30 * 86_400);
    });
  });

  describe("turns", () => {
    it("come one a pace and channel", async () => {
      const [here, there] = [randomUUID(), randomUUID()];
      expect(await receipts.takeTurn(here, NOW_MS, 1000)).to.equal(0);
      expect(await receipts.takeTurn(here, NOW_MS + 400, 1000)).to.equal(600);
      expect(await receipts.takeTurn(there, NOW_MS + 400, 1000)).to.equal(0);
      expect(await receipts.takeTurn(here, NOW_MS + 1000, 1000)).to.equal(0);
    });

    it("come once, whoever asks at the same time", async () => {
      const channel = randomUUID();
      const waits = await Promise.all(Array.from({ length: 50 }, () => receipts.takeTurn(channel, NOW_MS, 1000)));
      expect(waits.filter(waitMs => waitMs === 0)).to.have.length(1);
      expect(new Set(waits)).to.deep.equal(new Set([0, 1000]));
    });

    it("are held back, but not brought forward", async () => {
      const channel = randomUUID();
      await receipts.holdBack(channel, NOW_MS + 30_000);
      await receipts.holdBack(channel, NOW_MS + 10_000);
      expect(await receipts.takeTurn(channel, NOW_MS, 1000)).to.equal(30_000);
    });
  });
});
