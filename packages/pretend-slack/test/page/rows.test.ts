import { expect } from "chai";
import fc from "fast-check";
import { ASSUMED_HEIGHT, Rows } from "../../page/rows";

const keysOf = (count: number) => Array.from({ length: count }, (_, index) => `row ${index}`);
const noTransientRows = new Set<string>();

const buildRows = (heights: number[]) => {
  const rows = new Rows();
  const keys = keysOf(heights.length);
  rows.set(keys);
  rows.measure(keys.map((key, index) => [key, heights[index]!]));
  return rows;
};

describe("rows", () => {
  it("assumes heights until rows are measured", () => {
    const rows = new Rows();
    rows.set(["a", "b", "c"]);
    expect(rows.height).to.equal(3 * ASSUMED_HEIGHT);
    expect(rows.measure([["b", 10]])).to.equal(true);
    expect(rows.measure([["b", 10.01]])).to.equal(false);
    expect([rows.top(1), rows.top(2), rows.height]).to.deep.equal([ASSUMED_HEIGHT, ASSUMED_HEIGHT + 10, 2 * ASSUMED_HEIGHT + 10]);
    rows.forget();
    expect(rows.height).to.equal(3 * ASSUMED_HEIGHT);
  });

  it("finds the rows between two positions, including cut rows", () => {
    const rows = buildRows([10, 20, 30, 40]);
    expect(rows.spanOf(10, 30)).to.deep.equal({ from: 1, to: 3 });
    expect(rows.spanOf(29.5, 29.9)).to.deep.equal({ from: 1, to: 2 });
    expect(rows.spanOf(-500, 500)).to.deep.equal({ from: 0, to: 4 });
    expect(new Rows().spanOf(0, 100)).to.deep.equal({ from: 0, to: 0 });
  });

  it("finds every visible row, and at most two others", () => {
    const heights = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(heights, fc.nat(5000), fc.nat(1000), (each, top, height) => {
        const rows = buildRows(each);
        const { from, to } = rows.spanOf(top, top + height);
        const visible = each.flatMap((_, index) => (rows.top(index) < top + height && rows.top(index + 1) > top ? [index] : []));
        for (const index of visible) expect(index).to.be.within(from, to - 1);
        expect(to - from).to.be.at.most(visible.length + 2);
      }),
    );
  });

  it("stays at the end when rows are added", () => {
    const rows = buildRows([100, 100, 100]);
    expect(rows.topOf("end", 120)).to.equal(180);
    rows.set(keysOf(4));
    expect(rows.topOf("end", 120)).to.equal(180 + ASSUMED_HEIGHT);
    expect(rows.topOf("end", 1000)).to.equal(0);
  });

  it("keeps the anchored row in place when rows before it are added or change height", () => {
    const rows = buildRows([100, 100, 100, 100, 100]);
    const anchor = rows.anchorAt(130, noTransientRows);
    expect(rows.topOf(anchor, 100)).to.equal(130);
    rows.set(["earlier", ...keysOf(5)]);
    rows.measure([["earlier", 50]]);
    expect(rows.topOf(anchor, 100)).to.equal(180);
    rows.measure([["row 0", 140]]);
    expect(rows.topOf(anchor, 100)).to.equal(220);
    // Rows below the view make no difference.
    rows.measure([["row 4", 500]]);
    expect(rows.topOf(anchor, 100)).to.equal(220);
  });

  it("does not anchor to a transient row, or to one that has gone", () => {
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

  it("scrolls a row to the middle, a high row to the top, and the last row to the end", () => {
    const rows = buildRows([100, 100, 300, 100, 100]);
    const topFor = (key: string, viewHeight: number) => rows.topOf(rows.anchorInMiddle(key, viewHeight)!, viewHeight);
    expect(topFor("row 1", 200)).to.equal(50);
    expect(topFor("row 2", 200)).to.equal(200);
    expect(topFor("row 0", 200)).to.equal(0);
    expect(topFor("row 4", 200)).to.equal(500);
    expect(rows.anchorInMiddle("nobody", 200)).to.equal(undefined);
  });
});
