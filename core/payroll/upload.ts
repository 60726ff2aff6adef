/** An uploaded payroll file, and the keys of everything made from it. */
import { BadPayroll } from "#core/errors";
import { buildExecutionName } from "#core/execution-name";
import type { About } from "#core/notice/failure";
import { buildQuote } from "#core/quote";
import { buildShownName } from "#core/shown-name";

/** The input of an execution of the payroll pipeline. */
interface PayrollUpload {
  about: About;
  /** The key of the object in the raw data bucket. */
  key: string;
  /** The content that this execution processes. */
  eTag: string;
  /** ISO 8601. */
  uploadedAt: string;
  /** The name of the execution, which is part of the keys of its intermediate objects. */
  run: string;
}

/** A part of the checked rows: a range of bytes, both ends inclusive, and the number of its employees. */
interface RowRange {
  start: number;
  end: number;
  employees: number;
}

/** The output of processData. The rows themselves stay in S3. */
interface ProcessedData {
  /** The key of the checked rows in the processed data bucket, one JSON object a line. */
  key: string;
  employees: number;
  ranges: RowRange[];
}

/** The input of the tasks after processData. */
interface PayrollState extends PayrollUpload {
  processData: ProcessedData;
}

const CSV_ENDING = /(?<stem>[^/])\.csv$/i;

/** S3 keys have up to 1,024 bytes. The longest ending is the name of an execution, 80 characters, with `.ndjson`. */
const MAX_STEM_BYTES = 900;

/** Tells whether S3 accepts keys with this prefix, and whether a copy on a disk would stay in its folder. */
const isSafeStem = (stem: string): boolean =>
  Buffer.byteLength(stem) <= MAX_STEM_BYTES &&
  buildShownName(stem) === stem &&
  !stem.includes("\\") &&
  stem.split("/").every(part => part !== "" && part !== "." && part !== "..");

/** Builds the stem of an upload's keys: `2026/march` for `2026/march.csv`, a hash for an unsafe name. Throws `BadPayroll` for other files. */
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
