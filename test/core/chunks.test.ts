import { expect } from "chai";
import fc from "fast-check";
import { chunk } from "#core/chunks";

describe("chunks", () => {
  it("may have a smaller one first", () => {
    expect(chunk([1, 2, 3, 4, 5, 6], 3, 2)).to.deep.equal([[1, 2], [3, 4, 5], [6]]);
  });

  it("of an empty list are one empty chunk", () => {
    expect(chunk([], 3)).to.deep.equal([[]]);
  });

  it("hold each item once, in order, and no more than the limit", () => {
    const sizes = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 100 }), sizes, sizes, (items, size, firstSize) => {
        const [first = [], ...rest] = chunk(items, size, firstSize);
        expect([first, ...rest].flat()).to.deep.equal(items);
        expect(first.length).to.be.at.most(firstSize);
        for (const each of rest) expect(each.length).to.be.within(1, size);
      }),
    );
  });
});
