import { expect } from "chai";
import fc from "fast-check";
import { escapeMrkdwn, unescapeMrkdwn } from "#core/slack/mrkdwn";

describe("mrkdwn", () => {
  it("escapes Slack's three characters", () => {
    expect(escapeMrkdwn("<!here> & <@U0001>")).to.equal("&lt;!here&gt; &amp; &lt;@U0001&gt;");
  });

  it("unescapes in one pass, and leaves other entities", () => {
    expect(unescapeMrkdwn("&amp;lt; &quot; &lt;")).to.equal("&lt; &quot; <");
  });

  it("restores any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("&", "<", ">", "amp;", "lt;", "é") }), text => {
        expect(unescapeMrkdwn(escapeMrkdwn(text))).to.equal(text);
      }),
    );
  });
});
