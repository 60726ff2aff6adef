import { expect } from "chai";
import { findClosest } from "#core/dibs/closest";

describe("closest", () => {
  const words = ["staging", "production", "off", "on"];
  const meant: [written: string, word: string | undefined][] = [
    ["stagin", "staging"],
    ["satging", "staging"],
    ["prodution", "production"],
    ["of", "off"],
    ["ѕтаɡіոɡ", "staging"],
    ["рrоduсtіоո", "production"],
    ["οո", "on"],
    ["staging", undefined],
    ["demo", undefined],
    ["x".repeat(10_000), undefined],
  ];
  for (const [written, word] of meant)
    it(`finds ${word ?? "nothing"} for ${written.slice(0, 20)}`, () => expect(findClosest(written, words)).to.equal(word));
});
