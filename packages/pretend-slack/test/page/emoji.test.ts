import { expect } from "chai";
import { replaceEmoji } from "../../page/emoji";

describe("emoji", () => {
  it("replaces known names, and leaves others as written", () => {
    expect(replaceEmoji(":tada: at 10:30:00 :no_such: :constructor: :+1:", () => true)).to.equal(
      "🎉 at 10:30:00 :no_such: :constructor: 👍",
    );
  });

  it("uses plain characters or names where the font lacks the emoji", () => {
    const hasPlainFonts = (character: string) => (character.codePointAt(0) ?? 0) < 0x2500;
    expect(replaceEmoji(":hourglass_flowing_sand: :tada:", character => hasPlainFonts(character) && character !== "⏳")).to.equal(
      "◔ :tada:",
    );
  });
});
