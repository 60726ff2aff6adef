import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { Unauthorized } from "#core/errors";
import { SampleName } from "#functions/sample-name";
import { buildCommandRequest, NOW_MS, parseAnswer, SECRET } from "./requests";

describe("sample-name", () => {
  const make = () => {
    const door = new SampleName([SECRET], () => NOW_MS);
    return { door, answer: sinon.spy(door, "answer") };
  };

  it("answers the user", async () => {
    const response = await make().door.handle(buildCommandRequest({ text: "hello" }));
    expect(parseAnswer(response)).to.deep.equal({ response_type: "ephemeral", text: "You said: hello" });
  });

  it("refuses what Slack did not sign, before it answers", async () => {
    const { door, answer } = make();
    const refused = door.handle(buildCommandRequest({}, { secret: "another" }));
    expect(await rejectionOf(refused)).to.be.instanceOf(Unauthorized);
    sinon.assert.notCalled(answer);
  });
});
