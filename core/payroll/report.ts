/** The payroll report: the totals of a file, as HTML for people and as JSON for programs. */
import { buildHistogram } from "#core/payroll/histogram";
import { buildAmount, buildDecimal } from "#core/payroll/money";
import type { Totals } from "#core/payroll/payroll";
import { buildShownName } from "#core/shown-name";

interface Report extends Totals {
  /** The key of the upload. */
  file: string;
  /** ISO 4217. */
  currency: string;
  /** Net pay of each employee, in cents, for the chart. */
  netAmounts: number[];
}

const HTML_ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, character => HTML_ESCAPES[character] ?? character);

/** Builds the report for programs: the totals, in cents and hundredths of hours. */
const buildJsonReport = ({ netAmounts, ...totals }: Report): string => `${JSON.stringify(totals, null, 2)}\n`;

/** Builds the report for people: a page without scripts and external resources. */
const buildHtmlReport = (report: Report): string => {
  const { currency, employees, netAmounts } = report;
  const file = escapeHtml(buildShownName(report.file));
  const rows: [name: string, value: string][] = [
    ["Employees", String(employees)],
    ["Hours", buildDecimal(report.hoursHundredths)],
    ["Overtime hours", buildDecimal(report.overtimeHundredths)],
    ["Regular pay", `${buildAmount(report.regularCents)} ${currency}`],
    ["Overtime pay", `${buildAmount(report.overtimeCents)} ${currency}`],
    ["Gross", `${buildAmount(report.grossCents)} ${currency}`],
    ["Tax", `${buildAmount(report.taxCents)} ${currency}`],
    ["Net", `${buildAmount(report.netCents)} ${currency}`],
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Payroll report: ${file}</title>
<style>
:root { color-scheme: light dark; font-family: system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 48rem; padding: 0 1rem; }
th { font-weight: normal; text-align: left; }
td { font-variant-numeric: tabular-nums; padding-left: 2rem; text-align: right; }
</style>
</head>
<body>
<h1>Payroll report</h1>
<p>${file}</p>
<table>
${rows.map(([name, value]) => `<tr><th scope="row">${name}</th><td>${value}</td></tr>`).join("\n")}
</table>
<h2>Net pay</h2>
${buildHistogram("Employees by net pay", netAmounts)}
</body>
</html>
`;
};

export type { Report };
export { buildHtmlReport, buildJsonReport };
