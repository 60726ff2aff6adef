import { expect } from "chai";
import fc from "fast-check";
import { buildAmount, buildDecimal, divideHalfUp, parseDecimal } from "#core/payroll/money";

describe("money", () => {
  const decimals: [text: string, value: number | undefined][] = [
    ["0", 0],
    ["37.5", 3750],
    ["37.50", 3750],
    ["007.05", 705],
    ["999.99", 99_999],
    ["1000", 100_000],
    ["37.505", undefined],
    ["10000", undefined],
    ["", undefined],
    [".5", 50],
    ["40.", 4000],
    [".", undefined],
    [".505", undefined],
    ["1.2.3", undefined],
    ["1,5", undefined],
    ["1e3", undefined],
    ["-1", undefined],
    ["+1", undefined],
    ["NaN", undefined],
    ["0x10", undefined],
    ["١", undefined],
    ["1 000", undefined],
  ];
  for (const [text, value] of decimals) {
    it(`reads "${text}" as ${value ?? "none"}`, () => expect(parseDecimal(text, 4, 2)).to.equal(value));
  }

  const quotients: [dividend: number, divisor: number, quotient: number][] = [
    [0, 100, 0],
    [149, 100, 1],
    [150, 100, 2],
    [250, 100, 3],
    [5, 10, 1],
    [4, 10, 0],
    [1, 3, 0],
    [2, 3, 1],
  ];
  for (const [dividend, divisor, quotient] of quotients) {
    it(`divides ${dividend} by ${divisor} to ${quotient}`, () => expect(divideHalfUp(dividend, divisor)).to.equal(quotient));
  }

  it("rounds exactly over the whole range of payroll", () => {
    const most = 99_999 * 9_999_999 * 3;
    fc.assert(
      fc.property(fc.nat({ max: most }), fc.constantFrom(100, 200, 10_000), (dividend, divisor) => {
        const exact = (2n * BigInt(dividend) + BigInt(divisor)) / (2n * BigInt(divisor));
        expect(BigInt(divideHalfUp(dividend, divisor))).to.equal(exact);
      }),
    );
  });

  it("writes decimals and amounts", () => {
    expect([0, 5, 123_456, 100_000_000].map(cents => buildDecimal(cents))).to.deep.equal(["0.00", "0.05", "1234.56", "1000000.00"]);
    expect([0, 99_999, 123_456, 100_000_000].map(buildAmount)).to.deep.equal(["0.00", "999.99", "1,234.56", "1,000,000.00"]);
    expect(buildDecimal(2000, 4)).to.equal("0.2000");
  });

  it("reads back what it writes", () => {
    fc.assert(
      fc.property(fc.nat({ max: 999_999_999 }), value => {
        expect(parseDecimal(buildDecimal(value), 7, 2)).to.equal(value);
      }),
    );
  });
});
