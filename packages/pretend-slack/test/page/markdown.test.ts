import { processorMs } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { toMrkdwn } from "../../page/markdown";

describe("markdown on the page", () => {
  const ROWS: [markdown: string, mrkdwn: string][] = [
    ["**bold** and __bold__", "*bold* and *bold*"],
    ["*italic*, _italic_ and ***both***", "_italic_, _italic_ and *_both_*"],
    ["~~gone~~", "~gone~"],
    ["2*3*4 snake_case_name a * b * c", "2*3*4 snake_case_name a * b * c"],
    ["[see](https://a.example/?x=1&y=2)", "<https://a.example/?x=1&amp;y=2|see>"],
    ["[click](javascript:alert(1))", "[click](javascript:alert(1))"],
    ["# One\ntext\n## Two ##", "*One*\ntext\n*Two*"],
    ["- a\n  * b\n+ c", "• a\n  • b\n• c"],
    ["a < b & <@U0001> <b>", "a &lt; b &amp; <@U0001> &lt;b&gt;"],
    ["`**a**` **b**", "`**a**` *b*"],
    ["```ts\n**a** <b>\n```\nafter", "```**a** &lt;b&gt;```\nafter"],
    ["still ```ts\ngrows **here", "still ```grows **here```"],
    ["```", ""],
    ["**still grow", "**still grow"],
  ];
  for (const [markdown, mrkdwn] of ROWS)
    it(`turns ${JSON.stringify(markdown)} into Slack's format`, () => {
      expect(toMrkdwn(markdown)).to.equal(mrkdwn);
    });

  it("turns 12,000 awkward characters in little time", () => {
    for (const piece of ["*", "**a ", "***a ", "_", "[", "[a](", "`", "```", "# ", "<@", "~~a ", " - "])
      expect(
        processorMs(() => toMrkdwn(piece.repeat(12_000 / piece.length))),
        JSON.stringify(piece),
      ).to.be.below(2000);
  });
});
