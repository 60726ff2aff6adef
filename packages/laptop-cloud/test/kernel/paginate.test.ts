import { expect } from "chai";
import { paginate, readPageSize } from "../../src/kernel/paginate";

describe("paginate", () => {
  const names = ["c", "a", "b"];
  const read = (more: { NextToken?: string; MaxResults?: string | number } = {}) => paginate(names, name => name, more);

  it("returns sorted pages, each after the last", () => {
    const { page, NextToken } = read({ MaxResults: "2" });
    expect(page).to.deep.equal(["a", "b"]);
    expect(read({ MaxResults: 2, NextToken })).to.deep.equal({ page: ["c"], NextToken: undefined });
  });

  for (const size of [0, -1, 1.5, "x", ""]) {
    it(`refuses pages of ${JSON.stringify(size)} items`, () => {
      expect(() => read({ MaxResults: size }))
        .to.throw(`Value '${size}' of the page size`)
        .with.property("code", "ValidationException");
    });
  }

  it("reads sizes up to the service's own, which is also the default", () => {
    expect([readPageSize(undefined, 50), readPageSize(10_000, 50), readPageSize(7, 50), readPageSize(0, 50, 0)]).to.deep.equal([
      50, 50, 7, 0,
    ]);
  });
});
