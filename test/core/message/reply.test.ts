import { expect } from "chai";
import { buildReply, MAX_REPLY_CHARACTERS, takeShown } from "#core/message/reply";
import type { TokenCount } from "#core/message/tokens";

describe("reply", () => {
  it("has one line per token, in the given order", () => {
    expect(
      buildReply([
        ["awsadvent", 12],
        ["2026", 1],
      ]),
    ).to.equal("`awsadvent` = 12\n`2026` = 1");
  });

  it("counts the tokens that don't fit into a Slack message", () => {
    const counts = Array.from({ length: 10_000 }, (_, index): TokenCount => [`word${index}`, index]);
    const reply = buildReply(counts);
    const lines = reply.split("\n");
    const last = lines.pop();
    expect(reply.length).to.be.within(MAX_REPLY_CHARACTERS - 40, MAX_REPLY_CHARACTERS);
    expect(lines).to.deep.equal(counts.slice(0, lines.length).map(([token, count]) => `\`${token}\` = ${count}`));
    expect(last).to.equal(`... and ${10_000 - lines.length} more`);
  });

  it("needs the counts of the visible tokens only", () => {
    const counts = Array.from({ length: 10_000 }, (_, index): TokenCount => [`word${index}`, 7]);
    const shown = takeShown(counts.map(([token]) => token));
    expect(shown.length).to.be.within(2000, 3000);
    expect(buildReply(counts.slice(0, shown.length), counts.length)).to.equal(buildReply(counts));
    expect(takeShown(["a", "b"])).to.deep.equal(["a", "b"]);
  });

  it("fills a message to its last character", () => {
    const line = "`a` = 1";
    const fits = "b".repeat(MAX_REPLY_CHARACTERS - line.length - 1 - "`` = 1".length);
    const reply = buildReply([
      ["a", 1],
      [fits, 1],
    ]);
    expect(reply.length).to.equal(MAX_REPLY_CHARACTERS);
    const cut = buildReply([
      ["a", 1],
      [`${fits}b`, 1],
    ]);
    expect(cut).to.equal(`${line}\n... and 1 more`);
  });
});
