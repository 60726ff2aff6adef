import { expect } from "chai";
import { createRandom, shuffled } from "../../src/kernel/seeded-random";

describe("seeded random", () => {
  const draw = (seed: number, count: number) => {
    const random = createRandom(seed);
    return Array.from({ length: count }, () => random());
  };

  it("repeats its numbers for the same seed only", () => {
    expect(draw(1, 20)).to.deep.equal(draw(1, 20)).and.not.to.deep.equal(draw(2, 20));
  });

  it("is spread evenly between 0 and 1", () => {
    const numbers = draw(1, 10_000);
    expect(numbers.every(number => number >= 0 && number < 1)).to.equal(true);
    for (const tenth of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) {
      expect(numbers.filter(number => Math.floor(number * 10) === tenth).length).to.be.within(900, 1100);
    }
  });

  it("shuffles a copy", () => {
    const items = Array.from({ length: 20 }, (_, index) => index);
    const mixed = shuffled(items, createRandom(1));
    expect(mixed).to.have.members(items).and.not.to.deep.equal(items);
    expect(items).to.deep.equal([...items].sort((a, b) => a - b));
  });
});
