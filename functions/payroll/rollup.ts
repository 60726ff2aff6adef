/** Writes one table with everybody's pay beside the paystubs. */
import type { BucketName } from "#core/named";
import { buildCsvRow } from "#core/payroll/csv";
import { buildDecimal } from "#core/payroll/money";
import type { Pay } from "#core/payroll/payroll";
import { buildRollupKey, type PayrollState } from "#core/payroll/upload";
import { verifyNewest } from "#functions/payroll/newest-upload";
import { readPayRows } from "#functions/payroll/pay-rows";
import { type Bucket, createBucket } from "#stores/bucket";

interface RollupSettings {
  rawDataBucket: BucketName;
  processedDataBucket: BucketName;
  paystubsBucket: BucketName;
}

const COLUMNS: [name: string, read: (pay: Pay) => string][] = [
  ["employee_id", ({ employeeId }) => employeeId],
  ["name", ({ name }) => name],
  ["hours", ({ hoursHundredths }) => buildDecimal(hoursHundredths)],
  ["overtime_hours", ({ overtimeHundredths }) => buildDecimal(overtimeHundredths)],
  ["hourly_rate", ({ rateCents }) => buildDecimal(rateCents)],
  ["tax_rate", ({ taxTenThousandths }) => buildDecimal(taxTenThousandths, 4)],
  ["regular", ({ regularCents }) => buildDecimal(regularCents)],
  ["overtime", ({ overtimeCents }) => buildDecimal(overtimeCents)],
  ["gross", ({ grossCents }) => buildDecimal(grossCents)],
  ["tax", ({ taxCents }) => buildDecimal(taxCents)],
  ["net", ({ netCents }) => buildDecimal(netCents)],
];

class Rollup {
  constructor(
    private readonly rawData: Pick<Bucket, "isReplaced">,
    private readonly processedData: Pick<Bucket, "open">,
    private readonly paystubs: Pick<Bucket, "upload">,
  ) {}

  /** Idempotent. Returns the table's key. Throws `UploadGone`. */
  async handle({ key, eTag, processData }: PayrollState): Promise<{ key: string }> {
    await verifyNewest(this.rawData, { key, eTag });
    const rollupKey = buildRollupKey(key);
    const rows = await this.processedData.open(processData.key);
    await this.paystubs.upload(rollupKey, this.write(rows), { contentType: "text/csv; charset=utf-8" });
    return { key: rollupKey };
  }

  async *write(rows: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
    yield Buffer.from(buildCsvRow(COLUMNS.map(([name]) => name)));
    for await (const pay of readPayRows(rows)) yield Buffer.from(buildCsvRow(COLUMNS.map(([, read]) => read(pay))));
  }
}

const create = (settings: RollupSettings): ((state: PayrollState) => Promise<{ key: string }>) => {
  const task = new Rollup(
    createBucket(settings.rawDataBucket),
    createBucket(settings.processedDataBucket),
    createBucket(settings.paystubsBucket),
  );
  return state => task.handle(state);
};

export type { RollupSettings };
export { create, Rollup };
