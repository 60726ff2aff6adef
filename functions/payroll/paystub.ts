/** One employee's paystub as a PDF of one page. */
import { PDFDocument, type PDFFont, type PDFPage, StandardFonts } from "@cantoo/pdf-lib";
import { buildAmount, buildDecimal } from "#core/money";
import { composeText, decomposeText } from "#core/normalize";
import type { Pay } from "#core/payroll";

interface PaystubSettings {
  employer: string;
  /** ISO 4217. */
  currency: string;
}

interface PaystubUpload {
  /** The upload's key. */
  file: string;
  /** ISO 8601; also the PDF's own date, so that making it again gives the same bytes. */
  uploadedAt: string;
}

/** A4 in points, 1/72 inch. */
const PAGE: [width: number, height: number] = [595.28, 841.89];
const MARGIN = 56;
const LINE = 20;
const FONT_SIZE = 11;
const MIN_FONT_SIZE = 5;

/** Writes text with the standard fonts, which every reader has; they know the letters of Western Europe. */
class Pen {
  readonly #characters: Set<number>;
  #y = PAGE[1] - MARGIN;

  constructor(
    private readonly page: PDFPage,
    private readonly font: PDFFont,
    private readonly bold: PDFFont,
  ) {
    this.#characters = new Set(font.getCharacterSet());
  }

  /** Builds the nearest text that the font has: without accents that it lacks, and a question mark for letters it can't show. */
  spell(text: string): string {
    const knows = (character: string) => this.#characters.has(character.codePointAt(0) ?? 0);
    return Array.from(composeText(text), character => {
      if (knows(character)) return character;
      const [base = "?"] = decomposeText(character);
      return knows(base) ? base : "?";
    }).join("");
  }

  heading(text: string): void {
    this.write(text, MARGIN, 20, this.bold);
    this.#y -= 2 * LINE;
  }

  /** Writes a name at the left and its value at the right margin, smaller where they don't fit. */
  entry(name: string, value: string, font = this.font): void {
    const room = PAGE[0] - 2 * MARGIN - this.bold.widthOfTextAtSize(name, FONT_SIZE) - 2 * FONT_SIZE;
    const shown = this.spell(value);
    const size = Math.max(MIN_FONT_SIZE, Math.min(FONT_SIZE, (FONT_SIZE * room) / this.font.widthOfTextAtSize(shown, FONT_SIZE)));
    this.write(name, MARGIN, FONT_SIZE, font);
    this.write(shown, PAGE[0] - MARGIN - font.widthOfTextAtSize(shown, size), size, font);
    this.#y -= LINE;
  }

  rule(): void {
    const y = this.#y + LINE / 2;
    this.page.drawLine({ start: { x: MARGIN, y }, end: { x: PAGE[0] - MARGIN, y }, thickness: 0.5 });
    this.#y -= LINE / 2;
  }

  total(name: string, value: string): void {
    this.entry(name, value, this.bold);
  }

  private write(text: string, x: number, size: number, font: PDFFont): void {
    this.page.drawText(this.spell(text), { x, y: this.#y, size, font });
  }
}

/** Builds the PDF's bytes; the same for the same input. */
const buildPaystub = async (
  pay: Pay,
  { file, uploadedAt }: PaystubUpload,
  { employer, currency }: PaystubSettings,
): Promise<Uint8Array> => {
  const document = await PDFDocument.create();
  // The title keeps the name as it is, in any script.
  document.setTitle(`Paystub: ${pay.name} (${pay.employeeId})`);
  document.setCreationDate(new Date(uploadedAt));
  document.setModificationDate(new Date(uploadedAt));
  const fonts = [await document.embedFont(StandardFonts.Helvetica), await document.embedFont(StandardFonts.HelveticaBold)] as const;
  const pen = new Pen(document.addPage(PAGE), ...fonts);
  const money = (cents: number) => `${buildAmount(cents)} ${currency}`;
  const work = (hundredths: number, rate: string) => `${buildDecimal(hundredths)} h at ${rate}`;
  const rate = money(pay.rateCents);
  pen.heading("Paystub");
  if (employer !== "") pen.entry("Employer", employer);
  pen.entry("Employee", pay.name);
  pen.entry("Employee id", pay.employeeId);
  pen.entry("File", file);
  pen.entry("Date", uploadedAt.slice(0, 10));
  pen.rule();
  pen.entry(`Regular pay: ${work(pay.hoursHundredths, rate)}`, money(pay.regularCents));
  if (pay.overtimeHundredths > 0) pen.entry(`Overtime: ${work(pay.overtimeHundredths, `1.5 x ${rate}`)}`, money(pay.overtimeCents));
  pen.rule();
  pen.entry("Gross pay", money(pay.grossCents));
  pen.entry(`Tax: ${buildDecimal(pay.taxTenThousandths)} %`, money(pay.taxCents));
  pen.rule();
  pen.total("Net pay", money(pay.netCents));
  return document.save();
};

export type { PaystubSettings, PaystubUpload };
export { buildPaystub };
