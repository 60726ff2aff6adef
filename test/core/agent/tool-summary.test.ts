import { expect } from "chai";
import { buildSummary } from "#core/agent/tool-summary";

describe("tool-summary", () => {
  it("names the place of a post, and quotes each of its lines", () => {
    expect(buildSummary({ name: "post_to_slack", args: { text: "one\ntwo" } }, "C0001")).to.equal("In <#C0001>:\n> one\n> two");
  });

  it("mentions nobody", () => {
    expect(buildSummary({ name: "post_to_slack", args: { text: "<!channel> <@U0001>" } }, "C0001")).not.to.match(/<[!@]/);
  });

  it("says how much it leaves out, and fits into a section", () => {
    const summary = buildSummary({ name: "create_canvas", args: { title: "A", markdown: "&".repeat(9000) } }, "C0001");
    expect(summary.split("\n").at(-1)).to.equal("> _... 9002 characters in all_");
    expect(summary.length).to.be.below(3000);
  });

  it("cuts between characters", () => {
    const summary = buildSummary({ name: "post_to_slack", args: { text: "😀".repeat(501) } }, "C0001");
    expect(summary.isWellFormed()).to.equal(true);
    expect(summary).to.include("> _... 501 characters in all_");
  });

  it("names the resource to claim, and the reason", () => {
    expect(buildSummary({ name: "claim_dibs", args: { resource: "staging", reason: "a hotfix" } }, "C0001")).to.equal(
      "> staging: a hotfix",
    );
    expect(buildSummary({ name: "claim_dibs", args: { resource: "staging" } }, "C0001")).to.equal("> staging");
  });
});
