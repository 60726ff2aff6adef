import { expect } from "chai";
import { cutLines, MAX_SECTION_CHARACTERS } from "#core/slack/section-text";

describe("section-text", () => {
  it("keeps a text that fits", () => {
    const text = "x".repeat(MAX_SECTION_CHARACTERS);
    expect(cutLines(text)).to.equal(text);
  });

  it("drops whole lines at the end, and says so", () => {
    const lines = Array.from({ length: 100 }, (_, index) => `${index}. ${"x".repeat(60)}`);
    const cut = cutLines(lines.join("\n")).split("\n");
    expect(cut.at(-1)).to.equal("...");
    expect(cut.slice(0, -1)).to.deep.equal(lines.slice(0, cut.length - 1));
    expect(cut.join("\n").length).to.be.within(MAX_SECTION_CHARACTERS - 70, MAX_SECTION_CHARACTERS);
  });
});
