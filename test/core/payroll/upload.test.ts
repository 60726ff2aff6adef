import { thrownBy } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { BadPayroll } from "#core/errors";
import { buildExecutionName } from "#core/execution-name";
import { buildPaystubKey, buildReportKey, buildRollupKey, buildRowsKey } from "#core/payroll/upload";

describe("payroll-upload", () => {
  it("derives every key from the upload's key", () => {
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
    it(`hashes a name with ${what}`, () => {
      const keys = [buildPaystubKey(key, "x".repeat(64)), buildRollupKey(key), buildRowsKey({ key, run: "r".repeat(80) })];
      for (const made of keys) expect(made).to.match(/^upload-[0-9a-f]{64}\/[\w.]+$/);
    });
  }

  it("gives each such name keys of its own", () => {
    expect(new Set(odd.map(([, key]) => buildRollupKey(key))).size).to.equal(odd.length);
  });

  it("keeps safe names of any script", () => {
    expect(buildRollupKey("2026/зарплата março.v2.csv")).to.equal("2026/зарплата março.v2/rollup.csv");
  });

  it("quotes a refused name safely", () => {
    expect((thrownBy(() => buildRollupKey("m\u202Excsv.exe\0")) as Error).message).not.to.match(/[\p{Cc}\p{Cf}]/u);
  });

  it("builds valid S3 keys from the longest name", () => {
    const key = `${"x".repeat(900)}.csv`;
    expect(buildRowsKey({ key, run: "r".repeat(80) }).length).to.be.at.most(1024);
    expect(buildPaystubKey(key, "e".repeat(64)).length).to.be.at.most(1024);
  });
});

describe("execution-name", () => {
  it("is the same for the same work, and differs for other work", () => {
    expect(buildExecutionName("a", "b")).to.equal(buildExecutionName("a", "b"));
    expect(buildExecutionName("a", "b")).not.to.equal(buildExecutionName("ab"));
    expect(buildExecutionName("a", "b")).not.to.equal(buildExecutionName("b", "a"));
  });

  it("is valid for Step Functions", () => expect(buildExecutionName("ü/", "x".repeat(2000))).to.match(/^[0-9a-f]{64}$/));
});
