import { expect } from "chai";
import { buildHash, createId } from "#core/ids";

describe("ids", () => {
  it("are the same for the same parts", () => {
    expect(buildHash("T0001", "staging")).to.equal(buildHash("T0001", "staging"));
    expect(buildHash("T0001", "staging")).to.match(/^[\w-]{16}$/);
  });

  it("differ if the parts are divided differently", () => {
    const hashes = [buildHash("ab"), buildHash("a", "b"), buildHash("a", "b", ""), buildHash("b", "a"), buildHash('a","b')];
    expect(new Set(hashes).size).to.equal(hashes.length);
  });

  it("are random each time", () => {
    const ids = Array.from({ length: 1000 }, createId);
    expect(new Set(ids).size).to.equal(1000);
    for (const id of ids) expect(id).to.match(/^[\w-]{16}$/);
  });
});
