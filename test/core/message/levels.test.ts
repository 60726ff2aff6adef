import { expect } from "chai";
import { highestOf, levelOf, lowestOf } from "#core/message/levels";

describe("levels", () => {
  it("contain the counts between their lowest and their highest", () => {
    for (let level = 0; level < 16; level += 1) {
      expect([levelOf(lowestOf(level)), levelOf(highestOf(level))]).to.deep.equal([level, level]);
      expect(levelOf(highestOf(level) + 1)).to.equal(level + 1);
    }
    expect([-5, 0, 1, 3, 4, 31, 32].map(levelOf)).to.deep.equal([-1, -1, 0, 0, 1, 1, 2]);
  });
});
