/** An uploaded payroll file, and the keys of all that is made of it. */
import { BadPayroll } from "#core/errors";
import { buildExecutionName } from "#core/execution-name";
import type { About } from "#core/notice/failure";
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

/** S3's keys have 1,024 bytes; the longest ending is a run's name of 80 characters with `.ndjson`. */
const MAX_STEM_BYTES = 900;

/** Tells whether S3 accepts keys with this prefix, and whether they stay in their folder when the bucket is copied to a disk. */
const isSafeStem = (stem: string): boolean =>
  Buffer.byteLength(stem) <= MAX_STEM_BYTES &&
  buildShownName(stem) === stem &&
  !stem.includes("\\") &&
  stem.split("/").every(part => part !== "" && part !== "." && part !== "..");

/** Builds the stem of an upload's keys: `2026/march.csv` is `2026/march`; of an unsafe name, its hash. Throws `BadPayroll` for other files. */
const buildStem = (key: string): string => {
  if (!CSV_ENDING.test(key))
    throw new BadPayroll(`The file's name ${buildQuote(key)} does not end with .csv; save the file as CSV with UTF-8.`);
  const stem = key.replace(CSV_ENDING, "$<stem>");
  return isSafeStem(stem) ? stem : `upload-${buildExecutionName(key)}`;
};

const buildRowsKey = ({ key, run }: Pick<PayrollUpload, "key" | "run">): string => `${buildStem(key)}/${run}.ndjson`;
const buildPaystubKey = (key: string, employeeId: string): string => `${buildStem(key)}/${employeeId}.pdf`;
const buildRollupKey = (key: string): string => `${buildStem(key)}/rollup.csv`;
const buildReportKey = (key: string, format: "html" | "json"): string => `${buildStem(key)}/report.${format}`;

export type { PayrollState, PayrollUpload, ProcessedData, RowRange };
export { buildPaystubKey, buildReportKey, buildRollupKey, buildRowsKey, buildStem };
