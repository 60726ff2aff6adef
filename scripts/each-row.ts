/** Reads a whole table, for commands that change rows of earlier releases or settings. */
import { type DynamoDBClient, paginateScan, type ScanCommandInput } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { runSideBySide } from "#core/side-by-side";

/** How many rows are handled in parallel: fast, and far below a table's limit. */
const ROWS_AT_ONCE = 10;
/** How long one row is retried while the table throttles or Slack asks to wait. */
const ROW_BUDGET_MS = 60_000;
const ROWS_A_REPORT = 5000;

interface Progress {
  table: string;
  rowsRead: number;
}

/** Runs `work` for each row that the scan finds, and reports the progress. Rows that come in the meantime may be left out. */
const eachRow = async <R>(
  client: DynamoDBClient,
  scan: Pick<ScanCommandInput, "FilterExpression" | "ExpressionAttributeNames"> & { TableName: string },
  work: (row: R) => Promise<void>,
  report: (progress: Progress) => void,
): Promise<void> => {
  let rowsRead = 0;
  for await (const { Items = [], ScannedCount = 0 } of paginateScan({ client }, scan)) {
    await runSideBySide(Items, ROWS_AT_ONCE, item => work(unmarshall(item) as R));
    const reported = Math.floor(rowsRead / ROWS_A_REPORT);
    rowsRead += ScannedCount;
    if (Math.floor(rowsRead / ROWS_A_REPORT) > reported) report({ table: scan.TableName, rowsRead });
  }
};

const countRows = (count: number) => `${count} ${count === 1 ? "row" : "rows"}`;

export { countRows, eachRow, ROW_BUDGET_MS };
