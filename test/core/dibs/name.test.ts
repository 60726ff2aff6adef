import { expect } from "chai";
import { foldName, parseName } from "#core/dibs/name";

describe("dibs-name", () => {
  const names: [text: string, name: string][] = [
    ["staging", "staging"],
    ["Staging", "staging"],
    ["ÄLY-1.b_c", "äly-1.b_c"],
    ["a\u0308ly", "äly"],
    ["環境", "環境"],
    ["a".repeat(64), "a".repeat(64)],
    ["__proto__".slice(2), "proto__"],
  ];
  for (const [text, name] of names) it(`takes ${text}`, () => expect(parseName(text)).to.equal(name));
  it("folds names that differ only in case or form into one, and keeps others apart", () => {
    for (const name of ["größe", "GRÖSSE", "gro\u0308sse", "ｇｒöße"]) expect(foldName(name)).to.equal("grösse");
    expect(foldName("ılık")).not.to.equal(foldName("ilik"));
    expect(foldName("stаging"), "Cyrillic а").not.to.equal(foldName("staging"));
  });

  for (const text of [
    "",
    "a".repeat(300),
    `a${"\u0300".repeat(300)}`,
    "a#b",
    "#a",
    "a/b",
    "a\nb",
    "<@U0001>",
    "@bob",
    "<#C0001|general>",
    "..",
    "-a",
    "__proto__",
    "a b",
    "all",
    "ALL",
    "ａｌｌ",
    "ﷺ",
    "a\u202eb",
    "\ud800",
  ]) {
    it(`refuses ${JSON.stringify(text).slice(0, 30)}`, () => expect(parseName(text)).to.have.property("problem"));
  }
});
