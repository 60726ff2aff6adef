import { expect } from "chai";
import { Deadline } from "#core/deadline";
import type { EndedClaim } from "#core/dibs/queue";
import { buildPlace, DibsHistoryTable } from "#stores/dibs/history-table";
import { createDibsTables } from "../../dibs-tables";

const NOW_MS = 1_763_805_600_000;

describe("dibs-history-table", () => {
  let tables: Awaited<ReturnType<typeof createDibsTables>>;
  let history: DibsHistoryTable;

  before(async () => {
    tables = await createDibsTables();
    history = new DibsHistoryTable(tables.client, tables.names.history);
  });
  after(() => tables.stop());

  const deadline = () => new Deadline(20_000);
  const end = (id: string, endedAtMs: number): EndedClaim => ({
    claim: { id, leaseId: `lease-${id}`, owner: "U0001", isPersonal: true, maker: "U0001", forSeconds: 600, joinedAtMs: NOW_MS },
    how: "released",
    endedAtMs,
    sinceMs: NOW_MS,
    fencing: 7,
  });
  const idsOf = (past: { ended: EndedClaim }[]) => past.map(({ ended }) => ended.claim.id);

  it("finds an ended claim, and keeps one row however often it is recorded", async () => {
    const queue = { team: "T0001", name: "staging" };
    const ended = end("c1", NOW_MS + 1000);
    for (let time = 0; time < 2; time += 1) await history.put(queue, ended, deadline());
    expect(await history.find({ ...queue, id: "c1" }, deadline())).to.deep.equal(ended);
    expect(await history.find({ ...queue, name: "production", id: "c1" }, deadline())).to.equal(undefined);
    expect(await history.list(queue, { limit: 10 }, deadline())).to.have.length(1);
  });

  it("lists a queue's claims page by page, latest first, even several of one moment", async () => {
    const queue = { team: "T0001", name: "printer" };
    for (const [id, endedAtMs] of [
      ["a", NOW_MS],
      ["b", NOW_MS + 1],
      ["c", NOW_MS + 1],
      ["d", NOW_MS + 2],
    ] as const)
      await history.put(queue, end(id, endedAtMs), deadline());
    await history.put({ team: "T0001", name: "printer2" }, end("other", NOW_MS + 3), deadline());

    const first = await history.list(queue, { limit: 2 }, deadline());
    expect(idsOf(first)).to.deep.equal(["d", "c"]);
    expect(idsOf(await history.list(queue, { limit: 2, before: first[1]!.place }, deadline()))).to.deep.equal(["b", "a"]);
    expect(idsOf(await history.list(queue, { limit: 10, before: buildPlace(NOW_MS + 1) }, deadline()))).to.deep.equal(["a"]);
  });
});
