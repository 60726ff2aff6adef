/** Writes CSV (RFC 4180) that spreadsheets open without running anything in it. */

/** What spreadsheets take for the beginning of a formula. Source: https://owasp.org/www-community/attacks/CSV_Injection */
const FORMULA = /^[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/;
const SPECIAL = /[",\r\n]/;

/** Builds one cell: a leading apostrophe makes text of a would-be formula; quotes where the format needs them. */
const buildCell = (value: string): string => {
  const text = FORMULA.test(value) ? `'${value}` : value;
  return SPECIAL.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
};

/** Builds one row with its line end. */
const buildCsvRow = (cells: readonly string[]): string => `${cells.map(buildCell).join(",")}\r\n`;

export { buildCsvRow };
