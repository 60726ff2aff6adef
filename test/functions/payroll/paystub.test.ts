import { decodePDFRawStream, PDFDocument, PDFRawStream } from "@cantoo/pdf-lib";
import { expect } from "chai";
import { breakLines, buildPaystub } from "#functions/payroll/paystub";
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

  for (const name of ["Ann Lee", "Łukasz"]) {
    it(`of ${name} has the same bytes each time`, async () => {
      const make = () => buildPaystub(buildPay({ name }), UPLOAD, SETTINGS);
      expect(Buffer.compare(await make(), await make())).to.equal(0);
    });
  }

  /** All that can be read in a PDF's streams: among them which letters its embedded fonts hold. */
  const readStreams = async (pdf: Uint8Array): Promise<string> => {
    const { context } = await PDFDocument.load(pdf);
    const streams = context.enumerateIndirectObjects().flatMap(([, object]) => (object instanceof PDFRawStream ? [object] : []));
    return streams.map(stream => Buffer.from(decodePDFRawStream(stream).decode()).toString("latin1")).join("\n");
  };

  it("shows letters that the standard fonts lack in a font that is embedded only then", async () => {
    const [western, others] = await Promise.all(
      ["Çelik Ñ", "Łukasz Đức Жуков"].map(async name => readStreams(await buildPaystub(buildPay({ name }), UPLOAD, SETTINGS))),
    );
    expect(western).not.to.contain("beginbfchar");
    for (const letter of ["Ł", "Đ", "ứ", "Ж"]) {
      const code = letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
      expect(others, letter).to.match(new RegExp(`<${code}>`, "i"));
    }
  });

  describe("long values", () => {
    const measure = (text: string) => text.length;
    const rows: [what: string, text: string, lines: string[]][] = [
      ["one that fits", "Ann Lee", ["Ann Lee"]],
      ["one of several words", "Ann Maria Lee of York", ["Ann Maria", "Lee of", "York"]],
      ["one long word", "abcdefghijklmnopqrstuvwxyz", ["abcdefghij", "klmnopqrst", "uvwxyz"]],
      ["one that is too long", "x".repeat(50), ["x".repeat(10), "x".repeat(10), "x".repeat(10), "xxxxxxx..."]],
    ];
    for (const [what, text, lines] of rows)
      it(`take several lines: ${what}`, () => expect(breakLines(text, 10, measure)).to.deep.equal(lines));
  });

  it("shows names without invisible characters", async () => {
    const make = (name: string, file: string) =>
      buildPaystub(buildPay({ name: "Ann" }), { ...UPLOAD, file }, { ...SETTINGS, employer: name });
    const [odd, plain] = await Promise.all([make("\u200FAnn\u202E Ltd", "a\u202Eb\0.csv"), make("Ann Ltd", "ab.csv")]);
    expect(Buffer.compare(odd, plain)).to.equal(0);
  });

  it("does not need an employer", async () => {
    await buildPaystub(buildPay(), UPLOAD, { ...SETTINGS, employer: "" });
  });
});
