import { expect } from "chai";
import { type Entry, fitEntries, MAX_CHARACTERS } from "#core/agent/conversation";

const build = (text: string): Entry => ({ role: "person", name: "ann", text, isRequest: false });

describe("conversation", () => {
  it("is kept whole within the budget", () => {
    const entries = [build("one"), build("two")];
    expect(fitEntries(entries)).to.deep.equal(entries);
    expect(fitEntries([])).to.deep.equal([]);
  });

  it("keeps the first message and the latest, and marks what is left out", () => {
    const entries = ["first", ...Array.from({ length: 10 }, (_, index) => `${index}${"x".repeat(4000)}`)].map(build);
    const fitted = fitEntries(entries);
    expect(fitted.map(({ text }) => text.slice(0, 5))).to.deep.equal(["first", "[5 me", "5xxxx", "6xxxx", "7xxxx", "8xxxx", "9xxxx"]);
    expect(fitted[1]).to.include({ role: "mark", text: "[5 messages left out]" });
  });

  it("cuts a message that is too long for it", () => {
    const fitted = fitEntries([build("x".repeat(2 * MAX_CHARACTERS)), build("two")]);
    expect(fitted.map(({ text }) => text.slice(-5))).to.deep.equal(["[cut]", "two"]);
  });
});
