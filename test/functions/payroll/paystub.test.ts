import { PDFDocument } from "@cantoo/pdf-lib";
import { expect } from "chai";
import { buildPaystub } from "#functions/payroll/paystub";
import { buildPay } from "./uploads";

const UPLOAD = { file: "march.csv", uploadedAt: "2026-03-31T10:00:00.000Z" };
const SETTINGS = { employer: "Example Ltd", currency: "USD" };

describe("paystub", () => {
  it("is one readable page, whatever the name", async () => {
    const name = `Łukasz Çelik 李雷 🎉 ${"x".repeat(150)}`;
    const pdf = await PDFDocument.load(await buildPaystub(buildPay({ name }), UPLOAD, SETTINGS), { updateMetadata: false });
    expect(pdf.getPageCount()).to.equal(1);
    expect(pdf.getTitle()).to.equal(`Paystub: ${name} (E1)`);
    expect(pdf.getCreationDate()?.toISOString()).to.equal(UPLOAD.uploadedAt);
  });

  it("has the same bytes when it is made again", async () => {
    const [first, second] = [await buildPaystub(buildPay(), UPLOAD, SETTINGS), await buildPaystub(buildPay(), UPLOAD, SETTINGS)];
    expect(Buffer.compare(first, second)).to.equal(0);
  });

  it("needs no employer", async () => {
    await buildPaystub(buildPay(), UPLOAD, { ...SETTINGS, employer: "" });
  });
});
