import { expect } from "chai";
import sinon from "sinon";
import { Logger } from "#subscribers/logger";
import { buildEnvelope } from "./envelopes";

describe("logger", () => {
  const read = async (logText: boolean, envelope = buildEnvelope(), attributes = {}) => {
    const info = sinon.stub();
    await new Logger({ info }, { logText }).handle(envelope, attributes);
    sinon.assert.calledOnce(info);
    return info.firstCall.args;
  };

  const line = {
    id: "T0001-C0001-1763805600.000200-webhook",
    time: "2025-11-22T10:00:00.000Z",
    door: "webhook",
    team: "T0001",
    channel: "C0001",
    user: "U0001",
    tokens: 2,
    files: 0,
    mentionsBot: false,
    private: false,
  };

  it("writes one line per message, without the text", async () => {
    expect(await read(false)).to.deep.equal(["message", line]);
  });

  it("writes the text if configured", async () => {
    expect(await read(true)).to.deep.equal(["message", { ...line, text: "tea tea milk" }]);
  });

  it("never writes private text", async () => {
    const [, fields] = await read(true, buildEnvelope({ private: true }));
    expect(fields).to.include({ private: true }).and.not.have.property("text");
  });

  it("reports files and mentions", async () => {
    const [, fields] = await read(false, buildEnvelope({ files: [{ id: "F0001" }] }), { mentionsBot: { Value: "true" } });
    expect(fields).to.include({ files: 1, mentionsBot: true });
  });

  it("reports no token count if the envelope has none", async () => {
    const envelope = buildEnvelope();
    delete envelope.data.tokens;
    const [, fields] = await read(false, envelope);
    expect(fields).to.have.property("tokens", null);
  });
});
