import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { UploadGone } from "#core/errors";
import { Rollup } from "#functions/payroll/rollup";
import { MemoryBucket } from "../memory-bucket";
import { buildPay, buildRows, buildState } from "./uploads";

describe("rollup", () => {
  const run = (isReplaced: boolean) => {
    const rows = buildRows(buildPay(), buildPay({ employeeId: "E2", name: "=HYPERLINK(1)" }));
    const paystubs = new MemoryBucket();
    const rawData = { isReplaced: sinon.stub().resolves(isReplaced) };
    const task = new Rollup(rawData, new MemoryBucket({ "march/run1.ndjson": rows }), paystubs);
    return { rawData, paystubs, result: () => task.handle(buildState(2)) };
  };

  it("writes a row for each employee beside the paystubs, in decimals", async () => {
    const { paystubs, result } = run(false);
    expect(await result()).to.deep.equal({ key: "march/rollup.csv" });
    expect(paystubs.text("march/rollup.csv").split("\r\n").slice(0, 2)).to.deep.equal([
      "employee_id,name,hours,overtime_hours,hourly_rate,tax_rate,regular,overtime,gross,tax,net",
      "E1,Ann Lee,160.00,0.00,25.50,0.2000,4080.00,0.00,4080.00,816.00,3264.00",
    ]);
    expect(paystubs.descriptions.get("march/rollup.csv")).to.deep.equal({ contentType: "text/csv; charset=utf-8" });
  });

  it("prevents names from becoming spreadsheet formulas", async () => {
    const { paystubs, result } = run(false);
    await result();
    expect(paystubs.text("march/rollup.csv")).not.to.match(/(^|,)"?=/m);
  });

  it("leaves the table to the run of a newer file", async () => {
    const { rawData, paystubs, result } = run(true);
    expect(await rejectionOf(result())).to.be.instanceOf(UploadGone);
    expect(paystubs.keys).to.deep.equal([]);
    sinon.assert.calledOnceWithExactly(rawData.isReplaced, "march.csv", "etag");
  });
});
