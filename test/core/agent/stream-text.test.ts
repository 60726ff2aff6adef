import { expect } from "chai";
import { buildStreamText, cutStreamable } from "#core/agent/stream-text";

describe("stream-text", () => {
  for (const [text, cut] of [
    ["hello", "hello"],
    ["a < b and", "a "],
    ["a < b > c", "a < b > c"],
    ["ask <@U00", "ask "],
    ["dear @chan", "dear "],
    ["dear @channel,", "dear @channel,"],
    ["see [the page](http", "see "],
    ["see [the page](http://a) now", "see [the page](http://a) now"],
    ["half a \ud83c", "half a "],
  ] as const) {
    it(`sends ${JSON.stringify(cut)} of ${JSON.stringify(text)}`, () => {
      expect(cutStreamable(text)).to.equal(cut);
    });
  }

  it("never changes what has been sent, whatever follows", () => {
    const whole = "Hi <@U0001>, <!channel> @here [![x](@U2) and ![x](#C1)] <https://a.example|b> & \ud83c\udf89 a@b.c !";
    let sent = "";
    for (let end = 1; end <= whole.length; end += 1) {
      const shown = buildStreamText(cutStreamable(whole.slice(0, end)));
      expect(shown.startsWith(sent), whole.slice(0, end)).to.equal(true);
      sent = shown;
    }
    expect(buildStreamText(whole).startsWith(sent)).to.equal(true);
  });
});
