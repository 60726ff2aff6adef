import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { UploadGone } from "#core/errors";
import { GenerateReport } from "#functions/payroll/generate-report";
import { MemoryBucket } from "../memory-bucket";
import { buildPay, buildRows, buildState } from "./uploads";

describe("generate-report", () => {
  const run = (isReplaced = false, employees = 2) => {
    const rows = buildRows(...Array.from({ length: employees }, (_, index) => buildPay({ employeeId: `E${index}` })));
    const reports = new MemoryBucket();
    const processed = new MemoryBucket({ "march/run1.ndjson": rows });
    const task = new GenerateReport({ isReplaced: sinon.stub().resolves(isReplaced) }, processed, reports, { currency: "USD" });
    return { reports, result: () => task.handle(buildState(employees)) };
  };

  it("adds up all rows, for people and for programs", async () => {
    const { reports, result } = run();
    expect(await result()).to.include({ html: "march/report.html", json: "march/report.json" });
    expect(JSON.parse(reports.text("march/report.json"))).to.include({ employees: 2, grossCents: 816_000, netCents: 652_800 });
    expect(reports.descriptions.get("march/report.html")).to.deep.equal({ contentType: "text/html; charset=utf-8" });
  });

  it("reports that payroll is complete, with the file and its totals", async () => {
    const { notice } = await run().result();
    expect(notice.subject).to.equal("Payroll process complete");
    expect(notice.text).to.match(
      /^Payroll process complete\. The file march\.csv: 2 employees, gross 8,?160\.00 USD, net 6,?528\.00 USD\.$/,
    );
    expect(JSON.parse(notice.details)).to.deep.include({ id: "run1#success", outcome: "success" });
  });

  it("counts one employee as one", async () => {
    expect((await run(false, 1).result()).notice.message).to.include(": 1 employee, ");
  });

  it("leaves the report to the run of a newer file", async () => {
    const { reports, result } = run(true);
    expect(await rejectionOf(result())).to.be.instanceOf(UploadGone);
    expect(reports.keys).to.deep.equal([]);
  });
});
