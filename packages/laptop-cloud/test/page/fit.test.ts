import { expect } from "chai";
import { fitInto } from "../../page/fit";

describe("fit", () => {
  const drawing = { width: 2000, height: 1000 };
  const start = { x: 500, y: 300, width: 500, height: 600 };

  /** The part of the drawing that is seen in a canvas of this width. */
  const see = (width: number, part?: typeof start) => {
    const { x, y } = fitInto({ width, height: 400 }, drawing, 1, part);
    return { left: -x, right: width - x, middle: 200 - y };
  };

  it("shows the part to begin with, and what leads to it where there is room", () => {
    expect(see(800, start)).to.deep.equal({ left: 300, right: 1100, middle: 600 });
    expect(see(400, start)).to.deep.equal({ left: 500, right: 900, middle: 600 });
  });

  it("begins at the left without such a part, and shows no empty room behind the drawing", () => {
    expect(see(800)).to.include({ left: 0, middle: 500 });
    expect(see(800, { ...start, x: 1500 })).to.include({ left: 1200, right: 2000 });
  });
});
