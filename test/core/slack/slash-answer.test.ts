import { expect } from "chai";
import { tell } from "#core/slack/slash-answer";

describe("slash-answer", () => {
  it("tells whoever asked, and nobody else", () => {
    expect(tell("*staging* is free.")).to.deep.equal({ response_type: "ephemeral", text: "*staging* is free." });
  });
});
