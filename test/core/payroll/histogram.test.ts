import { expect } from "chai";
import fc from "fast-check";
import { buildBars, buildHistogram } from "#core/payroll/histogram";
import { buildNoTotals } from "#core/payroll/payroll";
import { buildHtmlReport, buildJsonReport, type Report } from "#core/payroll/report";

const report = (overrides: Partial<Report> = {}): Report => ({
  file: "march.csv",
  currency: "USD",
  ...buildNoTotals(),
  employees: 2,
  grossCents: 123_456,
  netCents: 100_000,
  netAmounts: [40_000, 60_000],
  ...overrides,
});

describe("histogram", () => {
  it("counts every amount once, in at most 21 bars of equal round width", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 25_000_000_000 }), { minLength: 1 }), amounts => {
        const bars = buildBars(amounts);
        expect(bars.reduce((sum, { count }) => sum + count, 0)).to.equal(amounts.length);
        expect(bars.length).to.be.at.most(21);
        for (const { from, to } of bars) {
          expect(String(to - from)).to.match(/^[125]0*$/);
          expect(from % (to - from)).to.equal(0);
        }
      }),
    );
  });

  it("accepts equal amounts and no amounts", () => {
    expect(buildBars([500, 500])).to.deep.equal([{ from: 500, to: 501, count: 2 }]);
    expect(buildBars([])).to.deep.equal([]);
  });

  it("accepts 100,000 amounts", () => {
    const bars = buildBars(Array.from({ length: 100_000 }, (_, index) => index));
    expect(bars.reduce((sum, { count }) => sum + count, 0)).to.equal(100_000);
  });

  it("draws without NaN", () => {
    expect(buildHistogram("Net", [1, 2, 3]))
      .to.match(/^<svg .*<\/svg>$/)
      .and.not.match(/NaN|Infinity|undefined/);
    expect(buildHistogram("Net", [])).not.to.match(/NaN|Infinity|undefined/);
  });
});

describe("payroll-report", () => {
  it("writes totals for programs, without everybody's pay", () => {
    const json = JSON.parse(buildJsonReport(report()));
    expect(json).to.include({ file: "march.csv", currency: "USD", employees: 2, grossCents: 123_456, netCents: 100_000 });
    expect(json).not.to.have.property("netAmounts");
  });

  it("writes totals and a chart for people", () => {
    const html = buildHtmlReport(report());
    expect(html).to.contain("1,234.56 USD").and.contain("<svg ").and.contain("march.csv");
  });

  it("escapes the file's name", () => {
    const html = buildHtmlReport(report({ file: `<script>"&'.csv` }));
    expect(html).to.contain("&lt;script&gt;&quot;&amp;&#39;.csv").and.not.contain("<script>");
  });
});
