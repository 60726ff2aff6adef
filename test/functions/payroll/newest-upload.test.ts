import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { UploadGone } from "#core/errors";
import { verifyNewest } from "#functions/payroll/newest-upload";

describe("newest-upload", () => {
  const upload = { key: "march.csv", eTag: "etag" };

  it("lets a run continue while its file is the newest", async () => {
    const isReplaced = sinon.stub().resolves(false);
    await verifyNewest({ isReplaced }, upload);
    sinon.assert.calledOnceWithExactly(isReplaced, "march.csv", "etag");
  });

  it("ends a run whose file was replaced, and says that the newer upload's run takes over", async () => {
    const error = (await rejectionOf(verifyNewest({ isReplaced: sinon.stub().resolves(true) }, upload))) as Error;
    expect(error).to.be.instanceOf(UploadGone);
    expect(error.message).to.equal("The object march.csv was replaced by a newer one, whose run takes over.");
  });

  it("throws if it can't tell", async () => {
    const isReplaced = sinon.stub().rejects(new Error("S3 is down"));
    expect(await rejectionOf(verifyNewest({ isReplaced }, upload))).to.have.property("message", "S3 is down");
  });
});
