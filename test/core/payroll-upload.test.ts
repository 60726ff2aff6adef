import { expect } from "chai";
import { BadPayroll } from "#core/errors";
import { buildExecutionName } from "#core/execution-name";
import { buildPaystubKey, buildReportKey, buildRollupKey, buildRowsKey } from "#core/payroll-upload";
import { thrownBy } from "../thrown";

describe("payroll-upload", () => {
  it("derives every key from the upload's", () => {
    expect(buildPaystubKey("march.csv", "E1")).to.equal("march/E1.pdf");
    expect(buildRollupKey("march.csv")).to.equal("march/rollup.csv");
    expect(buildReportKey("march.csv", "html")).to.equal("march/report.html");
    expect(buildReportKey("2026/march.CSV", "json")).to.equal("2026/march/report.json");
    expect(buildRowsKey({ key: "march.csv", run: "abc" })).to.equal("march/abc.ndjson");
  });

  for (const key of ["march.xlsx", "march", ".csv", "2026/.csv", "march.csv.zip"]) {
    it(`refuses ${key}`, () => expect(thrownBy(() => buildRollupKey(key))).to.be.instanceOf(BadPayroll));
  }
});

describe("execution-name", () => {
  it("is the same for the same work, and another for any other", () => {
    expect(buildExecutionName("a", "b")).to.equal(buildExecutionName("a", "b"));
    expect(buildExecutionName("a", "b")).not.to.equal(buildExecutionName("ab"));
    expect(buildExecutionName("a", "b")).not.to.equal(buildExecutionName("b", "a"));
  });

  it("is a name that Step Functions takes", () => expect(buildExecutionName("ü/", "x".repeat(2000))).to.match(/^[0-9a-f]{64}$/));
});
