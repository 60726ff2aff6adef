import { expect } from "chai";
import { buildHtmlReport, buildJsonReport, type Report } from "#core/payroll/report";

const report: Report = {
  file: "march.csv",
  currency: "USD",
  employees: 2,
  hoursHundredths: 24_025,
  overtimeHundredths: 1000,
  regularCents: 648_750,
  overtimeCents: 38_250,
  grossCents: 687_000,
  taxCents: 89_250,
  netCents: 597_750,
  netAmounts: [357_000, 240_750],
};

describe("payroll-report", () => {
  it("is JSON of totals for programs, in whole cents", () => {
    const { netAmounts, ...totals } = report;
    expect(JSON.parse(buildJsonReport(report))).to.deep.equal(totals);
  });

  it("is a page of amounts for people, with a chart", () => {
    const html = buildHtmlReport(report);
    for (const shown of ["march.csv", "240.25", "6870.00 USD", "5977.50 USD", "<svg"])
      expect(html.replace(/(\d),(?=\d{3})/g, "$1"), shown).to.include(shown);
  });

  it("has no scripts and external resources, whatever the name of the file", () => {
    const html = buildHtmlReport({ ...report, file: `<script src="//example.com">&'` });
    expect(html).to.include("&lt;script src=&quot;//example.com&quot;&gt;&amp;&#39;");
    expect(html).not.to.match(/<script|<link|<img|url\(/);
    expect(html).to.include("default-src 'none'");
  });
});
