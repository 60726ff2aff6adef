import { processorMs } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { formatDuration, parseDuration } from "#core/dibs/duration";
import { problemIn } from "../problem";

describe("dibs-duration", () => {
  const spans: [text: string, seconds: number][] = [
    ["45 minutes", 2700],
    ["1.5h", 5400],
    ["1h30m", 5400],
    ["1h 30m", 5400],
    ["1 hour and 30 minutes", 5400],
    ["1 day, 2 hours", 93_600],
    ["an hour", 3600],
    ["half an hour", 1800],
    ["an hour and a half", 5400],
    ["1h30", 5400],
    ["1 h 5", 3900],
    ["1d 2h30", 95_400],
    [".5h", 1800],
    ["two hours", 7200],
    ["Forty-five minutes", 2700],
    ["twenty minutes", 1200],
    ["two and a half hours", 9000],
    ["2 hours and a half", 9000],
    ["half a day", 43_200],
    ["a quarter of an hour", 900],
    ["a couple of days", 172_800],
    ["2 weeks", 1_209_600],
    ["6 hours.", 21_600],
    ["2 hrs. 5 min.", 7500],
    ["６ hours", 21_600],
    ["90 s", 90],
    ["6 Hours", 21_600],
    ["30 days", 2_592_000],
  ];
  for (const [text, seconds] of spans) it(`reads ${text}`, () => expect(parseDuration(text)).to.equal(seconds));

  for (const text of [
    "",
    " ",
    "90",
    "-1 hours",
    "0m",
    "0.1 s",
    "400 days",
    "31 days",
    "5 parsecs",
    "1,5h",
    "1e3 h",
    "h",
    "1h foo",
    "1h60",
    "30 m 5",
    "30m20",
    "two",
    "twohours",
    "NaN h",
    "0x10 h",
    "9999999999 s",
    "١ h",
  ]) {
    it(`refuses ${JSON.stringify(text)} with a sentence`, () => expect(problemIn(parseDuration(text))).to.match(/\.$|days"?\.$/));
  }

  it("reads hostile text in linear time", () => {
    for (const text of [`${"1 m ".repeat(20_000)}!`, `1${"0".repeat(50_000)} h`])
      expect(processorMs(() => parseDuration(text))).to.be.below(2000);
  });

  it("formats durations as people say them", () => {
    expect([45, 90, 5400, 86_400, 90_000, 200_000].map(formatDuration)).to.deep.equal([
      "45 s",
      "2 min",
      "1 h 30 min",
      "1 day",
      "1 day 1 h",
      "2 days 7 h",
    ]);
  });
});
