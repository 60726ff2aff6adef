import { expect } from "chai";
import { merge, parsePercentile, percentileOf, type StatisticSet, setOf } from "../../../src/services/monitoring/statistic";

const setOfAll = (values: number[]) =>
  values.map(value => setOf(value)).reduce(merge as (a: StatisticSet, b: StatisticSet) => StatisticSet);

describe("statistic", () => {
  it("has percentiles of values, to two digits", () => {
    const set = setOfAll(Array.from({ length: 100 }, (_, index) => index + 1));
    expect(percentileOf(set, 0.95)).to.equal(95);
    expect(percentileOf(set, 1)).to.equal(100);
    expect(percentileOf(setOf(1234.5), 0.5)).to.equal(1200);
  });

  it("has no percentile where only statistics were reported", () => {
    const reported = { sum: 10, minimum: 1, maximum: 7, sampleCount: 4 };
    expect(percentileOf(merge(setOf(1), reported), 0.95)).to.equal(undefined);
  });

  it("knows the names of percentiles", () => {
    expect(["p95", "p99.9", "p100", "p101", "Sum"].map(parsePercentile)).to.deep.equal([0.95, 0.9990000000000001, 1, undefined, undefined]);
  });
});
