import { expect } from "chai";
import { tell } from "#core/slack/slash-answer";

describe("slash-answer", () => {
  it("is visible to the user only", () => {
    expect(tell("*staging* is free.")).to.deep.equal({ response_type: "ephemeral", text: "*staging* is free." });
  });
});
