/** Reads the rows of an uploaded CSV file as they stream in. */
import { pipeline, Readable } from "node:stream";
import { type CsvError, type Info, parse } from "csv-parse";
import { BadPayroll } from "#core/errors";
import { buildProblem } from "#core/payroll/payroll";

/** A row's cells, undecoded: the rules report a cell that is not text. */
interface CsvRow {
  /** The row number in a spreadsheet: the header is row 1, and a row with line breaks inside quotes is one row. */
  row: number;
  cells: Buffer[];
}

/** A payroll row takes about 100 bytes. The limit ends the search for a missing closing quote. */
const MAX_ROW_BYTES = 16 * 1024;

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
/** Long enough for each signature below. */
const BEGINNING_BYTES = 4;
const OTHER_FORMATS: [beginning: number[], name: string][] = [
  [[0x50, 0x4b, 0x03, 0x04], "a zip archive (as .xlsx files are)"],
  [[0xd0, 0xcf, 0x11, 0xe0], "an old Excel file"],
  [[0xff, 0xfe], "UTF-16"],
  [[0xfe, 0xff], "UTF-16"],
  [[0x1f, 0x8b], "a gzip archive"],
  [[0x25, 0x50, 0x44, 0x46], "a PDF"],
];

const EXPLANATIONS: Record<string, string> = {
  CSV_QUOTE_NOT_CLOSED: "found a quote that is never closed",
  CSV_INVALID_CLOSING_QUOTE: "found text after a closing quote; a quote inside quotes is written twice",
  INVALID_OPENING_QUOTE: "found a quote inside a cell that does not begin with one; put the whole cell in quotes",
  CSV_MAX_RECORD_SIZE: `found a row of more than ${MAX_ROW_BYTES} bytes; is there a quote that is never closed?`,
};

/** Passes a file's bytes through without a byte-order mark. Throws `BadPayroll` for signatures of other formats. */
async function* readPlain(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let beginning: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (beginning === undefined) {
      yield chunk;
      continue;
    }
    beginning = Buffer.concat([beginning, chunk]);
    if (beginning.length < BEGINNING_BYTES) continue;
    yield takeBeginning(beginning);
    beginning = undefined;
  }
  if (beginning !== undefined) yield takeBeginning(beginning);
}

const takeBeginning = (beginning: Buffer): Buffer => {
  const other = OTHER_FORMATS.find(([bytes]) => beginning.subarray(0, bytes.length).equals(Buffer.from(bytes)));
  if (other !== undefined) throw buildProblem({ row: 1 }, `found ${other[1]}; save the file as CSV with UTF-8`);
  return beginning.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK) ? beginning.subarray(BYTE_ORDER_MARK.length) : beginning;
};

const isCsvError = (error: unknown): error is CsvError => error instanceof Error && "code" in error && "records" in error;

/** Describes the parser's errors in the style of our other errors. */
const explain = (error: CsvError): BadPayroll => {
  const row = Number(error["records"]) + Number(error["empty_lines"]) + 1;
  const column = typeof error["column"] === "number" ? String(error["column"] + 1) : undefined;
  const { message } = buildProblem({ row, column }, EXPLANATIONS[error.code] ?? error.message);
  return new BadPayroll(message, { cause: error, context: { row, column } });
};

/** Reads rows of any length and skips empty lines. Accepts CRLF, LF and CR. Throws `BadPayroll` if the file is not CSV. */
async function* readRows(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<CsvRow> {
  const parser = parse({
    encoding: null,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    record_delimiter: ["\r\n", "\n", "\r"],
    max_record_size: MAX_ROW_BYTES,
  });
  // An upstream failure destroys the parser, so the loop below throws it.
  pipeline(Readable.from(readPlain(chunks)), parser, () => {});
  try {
    for await (const { info, record } of parser as AsyncIterable<{ info: Info; record: Buffer[] }>) {
      yield { row: info.records + info.empty_lines, cells: record };
    }
  } catch (error) {
    throw isCsvError(error) ? explain(error) : error;
  }
}

export type { CsvRow };
export { readRows };
