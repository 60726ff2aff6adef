import { randomUUID } from "node:crypto";
import { expect } from "chai";
import { ReceiptsTable } from "#stores/notice/receipts-table";
import { Table } from "#stores/table";
import { createTables, type Tables } from "../../dynamodb-endpoint";

const NOW_MS = 1_763_805_600_000;

describe("receipts-table", () => {
  let tables: Tables;
  let receipts: ReceiptsTable;
  before(async () => {
    tables = await createTables();
    receipts = new ReceiptsTable(tables.client, tables.receipts);
  });
  after(() => tables.stop());

  const read = (id: string) => new Table(tables.client, tables.receipts).get<{ expires_at: number }>({ id });

  describe("receipts", () => {
    it("lets one of two post", async () => {
      const id = randomUUID();
      expect(await receipts.claim(id, "a", NOW_MS)).to.deep.equal({ state: "mine", first: true, sinceMs: NOW_MS });
      for (const skewMs of [-600_000, 1, 600_000])
        expect(await receipts.claim(id, "b", NOW_MS + skewMs)).to.deep.equal({ state: "taken", claimant: "a" });
    });

    it("lets exactly one of a hundred concurrent attempts post", async () => {
      const id = randomUUID();
      const claims = await Promise.all(Array.from({ length: 100 }, (_, n) => receipts.claim(id, `c${n}`, NOW_MS)));
      expect(claims.filter(({ state }) => state === "mine")).to.have.length(1);
    });

    it("recognises its own claim after a lost answer", async () => {
      const id = randomUUID();
      const first = await receipts.claim(id, "a", NOW_MS);
      expect(await receipts.claim(id, "a", NOW_MS)).to.deep.equal(first);
    });

    it("passes from a dead attempt to exactly one other, which learns that it is not the first", async () => {
      const id = randomUUID();
      await receipts.claim(id, "a", NOW_MS);
      const second = await receipts.claim(id, "b", NOW_MS + 20, "a");
      expect(second).to.deep.equal({ state: "mine", first: false, sinceMs: NOW_MS });
      expect(await receipts.claim(id, "b", NOW_MS + 20, "a")).to.deep.equal(second);
      expect(await receipts.claim(id, "c", NOW_MS + 20, "a")).to.deep.equal({ state: "taken", claimant: "b" });
    });

    it("passes on at once after its claimant has released it", async () => {
      const id = randomUUID();
      await receipts.claim(id, "a", NOW_MS);
      await receipts.release(id, "b");
      expect(await receipts.claim(id, "b", NOW_MS)).to.deep.equal({ state: "taken", claimant: "a" });
      await receipts.release(id, "a");
      expect(await receipts.claim(id, "b", NOW_MS)).to.deep.equal({ state: "mine", first: false, sinceMs: NOW_MS });
    });

    it("keeps the ts of a posted notice", async () => {
      const id = randomUUID();
      await receipts.claim(id, "a", NOW_MS);
      await receipts.settle(id, "C0001", "1.2");
      expect(await receipts.claim(id, "b", NOW_MS + 1000, "a")).to.deep.equal({ state: "posted" });
      expect(await read(id)).to.deep.include({ state: "posted", channel: "C0001", ts: "1.2" });
      expect((await read(id))?.expires_at).to.equal(NOW_MS / 1000 + 30 * 86_400);
    });
  });

  describe("turns", () => {
    it("are taken at most once per channel and pace", async () => {
      const [here, there] = [randomUUID(), randomUUID()];
      expect(await receipts.takeTurn(here, NOW_MS, 1000)).to.equal(0);
      expect(await receipts.takeTurn(here, NOW_MS + 400, 1000)).to.equal(600);
      expect(await receipts.takeTurn(there, NOW_MS + 400, 1000)).to.equal(0);
      expect(await receipts.takeTurn(here, NOW_MS + 1000, 1000)).to.equal(0);
    });

    it("go to exactly one of several concurrent attempts", async () => {
      const channel = randomUUID();
      const waits = await Promise.all(Array.from({ length: 50 }, () => receipts.takeTurn(channel, NOW_MS, 1000)));
      expect(waits.filter(waitMs => waitMs === 0)).to.have.length(1);
      expect(new Set(waits)).to.deep.equal(new Set([0, 1000]));
    });

    it("are free again after a clock that was days ahead has been put back", async () => {
      const [taken, delayed] = [randomUUID(), randomUUID()];
      for (const channel of [taken, delayed]) await receipts.takeTurn(channel, NOW_MS + 2 * 86_400_000, 1000);
      expect(await receipts.takeTurn(taken, NOW_MS, 1000)).to.equal(0);
      await receipts.holdBack(delayed, NOW_MS + 30_000);
      expect(await receipts.takeTurn(delayed, NOW_MS, 1000)).to.equal(30_000);
    });

    it("can be delayed, but not brought forward", async () => {
      const channel = randomUUID();
      await receipts.holdBack(channel, NOW_MS + 30_000);
      await receipts.holdBack(channel, NOW_MS + 10_000);
      expect(await receipts.takeTurn(channel, NOW_MS, 1000)).to.equal(30_000);
    });
  });
});
