import { expect } from "chai";
import { buildSharedFile } from "#core/documents/shared-file";
import { buildEnvelope } from "../../subscribers/envelopes";

const file = { id: "F0001", name: "lunch.png", mimetype: "image/png", size: 70, url: "https://files.slack.com/lunch.png" };

describe("shared-file", () => {
  it("contains what the pipeline needs of a message and one of its files", () => {
    const envelope = buildEnvelope({ text: "lunch #Receipt #food #receipt", files: [file] });
    expect(buildSharedFile(envelope, file)).to.deep.equal({
      about: { file: "lunch.png", team: "T0001", channel: "C0001", private: false, threadTs: "1763805600.000200", messageId: envelope.id },
      eventId: envelope.id,
      team: "T0001",
      channel: "C0001",
      user: "U0001",
      ts: "1763805600.000200",
      text: "lunch #Receipt #food #receipt",
      tags: ["#receipt", "#food"],
      file,
    });
  });

  it("records that it is private", () => {
    const envelope = buildEnvelope({ channel: "C0MPIM1", private: true, files: [file] });
    expect(buildSharedFile(envelope, file).about).to.have.property("private", true);
  });

  it("is announced in the thread in which it was shared", () => {
    const shared = buildSharedFile(buildEnvelope({ threadTs: "1763805000.000100", files: [file] }), file);
    expect([shared.threadTs, shared.about.threadTs]).to.deep.equal(["1763805000.000100", "1763805000.000100"]);
  });

  it("fits into an execution's state, whatever was said", () => {
    const tags = Array.from({ length: 110 }, (_, index) => `#${"é".repeat(500)}${index}`).join(" ");
    for (const text of [`${"\u0001".repeat(20_000)}`, `${"😀".repeat(20_000)}`, tags]) {
      const shared = buildSharedFile(buildEnvelope({ text, files: [file] }), file);
      expect(Buffer.byteLength(JSON.stringify(shared))).to.be.below(200_000);
      expect(shared.text.isWellFormed()).to.equal(true);
    }
  });
});
