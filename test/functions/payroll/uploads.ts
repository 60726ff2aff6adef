/** Uploads as S3's notifications describe them, and the totals of their rows. */
import type { Pay } from "#core/payroll/payroll";
import type { PayrollState } from "#core/payroll/upload";
import type { Upload } from "#core/upload";
import { buildPayLine } from "#functions/payroll/pay-rows";

const HEADER = "employee_id,name,hours,hourly_rate,overtime_hours,tax_rate";

const buildUpload = (key = "march.csv"): Upload => ({
  about: { file: key },
  key,
  eTag: "etag",
  uploadedAt: "2026-03-31T10:00:00.000Z",
  run: "run1",
});

const buildPay = (over: Partial<Pay> = {}): Pay => ({
  employeeId: "E1",
  name: "Ann Lee",
  hoursHundredths: 16_000,
  overtimeHundredths: 0,
  rateCents: 2550,
  taxTenThousandths: 2000,
  regularCents: 408_000,
  overtimeCents: 0,
  grossCents: 408_000,
  taxCents: 81_600,
  netCents: 326_400,
  ...over,
});

/** Rows as the first task keeps them. */
const buildRows = (...pays: Pay[]): Buffer => Buffer.from(pays.map(buildPayLine).join(""));

/** A run whose rows are in `march/run1.ndjson`. */
const buildState = (employees: number): PayrollState => ({
  ...buildUpload(),
  processData: { key: "march/run1.ndjson", employees, ranges: [] },
});

export { buildPay, buildRows, buildState, buildUpload, HEADER };
