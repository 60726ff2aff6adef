import { expect } from "chai";
import fc from "fast-check";
import { buildSafeMarkdown, buildSafeMrkdwn } from "#core/agent/safe-text";

/** Everything in angle brackets that Slack would do something with, links apart. */
const CALLS = /<(?!(?:https?:\/\/|mailto:)[^<>|\s]+(?:\|[^<>|]*)?>)/i;
const BROADCAST = /@(?:here|channel|everyone|group)\b/i;

describe("safe-text", () => {
  describe("buildSafeMrkdwn", () => {
    for (const [text, built] of [
      ["hello", "hello"],
      ["a & b < c", "a &amp; b &lt; c"],
      ["<!channel>", "&lt;!channel&gt;"],
      ["<!subteam^S1|@dev>", "&lt;!subteam^S1|@dev&gt;"],
      ["<@U0001> and <#C0001|general>", "&lt;@U0001&gt; and &lt;#C0001|general&gt;"],
      ["&lt;!here&gt;", "&amp;lt;!here&amp;gt;"],
      ["@here, @Channel; me@heresy.example", "@\u2060here, @\u2060Channel; me@heresy.example"],
      ["<https://a.example>", "<https://a.example>"],
      ["<https://a.example?a=1&b=2|a @here>", "<https://a.example?a=1&b=2|a @\u2060here>"],
      ["<mailto:ann@a.example|Ann>", "<mailto:ann@a.example|Ann>"],
      ["<javascript:alert(1)|x>", "&lt;javascript:alert(1)|x&gt;"],
      ["<https://a.example|<!here>>", "&lt;https://a.example|&lt;!here&gt;&gt;"],
      ["<https://a.example|x|y>", "&lt;https://a.example|x|y&gt;"],
      ["<<!channel>", "&lt;&lt;!channel&gt;"],
    ] as const) {
      it(`turns ${text} into ${built}`, () => expect(buildSafeMrkdwn(text)).to.equal(built));
    }

    it("notifies nobody, whatever the text", () => {
      const parts = ["<", ">", "!", "@", "|", "here", "channel", "U0001", "https://a.b", "mailto:", "&lt;", " ", "#C1", "@here"];
      fc.assert(
        fc.property(fc.array(fc.oneof(fc.constantFrom(...parts), fc.string())), text => {
          const built = buildSafeMrkdwn(text.join(""));
          expect(built).not.to.match(CALLS).and.not.to.match(BROADCAST);
        }),
      );
    });
  });

  describe("buildSafeMarkdown", () => {
    it("leaves markdown unchanged except for mentions", () => {
      expect(buildSafeMarkdown("# A\n- [x](https://a.example) ![i](https://a.example/i.png) 1 < 2")).to.equal(
        "# A\n- [x](https://a.example) ![i](https://a.example/i.png) 1 < 2",
      );
      expect(buildSafeMarkdown("![](@U0001) ![ann]( <@U0001>) ![](#C0001) <!here> <@U1> @everyone")).to.equal(
        "[](@U0001) [ann]( &lt;@U0001>) [](#C0001) &lt;!here> &lt;@U1> @\u2060everyone",
      );
    });
  });
});
