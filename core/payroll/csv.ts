/** Builds CSV (RFC 4180) in which spreadsheets find no formulas. */

/** Characters with which spreadsheets begin a formula. Source: https://owasp.org/www-community/attacks/CSV_Injection */
const FORMULA = /^[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/;
const SPECIAL = /[",\r\n]/;

/** Builds a cell. A leading apostrophe turns a formula into text. */
const buildCell = (value: string): string => {
  const text = FORMULA.test(value) ? `'${value}` : value;
  return SPECIAL.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
};

/** Builds a row with its line end. */
const buildCsvRow = (cells: readonly string[]): string => `${cells.map(buildCell).join(",")}\r\n`;

export { buildCsvRow };
