import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { BadPayroll, UploadGone } from "#core/errors";
import type { PayrollState } from "#core/payroll/upload";
import { GeneratePaystubs } from "../../../functions/payroll/generate-paystubs";
import { GenerateReport } from "../../../functions/payroll/generate-report";
import { EMPLOYEES_A_RANGE, ProcessData } from "../../../functions/payroll/process-data";
import { Rollup } from "../../../functions/payroll/rollup";
import { MemoryBucket } from "../memory-bucket";
import { buildUpload, HEADER } from "./uploads";

const march = `${HEADER}\nE1,Ann Lee,160,25.50,10,0.2\nE2,"O'Neil, Bob",80.25,30,,\n`;

/** Runs all tasks as the state machine does. */
const runPayroll = async (file: string | Buffer, key = "march.csv") => {
  const buckets = {
    raw: new MemoryBucket({ [key]: file }),
    processed: new MemoryBucket(),
    paystubs: new MemoryBucket(),
    reports: new MemoryBucket(),
  };
  const run = async () => {
    const processData = await new ProcessData(buckets.raw, buckets.processed).handle(buildUpload(key));
    const state: PayrollState = { ...buildUpload(key), processData };
    const paystubs = new GeneratePaystubs(buckets.raw, buckets.processed, buckets.paystubs, { employer: "Example Ltd", currency: "USD" });
    const made = [];
    for (const range of processData.ranges) {
      made.push(await paystubs.handle({ key, eTag: state.eTag, uploadedAt: state.uploadedAt, rows: processData.key, range }));
    }
    await new Rollup(buckets.raw, buckets.processed, buckets.paystubs).handle(state);
    const report = await new GenerateReport(buckets.raw, buckets.processed, buckets.reports, { currency: "USD" }).handle(state);
    return { state, made, report };
  };
  return { buckets, run };
};

describe("payroll pipeline", () => {
  it("makes paystubs, a rollup and a report", async () => {
    const { buckets, run } = await runPayroll(march);
    const { report, made } = await run();
    expect(made).to.deep.equal([2]);
    expect(buckets.processed.keys).to.deep.equal(["march/run1.ndjson"]);
    expect(buckets.paystubs.keys).to.deep.equal(["march/E1.pdf", "march/E2.pdf", "march/rollup.csv"]);
    expect(buckets.reports.keys).to.deep.equal(["march/report.html", "march/report.json"]);
    // 160 x 25.50 = 4,080.00, 10 x 25.50 x 1.5 = 382.50, a fifth of 4,462.50 is 892.50; 80.25 x 30 = 2,407.50.
    expect(JSON.parse(buckets.reports.text("march/report.json"))).to.include({
      employees: 2,
      grossCents: 687_000,
      taxCents: 89_250,
      netCents: 597_750,
      overtimeCents: 38_250,
    });
    expect(report.notice).to.deep.include({
      subject: "Payroll process complete",
      text: "Payroll process complete. The file march.csv: 2 employees, gross 6,870.00 USD, net 5,977.50 USD.",
    });
    expect(JSON.parse(report.notice.details)).to.deep.include({ id: "run1#success", outcome: "success" });
  });

  it("writes the rollup for spreadsheets", async () => {
    const { buckets, run } = await runPayroll(march);
    await run();
    expect(buckets.paystubs.text("march/rollup.csv").split("\r\n")).to.deep.equal([
      "employee_id,name,hours,overtime_hours,hourly_rate,tax_rate,regular,overtime,gross,tax,net",
      "E1,Ann Lee,160.00,10.00,25.50,0.2000,4080.00,382.50,4462.50,892.50,3570.00",
      `E2,"O'Neil, Bob",80.25,0.00,30.00,0.0000,2407.50,0.00,2407.50,0.00,2407.50`,
      "",
    ]);
  });

  it("neutralises names that are formulas", async () => {
    const { buckets, run } = await runPayroll(`${HEADER}\nE1,"=HYPERLINK(""http://x"")",1,1,,\n`);
    await run();
    expect(buckets.paystubs.text("march/rollup.csv")).to.contain(`E1,"'=HYPERLINK(""http://x"")",1.00`);
  });

  it("writes the same when a task runs again", async () => {
    const { buckets, run } = await runPayroll(march);
    const first = await run();
    const objects = new Map([...buckets.paystubs.objects, ...buckets.reports.objects]);
    expect(await run()).to.deep.equal(first);
    expect(new Map([...buckets.paystubs.objects, ...buckets.reports.objects])).to.deep.equal(objects);
  });

  for (const [title, file, message] of [
    ["a bad last row", `${march}E3,Cy,1,5,2,0\n`.replace("1,5,2,0", '"1,5",2,,'), /^Row 4, column hours: found "1,5"/],
    ["an open quote", `${march}E3,"Cy,1,5,,\n`, /^Row 4, .*never closed/],
    [
      "invalid UTF-8 in row 7",
      Buffer.concat([Buffer.from(`${march}E3,C,1,1,,\nE4,D,1,1,,\nE5,E,1,1,,\nE6,`), Buffer.from([0xe9]), Buffer.from(",1,1,,\n")]),
      /^Row 7, column name: found bytes/,
    ],
    ["UTF-16", Buffer.from(`\ufeff${march}`, "utf16le"), /^Row 1: found UTF-16/],
    ["a renamed xlsx", Buffer.from("PK\x03\x04...."), /^Row 1: found a zip archive/],
    ["nothing", "", /^Row 1: the file is empty/],
  ] as [string, string | Buffer, RegExp][]) {
    it(`stores nothing of ${title}`, async () => {
      const { buckets, run } = await runPayroll(file);
      const error = await rejectionOf(run());
      expect(error).to.be.instanceOf(BadPayroll);
      expect((error as Error).message).to.match(message);
      expect([...buckets.processed.keys, ...buckets.paystubs.keys, ...buckets.reports.keys]).to.deep.equal([]);
    });
  }

  it("refuses files that are not named .csv", async () => {
    const { run } = await runPayroll(march, "march.xlsx");
    expect(await rejectionOf(run())).to.be.instanceOf(BadPayroll);
  });

  it("fails with UploadGone if the upload is gone", async () => {
    const { buckets, run } = await runPayroll(march);
    buckets.raw.objects.clear();
    expect(await rejectionOf(run())).to.be.instanceOf(UploadGone);
  });

  it("leaves the paystubs and the report to a newer file of the same name", async () => {
    const { buckets, run } = await runPayroll(march);
    const { state } = await run();
    buckets.raw.eTags.set("march.csv", "newer");
    for (const bucket of [buckets.paystubs, buckets.reports]) bucket.objects.clear();
    const { raw, processed, paystubs, reports } = buckets;
    const { key, eTag, uploadedAt, processData } = state;
    const made = { key, eTag, uploadedAt, rows: processData.key, range: processData.ranges[0]! };
    for (const late of [
      () => new GeneratePaystubs(raw, processed, paystubs, { employer: "", currency: "USD" }).handle(made),
      () => new Rollup(raw, processed, paystubs).handle(state),
      () => new GenerateReport(raw, processed, reports, { currency: "USD" }).handle(state),
    ]) {
      const error = await rejectionOf(late());
      expect(error).to.be.instanceOf(UploadGone);
      expect((error as Error).message).to.equal("The object march.csv was replaced by a newer one, whose run takes over.");
    }
    expect([...paystubs.keys, ...reports.keys]).to.deep.equal([]);
  });

  it("takes 10,000 employees in ranges that an execution's state holds", async () => {
    const rows = Array.from({ length: 10_000 }, (_, n) => `E${n},Employee ${n} ü,${n % 200}.25,20.10,,0.1`);
    const { buckets } = await runPayroll(`${HEADER}\n${rows.join("\n")}`);
    const processData = await new ProcessData(buckets.raw, buckets.processed).handle(buildUpload());
    const { ranges, employees, key } = processData;
    expect(employees).to.equal(10_000);
    expect(ranges.map(range => range.employees)).to.deep.equal(Array(40).fill(EMPLOYEES_A_RANGE));
    expect(JSON.stringify(processData).length).to.be.below(10_000);
    const whole = buckets.processed.objects.get(key)!;
    const lines = ranges.flatMap(({ start, end }) =>
      String(whole.subarray(start, end + 1))
        .trimEnd()
        .split("\n"),
    );
    expect(lines.map(line => JSON.parse(line).employeeId)).to.deep.equal(rows.map((_, n) => `E${n}`));
    expect(ranges.at(-1)!.end).to.equal(whole.length - 1);
  });
});
