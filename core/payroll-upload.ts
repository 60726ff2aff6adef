/** An uploaded payroll file, and the keys of all that is made of it. */
import { BadPayroll } from "#core/errors";
import type { About } from "#core/failure";
import { buildQuote } from "#core/quote";
import { buildShownName } from "#core/shown-name";

/** What an execution of the payroll pipeline begins with. */
interface PayrollUpload {
  about: About;
  /** The object's key in the bucket of raw data. */
  key: string;
  /** The content that this execution is about. */
  eTag: string;
  /** ISO 8601. */
  uploadedAt: string;
  /** The execution's name: what it keeps for itself is kept under it. */
  run: string;
}

/** A part of the checked rows: bytes, both ends inclusive, and how many employees they hold. */
interface RowRange {
  start: number;
  end: number;
  employees: number;
}

/** What processData leaves for the tasks after it; the rows themselves stay in S3. */
interface ProcessedData {
  /** The object of checked rows in the bucket of processed data, one JSON object a line. */
  key: string;
  employees: number;
  ranges: RowRange[];
}

/** What the tasks after processData are given. */
interface PayrollState extends PayrollUpload {
  processData: ProcessedData;
}

const CSV_ENDING = /(?<stem>[^/])\.csv$/i;

/** A key of S3's holds 1,024 bytes; the longest that is made of a stem ends in a run's name of 80 characters and its ending. */
const MAX_STEM_BYTES = 900;

/** Builds the stem of an upload's keys: `2026/march.csv` is `2026/march`. Throws `BadPayroll` for a name that no keys can be made of. */
const buildStem = (key: string): string => {
  const name = buildQuote(key);
  if (!CSV_ENDING.test(key)) throw new BadPayroll(`The file's name ${name} does not end with .csv; save the file as CSV with UTF-8.`);
  // Whoever copies the bucket to a disk would write somewhere else.
  if (key.split("/").some(part => part === "" || part === "." || part === "..") || key.includes("\\"))
    throw new BadPayroll(`The file's name ${name} has empty parts, dots alone or backslashes in its path; rename the file.`);
  if (buildShownName(key) !== key) throw new BadPayroll(`The file's name ${name} has characters that can't be seen; rename the file.`);
  const stem = key.replace(CSV_ENDING, "$<stem>");
  const bytes = Buffer.byteLength(stem);
  if (bytes > MAX_STEM_BYTES)
    throw new BadPayroll(`The file's name ${name} has ${bytes} bytes before .csv; at most ${MAX_STEM_BYTES} are taken.`);
  return stem;
};

const buildRowsKey = ({ key, run }: Pick<PayrollUpload, "key" | "run">): string => `${buildStem(key)}/${run}.ndjson`;
const buildPaystubKey = (key: string, employeeId: string): string => `${buildStem(key)}/${employeeId}.pdf`;
const buildRollupKey = (key: string): string => `${buildStem(key)}/rollup.csv`;
const buildReportKey = (key: string, format: "html" | "json"): string => `${buildStem(key)}/report.${format}`;

export type { PayrollState, PayrollUpload, ProcessedData, RowRange };
export { buildPaystubKey, buildReportKey, buildRollupKey, buildRowsKey, buildStem };
