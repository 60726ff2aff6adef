import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { UploadGone } from "#core/errors";
import { GeneratePaystubs } from "#functions/payroll/generate-paystubs";
import { MemoryBucket } from "../memory-bucket";
import { buildPay, buildRows, buildUpload } from "./uploads";

const ROWS = "march/run1.ndjson";

describe("generate-paystubs", () => {
  const run = (isReplaced = false) => {
    const [before, mine] = [
      buildRows(buildPay({ employeeId: "E1" })),
      buildRows(buildPay({ employeeId: "E2" }), buildPay({ employeeId: "E3" })),
    ];
    const paystubs = new MemoryBucket();
    const rawData = { isReplaced: sinon.stub().resolves(isReplaced) };
    const processed = new MemoryBucket({ [ROWS]: Buffer.concat([before, mine]) });
    const task = new GeneratePaystubs(rawData, processed, paystubs, { employer: "Example Ltd", currency: "USD" });
    const range = { start: before.length, end: before.length + mine.length - 1, employees: 2 };
    return { rawData, paystubs, result: () => task.handle({ ...buildUpload(), rows: ROWS, range }) };
  };

  it("makes a PDF for each employee of its range, and no other", async () => {
    const { paystubs, result } = run();
    expect(await result()).to.equal(2);
    expect(paystubs.keys).to.deep.equal(["march/E2.pdf", "march/E3.pdf"]);
    expect(paystubs.text("march/E2.pdf")).to.match(/^%PDF-/);
    expect(paystubs.descriptions.get("march/E2.pdf")).to.deep.equal({ contentType: "application/pdf" });
  });

  it("writes the same when it runs again", async () => {
    const { paystubs, result } = run();
    await result();
    const first = new Map(paystubs.objects);
    await result();
    expect(paystubs.objects).to.deep.equal(first);
  });

  it("leaves the paystubs to the run of a newer file", async () => {
    const { rawData, paystubs, result } = run(true);
    expect(await rejectionOf(result())).to.be.instanceOf(UploadGone);
    expect(paystubs.keys).to.deep.equal([]);
    sinon.assert.calledOnceWithExactly(rawData.isReplaced, "march.csv", "etag");
  });
});
