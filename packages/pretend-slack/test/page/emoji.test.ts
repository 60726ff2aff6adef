import { expect } from "chai";
import { replaceEmoji } from "../../page/emoji";

describe("emoji", () => {
  it("draws the ones that it knows, and leaves others as they are written", () => {
    expect(replaceEmoji(":tada: at 10:30:00 :no_such: :constructor: :+1:", () => true)).to.equal(
      "🎉 at 10:30:00 :no_such: :constructor: 👍",
    );
  });

  it("draws plain signs, or writes names, where no font has the emoji", () => {
    const hasPlainFonts = (sign: string) => (sign.codePointAt(0) ?? 0) < 0x2500;
    expect(replaceEmoji(":hourglass_flowing_sand: :tada:", sign => hasPlainFonts(sign) && sign !== "⏳")).to.equal("◔ :tada:");
  });
});
