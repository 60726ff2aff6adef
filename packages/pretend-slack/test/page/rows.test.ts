import { expect } from "chai";
import fc from "fast-check";
import { ASSUMED_HEIGHT, Rows } from "../../page/rows";

const keysOf = (count: number) => Array.from({ length: count }, (_, index) => `row ${index}`);
const steady = new Set<string>();

const buildRows = (heights: number[]) => {
  const rows = new Rows();
  const keys = keysOf(heights.length);
  rows.set(keys);
  rows.measure(keys.map((key, index) => [key, heights[index]!]));
  return rows;
};

describe("rows", () => {
  it("guesses heights until they are measured", () => {
    const rows = new Rows();
    rows.set(["a", "b", "c"]);
    expect(rows.height).to.equal(3 * ASSUMED_HEIGHT);
    expect(rows.measure([["b", 10]])).to.equal(true);
    expect(rows.measure([["b", 10.01]])).to.equal(false);
    expect([rows.top(1), rows.top(2), rows.height]).to.deep.equal([ASSUMED_HEIGHT, ASSUMED_HEIGHT + 10, 2 * ASSUMED_HEIGHT + 10]);
    rows.forget();
    expect(rows.height).to.equal(3 * ASSUMED_HEIGHT);
  });

  it("finds what is between two heights, rows that are cut included", () => {
    const rows = buildRows([10, 20, 30, 40]);
    expect(rows.spanOf(10, 30)).to.deep.equal({ from: 1, to: 3 });
    expect(rows.spanOf(29.5, 29.9)).to.deep.equal({ from: 1, to: 2 });
    expect(rows.spanOf(-500, 500)).to.deep.equal({ from: 0, to: 4 });
    expect(new Rows().spanOf(0, 100)).to.deep.equal({ from: 0, to: 0 });
  });

  it("finds every row that is in sight, and hardly one that is not", () => {
    const heights = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(heights, fc.nat(5000), fc.nat(1000), (each, top, height) => {
        const rows = buildRows(each);
        const { from, to } = rows.spanOf(top, top + height);
        const inSight = each.flatMap((_, index) => (rows.top(index) < top + height && rows.top(index + 1) > top ? [index] : []));
        for (const index of inSight) expect(index).to.be.within(from, to - 1);
        expect(to - from).to.be.at.most(inSight.length + 2);
      }),
    );
  });

  it("stays at the end whatever comes", () => {
    const rows = buildRows([100, 100, 100]);
    expect(rows.topOf("end", 120)).to.equal(180);
    rows.set(keysOf(4));
    expect(rows.topOf("end", 120)).to.equal(180 + ASSUMED_HEIGHT);
    expect(rows.topOf("end", 1000)).to.equal(0);
  });

  it("keeps what is read in its place when rows come before it or turn out higher", () => {
    const rows = buildRows([100, 100, 100, 100, 100]);
    const anchor = rows.anchorAt(130, steady);
    expect(rows.topOf(anchor, 100)).to.equal(130);
    rows.set(["earlier", ...keysOf(5)]);
    rows.measure([["earlier", 50]]);
    expect(rows.topOf(anchor, 100)).to.equal(180);
    rows.measure([["row 0", 140]]);
    expect(rows.topOf(anchor, 100)).to.equal(220);
    // Below the view nothing matters.
    rows.measure([["row 4", 500]]);
    expect(rows.topOf(anchor, 100)).to.equal(220);
  });

  it("does not keep to a row that comes and goes itself, nor to one that has gone", () => {
    const rows = new Rows();
    rows.set(["more", "a", "b"]);
    rows.measure([
      ["more", 40],
      ["a", 100],
      ["b", 100],
    ]);
    const anchor = rows.anchorAt(0, new Set(["more"]));
    expect(anchor).to.deep.equal({ key: "a", distance: -40 });
    rows.set(["more", "x", "a", "b"]);
    rows.measure([["x", 60]]);
    expect(rows.topOf(anchor, 50)).to.equal(60);
    rows.set(["b"]);
    expect(rows.topOf(anchor, 50)).to.equal(undefined);
  });

  it("brings a row to the middle, a high one to the top, the last no further than the end", () => {
    const rows = buildRows([100, 100, 300, 100, 100]);
    const topFor = (key: string, viewHeight: number) => rows.topOf(rows.anchorInMiddle(key, viewHeight)!, viewHeight);
    expect(topFor("row 1", 200)).to.equal(50);
    expect(topFor("row 2", 200)).to.equal(200);
    expect(topFor("row 0", 200)).to.equal(0);
    expect(topFor("row 4", 200)).to.equal(500);
    expect(rows.anchorInMiddle("nobody", 200)).to.equal(undefined);
  });
});
