import { expect } from "chai";
import { findTriggerWord } from "../src/trigger";

describe("trigger words", () => {
  for (const [text, trigger] of [
    ["  R&amp;D news", "r&d"],
    ["r&amp;days", undefined],
    ["Hey, you", "hey"],
    ["say hey", undefined],
  ] as const) {
    it(`reads ${JSON.stringify(text)}`, () => expect(findTriggerWord(text, ["r&d", "hey"])).to.equal(trigger));
  }
});
