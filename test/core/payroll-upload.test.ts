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

  const odd: [what: string, key: string][] = [
    ["a way out of the bucket's folder", "../../etc/x.csv"],
    ["dots inside", "2026/../march.csv"],
    ["a dot alone", "./march.csv"],
    ["a leading slash", "/march.csv"],
    ["an empty part", "2026//march.csv"],
    ["backslashes", "..\\march.csv"],
    ["a direction override", "march\u202evsc.csv"],
    ["a zero byte", "march\0.csv"],
    ["a line break", "march\n.csv"],
    ["more bytes than keys can hold", `${"ü".repeat(451)}.csv`],
  ];
  for (const [what, key] of odd) {
    it(`refuses a name with ${what}, and quotes it harmlessly`, () => {
      const error = thrownBy(() => buildRollupKey(key)) as Error;
      expect(error).to.be.instanceOf(BadPayroll);
      expect(error.message).not.to.match(/[\p{Cc}\p{Cf}]/u);
    });
  }

  it("makes keys that S3 takes of the longest name", () => {
    const key = `${"x".repeat(900)}.csv`;
    expect(buildRowsKey({ key, run: "r".repeat(80) }).length).to.be.at.most(1024);
    expect(buildPaystubKey(key, "e".repeat(64)).length).to.be.at.most(1024);
  });
});

describe("execution-name", () => {
  it("is the same for the same work, and another for any other", () => {
    expect(buildExecutionName("a", "b")).to.equal(buildExecutionName("a", "b"));
    expect(buildExecutionName("a", "b")).not.to.equal(buildExecutionName("ab"));
    expect(buildExecutionName("a", "b")).not.to.equal(buildExecutionName("b", "a"));
  });

  it("is a name that Step Functions takes", () => expect(buildExecutionName("ü/", "x".repeat(2000))).to.match(/^[0-9a-f]{64}$/));
});
