import { expect } from "chai";
import { completions } from "../../packages/pretend-slack/page/completion";
import { buildChart, takeSample } from "../../panels/chart";

const items = (counts: Record<string, number>) => ({
  name: "words",
  keys: ["word"],
  sortedBy: "count",
  items: Object.entries(counts).map(([word, count]) => ({ word, count })),
  count: 1,
  hasMore: false,
});
const size = { width: 200, height: 100 };

describe("chart of counts", () => {
  it("takes a sample when something changed", () => {
    const one = takeSample([], items({ a: 1 }), 1000);
    expect(takeSample(one, items({ a: 1 }), 2000)).to.equal(one);
    expect(takeSample(one, items({ a: 12 }), 3000)).to.deep.equal([
      { atMs: 1000, counts: { a: 1 } },
      { atMs: 3000, counts: { a: 12 } },
    ]);
  });

  it("draws steps from the first to the last sample, the largest count at the top", () => {
    const samples = takeSample(takeSample([], items({ a: 1 }), 0), items({ a: 10, b: 5 }), 1000);
    const chart = buildChart(samples, size)!;
    expect(chart.largest).to.equal(10);
    expect(chart.lines.map(({ name, last }) => [name, last])).to.deep.equal([
      ["a", 10],
      ["b", 5],
    ]);
    expect(chart.lines[0]!.path).to.equal("M40,73H40V73H104V10H104");
    expect(chart.lines[1]!.path).to.equal("M40,80H40V80H104V45H104");
  });

  it("keeps labels apart", () => {
    const { lines } = buildChart(takeSample([], items({ a: 10, b: 10, c: 10 }), 0), size)!;
    expect(lines.map(({ labelY }) => labelY)).to.deep.equal([10, 24, 38]);
  });

  it("has nothing to draw before the first sample", () => expect(buildChart([], size)).to.equal(undefined));
});

describe("completion of commands", () => {
  const commands = ["/dibs", "/words"].map(command => ({ command, description: "", usageHint: "" }));
  for (const [typed, found] of [
    ["/", ["/dibs", "/words"]],
    ["/d", ["/dibs"]],
    ["/dibs", []],
    ["/dibs on", []],
    ["a /", []],
    ["", []],
  ] as const)
    it(`of ${JSON.stringify(typed)} offers ${found.join(", ") || "nothing"}`, () =>
      expect(completions(typed, commands).map(({ command }) => command)).to.deep.equal(found));
});
