import { expect } from "chai";
import { formatTime, parseUntil } from "#core/dibs/until";
import { problemIn } from "../problem";

describe("dibs-until", () => {
  // The clocks in Helsinki go forward at 3:00 on 29 March 2026, and back at 4:00 on 25 October.
  const spring = Date.parse("2026-03-28T10:00:00Z");
  const autumn = Date.parse("2026-10-24T20:00:00Z");

  const times: [text: string, nowMs: number, iso: string][] = [
    ["17:30", spring, "2026-03-28T15:30:00.000Z"],
    ["17.30", spring, "2026-03-28T15:30:00.000Z"],
    ["5pm", spring, "2026-03-28T15:00:00.000Z"],
    ["5:15 PM", spring, "2026-03-28T15:15:00.000Z"],
    ["12am", spring, "2026-03-28T22:00:00.000Z"],
    ["noon", spring, "2026-03-29T09:00:00.000Z"],
    ["9:00", spring, "2026-03-29T06:00:00.000Z"],
    ["12:00", spring, "2026-03-29T09:00:00.000Z"],
    ["tomorrow 9:00", spring, "2026-03-29T06:00:00.000Z"],
    ["tomorrow at 9:00", spring, "2026-03-29T06:00:00.000Z"],
    ["9am tomorrow", spring, "2026-03-29T06:00:00.000Z"],
    ["17:30 today", spring, "2026-03-28T15:30:00.000Z"],
    ["5 p.m.", spring, "2026-03-28T15:00:00.000Z"],
    // It is a Saturday, and the clocks go forward in the night.
    ["monday 9am", spring, "2026-03-30T06:00:00.000Z"],
    ["9:00 on Mon", spring, "2026-03-30T06:00:00.000Z"],
    ["thurs 17:00", spring, "2026-04-02T14:00:00.000Z"],
    ["saturday 17:30", spring, "2026-03-28T15:30:00.000Z"],
    ["saturday 9am", spring, "2026-04-04T06:00:00.000Z"],
    ["１７：３０.", spring, "2026-03-28T15:30:00.000Z"],
    ["24:00", spring, "2026-03-28T22:00:00.000Z"],
    ["sunday 24:00", spring, "2026-03-29T21:00:00.000Z"],
    ["noon tomorrow", spring, "2026-03-29T09:00:00.000Z"],
    ["2026-04-01T08:00", spring, "2026-04-01T05:00:00.000Z"],
    ["2026-04-01T08:00:00", spring, "2026-04-01T05:00:00.000Z"],
    ["2026-04-01T08:00Z", spring, "2026-04-01T08:00:00.000Z"],
    ["2026-04-01T08:00+05:30", spring, "2026-04-01T02:30:00.000Z"],
    ["2026-04-01 08:00", spring, "2026-04-01T05:00:00.000Z"],
    // Twice on that day: the first one counts.
    ["3:30", autumn, "2026-10-25T00:30:00.000Z"],
  ];
  for (const [text, nowMs, iso] of times) {
    it(`reads ${text}`, () => expect(new Date(parseUntil(text, nowMs, "Europe/Helsinki") as number).toISOString()).to.equal(iso));
  }

  it("refuses the hour that the clocks skip", () => {
    for (const text of ["3:30", "tomorrow 3:30", "3:30 sunday", "2026-03-29T03:30", "2026-03-29 03:00"])
      expect(problemIn(parseUntil(text, spring, "Europe/Helsinki"))).to.include("the clocks go forward");
  });

  for (const text of [
    "",
    "25:61",
    "24:01",
    "24:00pm",
    "monday",
    "9am someday",
    "9am tomorrow monday",
    "2026-02-30T10:00Z",
    "2026-03-01T10:00Z",
    "5",
    "17:3",
    "13pm",
    "0am",
    "-1:00",
    "2026-02-30 10:00",
    "2026-13-01 10:00",
    "2026-03-01 10:00",
    "2027-01-01 10:00",
    "yesterday 10:00",
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => expect(problemIn(parseUntil(text, spring, "Europe/Helsinki"))).to.match(/\.$|"\.$/));
  }

  it("formats with the date on another day", () => {
    expect(formatTime(spring + 3_000_000, spring, "Europe/Helsinki")).to.equal("12:50");
    expect(formatTime(spring + 90_000_000, spring, "UTC")).to.equal("Mar 29, 11:00");
    expect(formatTime(spring + 365 * 86_400_000, spring, "UTC")).to.equal("Mar 28, 2027, 10:00");
  });
});
