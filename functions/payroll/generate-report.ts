/** Writes the report of a payroll file and returns the success notice. */

import type { BucketName } from "#core/named";
import { buildNotification, type Notification } from "#core/notice/notice";
import { buildAmount } from "#core/payroll/money";
import { buildNoTotals, buildTotals } from "#core/payroll/payroll";
import { buildHtmlReport, buildJsonReport, type Report } from "#core/payroll/report";
import { buildReportKey, type PayrollState } from "#core/payroll/upload";
import { verifyNewest } from "#functions/payroll/newest-upload";
import { readPayRows } from "#functions/payroll/pay-rows";
import { type Bucket, createBucket } from "#stores/bucket";

interface GenerateReportSettings {
  rawDataBucket: BucketName;
  processedDataBucket: BucketName;
  reportsBucket: BucketName;
  /** ISO 4217. */
  currency: string;
}

interface WrittenReport {
  html: string;
  json: string;
  notice: Notification;
}

class GenerateReport {
  constructor(
    private readonly rawData: Pick<Bucket, "isReplaced">,
    private readonly processedData: Pick<Bucket, "open">,
    private readonly reports: Pick<Bucket, "put">,
    private readonly settings: Pick<GenerateReportSettings, "currency">,
  ) {}

  /** Idempotent. Returns the keys and the success notice. Throws `UploadGone`. */
  async handle(state: PayrollState): Promise<WrittenReport> {
    const { key, processData } = state;
    const report = await this.sum(key, await this.processedData.open(processData.key));
    await verifyNewest(this.rawData, state);
    const [html, json] = [buildReportKey(key, "html"), buildReportKey(key, "json")];
    await this.reports.put(html, buildHtmlReport(report), { contentType: "text/html; charset=utf-8" });
    await this.reports.put(json, buildJsonReport(report), { contentType: "application/json" });
    return { html, json, notice: this.buildNotice(state, report, html) };
  }

  /** Adds up all rows. */
  async sum(file: string, rows: AsyncIterable<Uint8Array>): Promise<Report> {
    let totals = buildNoTotals();
    const netAmounts: number[] = [];
    for await (const pay of readPayRows(rows)) {
      totals = buildTotals(totals, pay);
      netAmounts.push(pay.netCents);
    }
    return { file, currency: this.settings.currency, ...totals, netAmounts };
  }

  buildNotice({ about, run }: PayrollState, { employees, grossCents, netCents, currency }: Report, html: string): Notification {
    const { file, ...place } = about;
    const [gross, net] = [`${buildAmount(grossCents)} ${currency}`, `${buildAmount(netCents)} ${currency}`];
    return buildNotification({
      id: `${run}#success`,
      outcome: "success",
      title: "Payroll process complete",
      text: `Payroll process complete. The file ${file}: ${employees} ${employees === 1 ? "employee" : "employees"}, gross ${gross}, net ${net}.`,
      fields: { file, employees: String(employees), gross, net, report: html },
      ...place,
    });
  }
}

const create = (settings: GenerateReportSettings): ((state: PayrollState) => Promise<WrittenReport>) => {
  const task = new GenerateReport(
    createBucket(settings.rawDataBucket),
    createBucket(settings.processedDataBucket),
    createBucket(settings.reportsBucket),
    settings,
  );
  return state => task.handle(state);
};

export type { GenerateReportSettings, WrittenReport };
export { create, GenerateReport };
