/** Validates an uploaded payroll file row by row, and stores each employee's pay. It stores all rows or none. */
import type { BucketName } from "#core/named";
import { type Pay, PayrollRows } from "#core/payroll/payroll";
import { buildRowsKey, buildStem, type ProcessedData, type RowRange } from "#core/payroll/upload";
import type { Upload } from "#core/upload";
import { readRows } from "#functions/payroll/csv-rows";
import { buildPayLine } from "#functions/payroll/pay-rows";
import { type Bucket, createBucket } from "#stores/bucket";

interface ProcessDataSettings {
  rawDataBucket: BucketName;
  processedDataBucket: BucketName;
}

/** 250 paystubs take a few seconds, and 100,000 employees are 400 ranges: 25 KB of the state's 256 KB. */
const EMPLOYEES_A_RANGE = 250;

class ProcessData {
  constructor(
    private readonly rawData: Pick<Bucket, "open">,
    private readonly processedData: Pick<Bucket, "upload">,
  ) {}

  /** Throws `BadPayroll` with row, column and value, and `UploadGone`. */
  async handle(upload: Upload): Promise<ProcessedData> {
    buildStem(upload.key);
    const key = buildRowsKey(upload);
    const ranges: RowRange[] = [];
    const file = await this.rawData.open(upload.key, { eTag: upload.eTag });
    // A failed multipart upload stores nothing, so even a bad last row leaves no trace.
    await this.processedData.upload(key, this.write(this.check(file), ranges), { contentType: "application/x-ndjson" });
    return { key, employees: ranges.reduce((sum, { employees }) => sum + employees, 0), ranges };
  }

  /** Validates each row as it streams in. */
  async *check(file: AsyncIterable<Uint8Array>): AsyncGenerator<Pay> {
    const rows = new PayrollRows();
    for await (const { row, cells } of readRows(file)) {
      const pay = rows.take(cells, row);
      if (pay !== undefined) yield pay;
    }
    rows.end();
  }

  /** Writes the rows in ranges, and records where each range is. */
  async *write(pays: AsyncIterable<Pay>, ranges: RowRange[]): AsyncGenerator<Buffer> {
    let lines: string[] = [];
    let start = 0;
    const end = () => {
      const bytes = Buffer.from(lines.join(""));
      ranges.push({ start, end: start + bytes.length - 1, employees: lines.length });
      start += bytes.length;
      lines = [];
      return bytes;
    };
    for await (const pay of pays) {
      lines.push(buildPayLine(pay));
      if (lines.length === EMPLOYEES_A_RANGE) yield end();
    }
    if (lines.length > 0) yield end();
  }
}

const create = (settings: ProcessDataSettings): ((upload: Upload) => Promise<ProcessedData>) => {
  const task = new ProcessData(createBucket(settings.rawDataBucket), createBucket(settings.processedDataBucket));
  return upload => task.handle(upload);
};

export type { ProcessDataSettings };
export { create, EMPLOYEES_A_RANGE, ProcessData };
