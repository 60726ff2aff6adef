import { expect } from "chai";
import { drawEmoji } from "../../web/emoji";

describe("emoji", () => {
  it("draws the ones that it knows, and leaves others as they are written", () => {
    expect(drawEmoji(":tada: at 10:30:00 :no_such: :constructor: :+1:")).to.equal("🎉 at 10:30:00 :no_such: :constructor: 👍");
  });
});
