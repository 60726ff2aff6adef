import { expect } from "chai";
import { isProblem } from "#core/problem";

describe("problem", () => {
  it("differs from every value of a parser", () => {
    expect(isProblem({ problem: "“soon” is no time." })).to.equal(true);
    for (const value of [0, "", "problem", null, undefined, [], { forSeconds: 60 }])
      expect(isProblem(value), String(value)).to.equal(false);
  });
});
