import { expect } from "chai";
import { evaluate, parseAlarm, reasonOf, type StateValue } from "../../../src/services/monitoring/alarm";
import { setOf } from "../../../src/services/monitoring/statistic";

const definition = {
  AlarmName: "depth",
  Namespace: "Payroll",
  MetricName: "Failures",
  Statistic: "Maximum",
  Period: 60,
  EvaluationPeriods: 3,
  Threshold: 0,
  ComparisonOperator: "GreaterThanThreshold",
};

/** "X" is a point over the threshold, "o" one that is not, "-" none. */
const pointsOf = (text: string) =>
  [...text].map((mark, index) => (mark === "-" ? undefined : { atMs: index * 60_000, set: setOf(mark === "X" ? 1 : 0) }));

describe("monitoring alarm", () => {
  describe("evaluate", () => {
    const rows: [string, object, StateValue, StateValue][] = [
      ["XXX", {}, "OK", "ALARM"],
      ["oXX", {}, "ALARM", "OK"],
      ["oXX", { DatapointsToAlarm: 2 }, "OK", "ALARM"],
      ["XoX", { DatapointsToAlarm: 2 }, "OK", "ALARM"],
      ["ooX", { DatapointsToAlarm: 2 }, "ALARM", "OK"],
      ["---", {}, "OK", "INSUFFICIENT_DATA"],
      ["---", { TreatMissingData: "notBreaching" }, "ALARM", "OK"],
      ["---", { TreatMissingData: "breaching" }, "OK", "ALARM"],
      ["---", { TreatMissingData: "ignore" }, "ALARM", "ALARM"],
      ["X--", { TreatMissingData: "breaching" }, "OK", "ALARM"],
      ["o--", { TreatMissingData: "breaching" }, "ALARM", "OK"],
      ["XX-", { TreatMissingData: "notBreaching" }, "ALARM", "OK"],
      ["XX-", { TreatMissingData: "ignore" }, "ALARM", "ALARM"],
      ["XX-", {}, "OK", "OK"],
      ["-X-", {}, "INSUFFICIENT_DATA", "OK"],
      ["o-X", {}, "ALARM", "OK"],
    ];
    for (const [points, more, current, state] of rows) {
      it(`${points} ${JSON.stringify(more)} takes ${current} to ${state}`, () => {
        expect(evaluate(parseAlarm({ ...definition, ...more }), pointsOf(points), current)).to.equal(state);
      });
    }

    const comparisons: [string, boolean[]][] = [
      ["GreaterThanThreshold", [false, false, true]],
      ["GreaterThanOrEqualToThreshold", [false, true, true]],
      ["LessThanThreshold", [true, false, false]],
      ["LessThanOrEqualToThreshold", [true, true, false]],
    ];
    for (const [ComparisonOperator, breaching] of comparisons) {
      it(ComparisonOperator, () => {
        const alarm = parseAlarm({ ...definition, ComparisonOperator, EvaluationPeriods: 1, Threshold: 5 });
        const states = [4, 5, 6].map(value => evaluate(alarm, [{ atMs: 0, set: setOf(value) }], "OK") === "ALARM");
        expect(states).to.deep.equal(breaching);
      });
    }

    it("uses its statistic", () => {
      const set = { sum: 10, minimum: 1, maximum: 7, sampleCount: 4 };
      const over = (Statistic: string, Threshold: number) =>
        evaluate(parseAlarm({ ...definition, Statistic, Threshold, EvaluationPeriods: 1 }), [{ atMs: 0, set }], "OK") === "ALARM";
      const values: [string, number][] = [
        ["Sum", 10],
        ["Minimum", 1],
        ["Maximum", 7],
        ["SampleCount", 4],
        ["Average", 2.5],
      ];
      for (const [statistic, value] of values) expect([over(statistic, value - 0.1), over(statistic, value)]).to.deep.equal([true, false]);
    });
  });

  it("has a reason with the data points", () => {
    const points = pointsOf("XXX");
    expect(reasonOf(parseAlarm(definition), points, "ALARM")).to.equal(
      "Threshold Crossed: 3 datapoint(s) [1.0 (1970-01-01T00:00:00.000Z), 1.0 (1970-01-01T00:01:00.000Z), 1.0 (1970-01-01T00:02:00.000Z)] " +
        "was greater than the threshold (0.0).",
    );
  });

  describe("refuses what is not imitated, by name", () => {
    const rows: [string, object, string][] = [
      ["expressions", { Metrics: [] }, "Metrics"],
      ["percentiles", { ExtendedStatistic: "p99" }, "ExtendedStatistic"],
      ["high resolution", { Period: 10 }, "Period is 10"],
      ["odd periods", { Period: 90 }, "Period is 90"],
      ["anomaly bands", { ComparisonOperator: "GreaterThanUpperThreshold" }, "GreaterThanUpperThreshold"],
      ["other actions", { AlarmActions: ["arn:aws:automate:us-east-1:ec2:stop"] }, "arn:aws:automate"],
      ["metrics that nobody measures", { Namespace: "AWS/EC2", MetricName: "CPUUtilization" }, "AWS/EC2 CPUUtilization"],
      ["more than a day", { EvaluationPeriods: 25, Period: 3600 }, "86400"],
      ["more points than periods", { DatapointsToAlarm: 4 }, "DatapointsToAlarm is 4"],
    ];
    for (const [title, more, sentence] of rows) it(title, () => expect(() => parseAlarm({ ...definition, ...more })).to.throw(sentence));
  });
});
