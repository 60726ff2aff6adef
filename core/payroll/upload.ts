/** What a payroll run passes from task to task, and the keys of everything made from it. */
import { BadPayroll } from "#core/errors";
import { buildExecutionName } from "#core/execution-name";
import { buildQuote } from "#core/quote";
import { buildShownName } from "#core/shown-name";
import type { Upload } from "#core/upload";

/** A part of the checked rows: a range of bytes, both ends inclusive, and the number of its employees. */
interface RowRange {
  start: number;
  end: number;
  employees: number;
}

/** The output of processData. The rows themselves stay in S3. */
interface ProcessedData {
  /** The key of the checked rows in the processed data bucket, one JSON object per line. */
  key: string;
  employees: number;
  ranges: RowRange[];
}

/** The input of the tasks after processData. */
interface PayrollState extends Upload {
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

const buildRowsKey = ({ key, run }: Pick<Upload, "key" | "run">): string => `${buildStem(key)}/${run}.ndjson`;
const buildPaystubKey = (key: string, employeeId: string): string => `${buildStem(key)}/${employeeId}.pdf`;
const buildRollupKey = (key: string): string => `${buildStem(key)}/rollup.csv`;
const buildReportKey = (key: string, format: "html" | "json"): string => `${buildStem(key)}/report.${format}`;

export type { PayrollState, ProcessedData, RowRange };
export { buildPaystubKey, buildReportKey, buildRollupKey, buildRowsKey, buildStem };
