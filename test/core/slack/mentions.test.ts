import { expect } from "chai";
import { findMentioned, nameMentions } from "#core/slack/mentions";

describe("mentions", () => {
  const text = "<@U0001> and <@U0001> in <#C0001>, <#C0002|dev>, <@U0002|ann>, <!here>, <https://a.example|b>, <@u1>";

  it("are found if they contain no name, each once", () => {
    expect(findMentioned(text)).to.deep.equal(["U0001", "C0001"]);
    expect(findMentioned("none")).to.deep.equal([]);
  });

  it("are replaced by names, and stay if there is none", () => {
    const names = new Map([
      ["U0001", "Bob $& <x>"],
      ["C0001", undefined],
    ]);
    expect(nameMentions(text, names)).to.equal(
      "@Bob $& <x> and @Bob $& <x> in <#C0001>, #dev, @ann, <!here>, <https://a.example|b>, <@u1>",
    );
  });
});
