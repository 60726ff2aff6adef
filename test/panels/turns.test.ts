import type { Items } from "@slack-fanout/laptop-cloud/protocol";
import { expect } from "chai";
import { buildTurnQueues } from "../../panels/turns";

const table = (items: Record<string, unknown>[]): Items => ({
  name: "dibs",
  table: "dibs",
  keys: [],
  sortedBy: null,
  items,
  count: items.length,
  hasMore: false,
});
const claim = (id: string, fields: object) => ({ id, owner: id, joinedAtMs: 1000, forSeconds: null, ...fields });
const row = (name: string, ...claims: object[]) => ({ team: "T0001", name, claims: claims.map(each => JSON.stringify(each)) });

describe("turns panel", () => {
  it("shows who held, holds and waits, and when the next turn begins at the latest", () => {
    const ended = JSON.stringify({ claim: claim("E", { reason: "release" }), sinceMs: 100, endedAtMs: 900 });
    const dibs = table([
      row("staging", claim("A", { forSeconds: 60 }), claim("B", { forSeconds: 30, joinedAtMs: 2000 }), claim("C", { joinedAtMs: 3000 })),
      row("#settings"),
      row("empty"),
    ]);
    const [queue, ...others] = buildTurnQueues(dibs, table([{ queue: "T0001/staging", ended }]), 5000);
    expect(others).to.deep.equal([]);
    expect(queue!.bars.map(({ owner, state, fromMs, toMs, dueMs }) => [owner, state, fromMs, toMs, dueMs])).to.deep.equal([
      ["E", "held", 100, 900, 900],
      ["A", "holds", 1000, 61_000, 61_000],
      ["B", "waits", 2000, 5000, 61_000],
      ["C", "waits", 3000, 5000, 91_000],
    ]);
    expect([queue!.fromMs, queue!.toMs]).to.deep.equal([100, 61_000]);
  });

  it("gives an open turn no end, and those who wait for it no beginning", () => {
    const [queue] = buildTurnQueues(table([row("lab", claim("A", { sinceMs: 2000, expiresAtMs: null }), claim("B", {}))]), undefined, 5000);
    expect(queue!.bars.map(({ fromMs, toMs, dueMs }) => [fromMs, toMs, dueMs])).to.deep.equal([
      [2000, 5000, undefined],
      [1000, 5000, undefined],
    ]);
  });
});
