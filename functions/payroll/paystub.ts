/** Draws one employee's paystub as a PDF of one page. */
import fontkit from "@cantoo/fontkit";
import { PDFDocument, type PDFFont, type PDFPage, StandardFonts } from "@cantoo/pdf-lib";
import largeFont from "dejavu-fonts-ttf/ttf/DejaVuSans.ttf";
import { composeText, decomposeText } from "#core/normalize";
import { buildAmount, buildDecimal } from "#core/payroll/money";
import type { Pay } from "#core/payroll/payroll";
import { buildShownName } from "#core/shown-name";

interface PaystubSettings {
  employer: string;
  /** ISO 4217. */
  currency: string;
}

interface PaystubUpload {
  /** The upload's key. */
  file: string;
  /** ISO 8601. Also the PDF's own date, so that the same input gives the same bytes. */
  uploadedAt: string;
}

/** A4 in points, 1/72 inch. */
const PAGE: [width: number, height: number] = [595.28, 841.89];
const MARGIN = 56;
const LINE = 20;
const FONT_SIZE = 11;
/** Four lines hold the longest name of a person. The name of a file may be longer and is cut. */
const MAX_LINES = 4;

/** A text, and the font that has its letters. */
interface Lettering {
  text: string;
  font: PDFFont;
}

/**
 * The fonts of one document: those that every PDF reader has, with the letters of Western Europe, and a large one. The large one is embedded only
 * if it is needed, because that takes time and 30 KB per PDF.
 */
class Fonts {
  #large: PDFFont | undefined;

  private constructor(
    private readonly document: PDFDocument,
    readonly regular: PDFFont,
    readonly bold: PDFFont,
    private readonly ordinary: ReadonlySet<number>,
  ) {}

  static async create(document: PDFDocument): Promise<Fonts> {
    const regular = await document.embedFont(StandardFonts.Helvetica);
    return new Fonts(document, regular, await document.embedFont(StandardFonts.HelveticaBold), new Set(regular.getCharacterSet()));
  }

  /** Finds a font for a text. Letters that neither font has become the nearest letter or a question mark. */
  async letter(text: string): Promise<Lettering> {
    const composed = composeText(buildShownName(text));
    if (hasAll(this.ordinary, composed)) return { text: composed, font: this.regular };
    const font = await this.embedLarge();
    const letters = new Set(font.getCharacterSet());
    const shown = Array.from(composed, character => {
      if (hasAll(letters, character)) return character;
      const [base = "?"] = decomposeText(character);
      return hasAll(letters, base) ? base : "?";
    });
    return { text: shown.join(""), font };
  }

  private async embedLarge(): Promise<PDFFont> {
    if (this.#large === undefined) {
      this.document.registerFontkit(fontkit);
      this.#large = await this.document.embedFont(largeFont, { subset: true });
    }
    return this.#large;
  }
}

const hasAll = (letters: ReadonlySet<number>, text: string): boolean =>
  Array.from(text).every(character => letters.has(character.codePointAt(0) ?? 0));

/** Breaks a text into lines of a given width, at spaces if possible. If the text is too long, the last line ends in `...`. */
const breakLines = (text: string, width: number, measure: (text: string) => number): string[] => {
  const lines: string[] = [];
  let line = "";
  for (const character of text) {
    if (measure(line + character) <= width) {
      line += character;
      continue;
    }
    if (lines.length === MAX_LINES - 1) return [...lines, shorten(line, width, measure)];
    const space = character === " " ? line.length : line.lastIndexOf(" ");
    const end = space > 0 ? space : line.length;
    lines.push(line.slice(0, end));
    line = (line.slice(end) + character).trimStart();
  }
  return [...lines, line];
};

const shorten = (line: string, width: number, measure: (text: string) => number): string => {
  const characters = Array.from(line);
  while (characters.length > 0 && measure(`${characters.join("")}...`) > width) characters.pop();
  return `${characters.join("")}...`;
};

class Pen {
  #y = PAGE[1] - MARGIN;

  constructor(
    private readonly page: PDFPage,
    private readonly fonts: Fonts,
  ) {}

  heading(text: string): void {
    this.write({ text, font: this.fonts.bold }, MARGIN, 20);
    this.#y -= 2 * LINE;
  }

  /** Writes a label at the left margin and its value at the right one, on several lines if it is long. */
  async entry(name: string, value: string): Promise<void> {
    const { regular } = this.fonts;
    const { text, font } = await this.fonts.letter(value);
    const room = PAGE[0] - 2 * MARGIN - regular.widthOfTextAtSize(name, FONT_SIZE) - 2 * FONT_SIZE;
    this.write({ text: name, font: regular }, MARGIN);
    for (const line of breakLines(text, room, each => font.widthOfTextAtSize(each, FONT_SIZE))) this.writeRight({ text: line, font });
  }

  /** Writes a sum, in bold. */
  total(name: string, value: string): void {
    const { bold } = this.fonts;
    this.write({ text: name, font: bold }, MARGIN);
    this.writeRight({ text: value, font: bold });
  }

  rule(): void {
    const y = this.#y + LINE / 2;
    this.page.drawLine({ start: { x: MARGIN, y }, end: { x: PAGE[0] - MARGIN, y }, thickness: 0.5 });
    this.#y -= LINE / 2;
  }

  private writeRight({ text, font }: Lettering): void {
    this.write({ text, font }, PAGE[0] - MARGIN - font.widthOfTextAtSize(text, FONT_SIZE));
    this.#y -= LINE;
  }

  private write({ text, font }: Lettering, x: number, size = FONT_SIZE): void {
    this.page.drawText(text, { x, y: this.#y, size, font });
  }
}

/** Builds the PDF. The same input gives the same bytes. */
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
  const pen = new Pen(document.addPage(PAGE), await Fonts.create(document));
  const money = (cents: number) => `${buildAmount(cents)} ${currency}`;
  const work = (hundredths: number, rate: string) => `${buildDecimal(hundredths)} h at ${rate}`;
  const rate = money(pay.rateCents);
  pen.heading("Paystub");
  if (employer !== "") await pen.entry("Employer", employer);
  await pen.entry("Employee", pay.name);
  await pen.entry("Employee id", pay.employeeId);
  await pen.entry("File", file);
  await pen.entry("Date", uploadedAt.slice(0, 10));
  pen.rule();
  await pen.entry(`Regular pay: ${work(pay.hoursHundredths, rate)}`, money(pay.regularCents));
  if (pay.overtimeHundredths > 0) await pen.entry(`Overtime: ${work(pay.overtimeHundredths, `1.5 x ${rate}`)}`, money(pay.overtimeCents));
  pen.rule();
  await pen.entry("Gross pay", money(pay.grossCents));
  await pen.entry(`Tax: ${buildDecimal(pay.taxTenThousandths)} %`, money(pay.taxCents));
  pen.rule();
  pen.total("Net pay", money(pay.netCents));
  return document.save();
};

export type { PaystubSettings, PaystubUpload };
export { breakLines, buildPaystub };
