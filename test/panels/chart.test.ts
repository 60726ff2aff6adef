import { expect } from "chai";
import { addSample, buildChart } from "../../panels/chart";

const items = (counts: Record<string, number>) => ({
  name: "words",
  table: "words-1",
  keys: ["word"],
  sortedBy: "count",
  items: Object.entries(counts).map(([word, count]) => ({ word, count })),
  count: 1,
  hasMore: false,
});
const size = { width: 200, height: 100 };

describe("chart of counts", () => {
  it("adds a sample when a count has changed", () => {
    const one = addSample([], items({ a: 1 }), 1000);
    expect(addSample(one, items({ a: 1 }), 2000)).to.equal(one);
    expect(addSample(one, items({ a: 12 }), 3000)).to.deep.equal([
      { atMs: 1000, counts: { a: 1 } },
      { atMs: 3000, counts: { a: 12 } },
    ]);
  });

  it("draws steps from the first sample to the last, scaled to the largest count", () => {
    const samples = addSample(addSample([], items({ a: 1 }), 0), items({ a: 10, b: 5 }), 1000);
    const chart = buildChart(samples, size)!;
    expect(chart.largest).to.equal(10);
    expect(chart.lines.map(({ name, last }) => [name, last])).to.deep.equal([
      ["a", 10],
      ["b", 5],
    ]);
    expect(chart.lines[0]!.path).to.equal("M40,73H40V73H104V10H104");
    expect(chart.lines[1]!.path).to.equal("M40,80H40V80H104V45H104");
  });

  it("keeps labels from overlapping", () => {
    const { lines } = buildChart(addSample([], items({ a: 10, b: 10, c: 10 }), 0), size)!;
    expect(lines.map(({ labelY }) => labelY)).to.deep.equal([10, 24, 38]);
  });

  it("is undefined without samples", () => expect(buildChart([], size)).to.equal(undefined));
});
