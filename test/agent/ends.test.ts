import { expect } from "chai";
import { AlreadyEnded, ShuttingDown, StopRequested, TimeUp } from "../../agent/ends";

describe("ends", () => {
  it("are errors with distinct names", () => {
    const kinds = [StopRequested, TimeUp, ShuttingDown, AlreadyEnded];
    for (const end of [new StopRequested("U0002"), new TimeUp("It took too long."), new ShuttingDown(), new AlreadyEnded()]) {
      expect(end).to.be.instanceOf(Error).and.to.have.property("message").that.matches(/\.$/);
      expect(kinds.filter(kind => end instanceof kind).map(({ name }) => name)).to.deep.equal([end.name]);
    }
  });

  it("contain the user who asked", () => {
    expect(new StopRequested("U0002")).to.have.property("by", "U0002");
  });
});
