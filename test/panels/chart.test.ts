import type { Items } from "@slack-fanout/laptop-cloud/protocol";
import { expect } from "chai";
import { buildChart, buildSamples, type Sample } from "../../panels/chart";

const size = { width: 200, height: 100 };

const table = (items: Record<string, unknown>[], keys: string[], sortedBy: string | null): Items => ({
  name: "table",
  table: "table-1",
  keys,
  sortedBy,
  items,
  count: items.length,
  hasMore: false,
});
const words = (counts: Record<string, number>) =>
  table(
    Object.entries(counts).map(([word, count]) => ({ word, count })),
    ["word"],
    "count",
  );
const effect = (id: string, counts: Record<string, number>) => ({
  event_id: id,
  counts: JSON.stringify(Object.entries(counts)),
  private: false,
  times: 1,
});
const viewer = { workspace: { team: { id: "T0001", name: "Pretend workspace" }, channels: [] }, user: "U0001", byTeam: false };
const sample = (atMs: number, counts: Record<string, number>): Sample => ({ atMs, counts });

describe("chart of counts", () => {
  it("is made from the messages that are kept; what earlier ones counted is where it starts", () => {
    const seen = table(
      [
        effect("T0001-C0001-2.000000#counter", { a: 1 }),
        effect("T0001-C0001-2.000000#multiplier", { a: 10 }),
        effect("T0001-C0001-1.000000#counter", { a: 1, b: 1 }),
        { ...effect("T0001-G0001-1.000000#counter", { a: 5 }), private: true },
      ],
      ["event_id"],
      null,
    );
    const samples = buildSamples(words({ a: 15, b: 1, "G0001#hidden": 9 }), seen, viewer, 9000);
    expect(samples).to.deep.equal([
      sample(999, { a: 3, b: 0 }),
      sample(1000, { a: 4, b: 1 }),
      sample(2000, { a: 15, b: 1 }),
      sample(9000, { a: 15, b: 1 }),
    ]);
  });

  it("follows the words of one of many workspaces", () => {
    const seen = table(
      [effect("T0001-C0001-1.000000#counter", { a: 2 }), effect("T0002-C1001-2.000000#counter", { a: 3 })],
      ["event_id"],
      null,
    );
    expect(buildSamples(words({ "T0001#a": 2, "T0002#a": 3 }), seen, { ...viewer, byTeam: true }, 9000)).to.deep.equal([
      sample(999, { a: 0 }),
      sample(1000, { a: 2 }),
      sample(9000, { a: 2 }),
    ]);
  });

  it("draws steps from the first sample to the last, scaled to the largest count", () => {
    const chart = buildChart([sample(0, { a: 1 }), sample(1000, { a: 10, b: 5 })], size)!;
    expect(chart.largest).to.equal(10);
    expect(chart.lines.map(({ name, last }) => [name, last])).to.deep.equal([
      ["a", 10],
      ["b", 5],
    ]);
    expect(chart.lines[0]!.path).to.equal("M40,73H40V73H104V10H104");
    expect(chart.lines[1]!.path).to.equal("M40,80H40V80H104V45H104");
  });

  it("keeps labels from overlapping", () => {
    const { lines } = buildChart([sample(0, { a: 10, b: 10, c: 10 })], size)!;
    expect(lines.map(({ labelY }) => labelY)).to.deep.equal([10, 24, 38]);
  });

  it("is undefined without samples", () => expect(buildChart([], size)).to.equal(undefined));
});
