import { expect } from "chai";
import fc from "fast-check";
import { formatTimestamp, isTimestamp, microsOf } from "../src/timestamp";

describe("slack timestamp", () => {
  it("parses its own output", () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), micros => microsOf(formatTimestamp(micros)) === micros));
  });

  it("sorts as text in order of time", () => {
    const recent = fc.integer({ min: 1_000_000_000_000_000, max: 9_000_000_000_000_000 });
    fc.assert(fc.property(recent, recent, (a, b) => Math.sign(a - b) === compare(formatTimestamp(a), formatTimestamp(b))));
  });

  for (const { text, is } of [
    { text: "1763805600.000200", is: true },
    { text: "1763805600", is: true },
    { text: "0", is: true },
    { text: "1763805600.", is: false },
    { text: "-1", is: false },
    { text: "1e9", is: false },
    { text: "now", is: false },
  ]) {
    it(`${is ? "accepts" : "refuses"} ${text}`, () => {
      expect(isTimestamp(text)).to.equal(is);
    });
  }
});

const compare = (a: string, b: string) => (a === b ? 0 : a < b ? -1 : 1);
