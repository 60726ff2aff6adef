import { thrownBy } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { type MetricQuery, readMetricSum } from "../../../src/services/monitoring/metric-sum";

const metric = (MetricName: string) => ({ Namespace: "AWS/SQS", MetricName, Dimensions: [] });
const query = (Id: string, over: Partial<MetricQuery> = {}): MetricQuery => ({
  Id,
  ReturnData: false,
  MetricStat: { Metric: metric(Id), Period: 60, Stat: "Maximum" },
  ...over,
});
const sum = (Expression: string): MetricQuery => ({ Id: "total", Expression, ReturnData: true });

describe("metric sum", () => {
  it("reads added and subtracted metrics, and fill values", () => {
    expect(readMetricSum([sum("a+ FILL(b, 0) - c"), query("a"), query("b"), query("c"), query("unused")])).to.deep.equal({
      terms: [
        { metric: metric("a"), sign: 1 },
        { metric: metric("b"), sign: 1, fill: 0 },
        { metric: metric("c"), sign: -1 },
      ],
      Statistic: "Maximum",
      Period: 60,
    });
  });

  it("reads a single metric without an expression", () => {
    expect(readMetricSum([query("a", { ReturnData: true })]).terms).to.deep.equal([{ metric: metric("a"), sign: 1 }]);
  });

  const refused: [title: string, queries: MetricQuery[], message: RegExp][] = [
    ["another operator", [sum("a * b"), query("a"), query("b")], /the expression "a \* b" of the metric query total/],
    ["another filling", [sum("FILL(a, REPEAT)"), query("a")], /the expression "FILL\(a, REPEAT\)"/],
    ["a function", [sum("MAX([a])"), query("a")], /the expression "MAX/],
    ["an unknown metric", [sum("a + c"), query("a")], /names "c", which is not a metric of this alarm/],
    [
      "different periods",
      [sum("a + b"), query("a"), query("b", { MetricStat: { Metric: metric("b"), Period: 120, Stat: "Maximum" } })],
      /different/,
    ],
    ["two results", [sum("a"), query("a", { ReturnData: true })], /just one query with ReturnData true/],
    ["no result", [query("a"), query("b")], /just one query with ReturnData true/],
  ];
  for (const [title, queries, message] of refused) {
    it(`refuses ${title}`, () => expect(String(thrownBy(() => readMetricSum(queries)))).to.match(message));
  }
});
