import sinon from "sinon";
import { SampleName } from "#subscribers/sample-name";
import { buildEnvelope } from "./envelopes";

describe("sample-name", () => {
  it("logs who said a message", async () => {
    const info = sinon.stub();
    await new SampleName({ info }).handle(buildEnvelope({ user: "U0002" }));
    sinon.assert.calledOnceWithExactly(info, "heard", { id: "T0001-C0001-1763805600.000200-webhook", user: "U0002" });
  });
});
