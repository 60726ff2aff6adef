import { expect } from "chai";
import fc from "fast-check";
import { ExpressionError, parseExpression } from "../../src/kernel/schedule-expression";

/** The next times as ISO 8601 without fractions. */
const timesOf = (text: string, from: string, count: number, timeZone?: string): string[] => {
  const expression = parseExpression(text, timeZone);
  const times: string[] = [];
  let afterMs = Date.parse(from);
  for (let index = 0; index < count; index++) {
    const next = expression.next(afterMs, Date.parse(from));
    if (next === undefined) break;
    times.push(new Date(next).toISOString().replace(".000Z", "Z"));
    afterMs = next;
  }
  return times;
};

describe("schedule expression", () => {
  const sunday = "2026-11-22T12:00:00Z";
  const rows: [string, string[]][] = [
    ["rate(1 minute)", ["2026-11-22T12:01:00Z", "2026-11-22T12:02:00Z"]],
    ["rate(2 hours)", ["2026-11-22T14:00:00Z", "2026-11-22T16:00:00Z"]],
    ["rate(7 days)", ["2026-11-29T12:00:00Z", "2026-12-06T12:00:00Z"]],
    ["at(2026-11-23T08:30:00)", ["2026-11-23T08:30:00Z"]],
    ["at(2026-11-22T12:00:00)", []],
    ["cron(0/15 * * * ? *)", ["2026-11-22T12:15:00Z", "2026-11-22T12:30:00Z"]],
    ["cron(0 10 * * ? *)", ["2026-11-23T10:00:00Z", "2026-11-24T10:00:00Z"]],
    ["cron(0 18 ? * MON-FRI *)", ["2026-11-23T18:00:00Z", "2026-11-24T18:00:00Z"]],
    ["cron(0 9 ? * 1 *)", ["2026-11-29T09:00:00Z", "2026-12-06T09:00:00Z"]],
    ["cron(0 9 ? * L *)", ["2026-11-28T09:00:00Z", "2026-12-05T09:00:00Z"]],
    ["cron(15 10 ? * 6L 2026-2027)", ["2026-11-27T10:15:00Z", "2026-12-25T10:15:00Z"]],
    ["cron(0 9 ? * 2#1 *)", ["2026-12-07T09:00:00Z", "2027-01-04T09:00:00Z"]],
    ["cron(0 10 L * ? *)", ["2026-11-30T10:00:00Z", "2026-12-31T10:00:00Z"]],
    ["cron(0 8 3W * ? *)", ["2026-12-03T08:00:00Z", "2027-01-04T08:00:00Z"]],
    ["cron(5,10 0 1 JAN ? 2030)", ["2030-01-01T00:05:00Z", "2030-01-01T00:10:00Z"]],
    ["cron(0 0 31 2 ? *)", []],
    ["cron(0 0 1 1 ? 2020)", []],
  ];
  for (const [text, times] of rows) it(text, () => expect(timesOf(text, sunday, 2)).to.deep.equal(times));

  describe("time zones", () => {
    it("are those of the expression", () => {
      expect(timesOf("cron(0 9 * * ? *)", sunday, 1, "Europe/Berlin")).to.deep.equal(["2026-11-23T08:00:00Z"]);
      expect(timesOf("at(2026-07-01T09:00:00)", "2026-01-01T00:00:00Z", 1, "America/New_York")).to.deep.equal(["2026-07-01T13:00:00Z"]);
      expect(timesOf("at(2026-11-23T09:00:00)", sunday, 1, "Asia/Kolkata")).to.deep.equal(["2026-11-23T03:30:00Z"]);
    });
    it("skip a time that does not exist when clocks go forward", () => {
      const times = timesOf("cron(30 2 * * ? *)", "2026-03-07T12:00:00Z", 2, "America/New_York");
      expect(times).to.deep.equal(["2026-03-09T06:30:00Z", "2026-03-10T06:30:00Z"]);
    });
    it("fire once at a time that occurs twice when clocks go back", () => {
      const times = timesOf("cron(30 1 * * ? *)", "2026-10-31T12:00:00Z", 2, "America/New_York");
      expect(times).to.deep.equal(["2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"]);
    });
  });

  describe("refuses invalid expressions", () => {
    const none = [
      "",
      "every minute",
      "rate(0 minutes)",
      "rate(1 second)",
      "rate(1.5 hours)",
      "rate(-1 day)",
      "at(2026-11-22)",
      "at(2026-02-30T00:00:00)",
      "at(2026-11-22T12:00:00Z)",
      "cron(* * * * *)",
      "cron(0 10 * * * *)",
      "cron(0 10 ? * ? *)",
      "cron(60 10 * * ? *)",
      "cron(0 10 ? * 8 *)",
      "cron(0 10 ? FOO * *)",
    ];
    for (const text of none) it(JSON.stringify(text), () => expect(() => parseExpression(text)).to.throw(ExpressionError));
    it("an unknown time zone", () =>
      expect(() => parseExpression("rate(1 day)", "Mars/Olympus")).to.throw(ExpressionError, "Mars/Olympus"));
  });

  it("computes a rate's next time: after now, within a period, and on its grid", () => {
    const minutes = fc.integer({ min: 1, max: 10_000 });
    const instant = fc.integer({ min: 0, max: 4_000_000_000_000 });
    fc.assert(
      fc.property(minutes, instant, instant, (every, anchorMs, afterMs) => {
        const next = parseExpression(`rate(${every} minutes)`).next(afterMs, anchorMs)!;
        const periodMs = every * 60_000;
        return (
          next > afterMs && (next - anchorMs) % periodMs === 0 && next >= anchorMs && (next <= afterMs + periodMs || next === anchorMs)
        );
      }),
    );
  });
});
