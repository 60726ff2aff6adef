/** The rules of payroll: the format of the file, and the calculation of pay. */
import { BadPayroll } from "#core/errors";
import { divideHalfUp, parseDecimal } from "#core/payroll/money";
import { buildQuote } from "#core/quote";
import { buildShownName } from "#core/shown-name";

/** An employee's row, in integers: hours in hundredths, the rate in cents per hour, the tax rate in ten-thousandths. */
interface Employee {
  employeeId: string;
  name: string;
  hoursHundredths: number;
  overtimeHundredths: number;
  rateCents: number;
  taxTenThousandths: number;
}

/** The pay of an employee. Each amount is rounded half up by itself, so that the lines of a paystub add up. */
interface Pay extends Employee {
  regularCents: number;
  overtimeCents: number;
  grossCents: number;
  taxCents: number;
  netCents: number;
}

/** Sums over all employees of a file. */
interface Totals {
  employees: number;
  hoursHundredths: number;
  overtimeHundredths: number;
  regularCents: number;
  overtimeCents: number;
  grossCents: number;
  taxCents: number;
  netCents: number;
}

/** A position in a file. The header is row 1, as in spreadsheets. */
interface Place {
  row: number;
  column?: string;
}

/** Overtime is paid at one and a half times the rate: 3 / 2. */
const OVERTIME_NUMERATOR = 3;
const OVERTIME_DENOMINATOR = 2;

/**
 * With these limits the sums of 100,000 rows stay exact: 999.99 h x 99,999.99 x 2.5 is 2.5e10 cents a row, 2.5e15 in all, and integers are
 * exact up to 9e15.
 */
const HOURS_DIGITS = 3;
const RATE_DIGITS = 5;
const MAX_EMPLOYEES = 100_000;

const MAX_NAME_CHARACTERS = 200;
// The id becomes part of S3 keys. It must begin with a letter or digit, which excludes "." and "..".
const EMPLOYEE_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const HOURS = "but hours must be from 0 to 999.99 with at most two decimals, such as 37.5";
const RATE = "but the rate must be from 0 to 99999.99 with at most two decimals, such as 21.50";
const TAX_RATE = "but the tax rate must be from 0 to 1 with at most four decimals, such as 0.2";

const REQUIRED_COLUMNS = ["employee_id", "name", "hours", "hourly_rate"] as const;
const OPTIONAL_COLUMNS = ["overtime_hours", "tax_rate"] as const;
const COLUMNS = [...REQUIRED_COLUMNS, ...OPTIONAL_COLUMNS];
type Column = (typeof COLUMNS)[number];

const isColumn = (name: string): name is Column => COLUMNS.some(column => column === name);

/** Builds an error with the position, the value found and the required format. */
const buildProblem = ({ row, column }: Place, rest: string): BadPayroll =>
  new BadPayroll(column === undefined ? `Row ${row}: ${rest}.` : `Row ${row}, column ${column}: ${rest}.`, { context: { row, column } });

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Decodes a cell. Throws `BadPayroll` if it is not UTF-8. */
const decodeCell = (bytes: Uint8Array, place: Place): string => {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch (cause) {
    throw new BadPayroll(buildProblem(place, "found bytes that are not UTF-8; save the file as CSV with UTF-8").message, {
      cause,
      context: { ...place },
    });
  }
  if (text.includes("\0")) throw buildProblem(place, "found a zero byte, which text never contains; save the file as CSV with UTF-8");
  return text.trim();
};

/** The file's columns in order. Undefined marks a column without a name, as spreadsheets leave them; its cells must be empty. */
type Header = readonly (Column | undefined)[];

/** Parses the header. Throws `BadPayroll` for missing, repeated and unknown columns. */
const parseHeader = (cells: readonly Uint8Array[], row: number): Header => {
  const columns = cells.map((cell, index) => {
    const place = { row, column: String(index + 1) };
    const name = decodeCell(cell, place);
    const column = name.toLowerCase();
    if (name === "") return undefined;
    if (isColumn(column)) return column;
    throw buildProblem(place, `found ${buildQuote(name)}, but the header may contain only ${COLUMNS.join(", ")}`);
  });
  const named = columns.filter(column => column !== undefined);
  const doubled = named.find((name, index) => named.indexOf(name) !== index);
  if (doubled !== undefined) throw buildProblem({ row, column: doubled }, "the header has this column twice");
  const missing = REQUIRED_COLUMNS.find(column => !named.includes(column));
  if (missing !== undefined)
    throw buildProblem({ row, column: missing }, `the header does not have this column; it must contain ${REQUIRED_COLUMNS.join(", ")}`);
  return columns;
};

/** Reads a row's cells by the header. Throws `BadPayroll` if the row is too short, or has a value outside the header's columns. */
const readCells = (header: Header, cells: readonly Uint8Array[], row: number): Map<Column, string> => {
  const read = new Map<Column, string>();
  for (const [index, cell] of cells.entries()) {
    const column = header[index];
    const place = { row, column: column ?? String(index + 1) };
    const text = decodeCell(cell, place);
    if (column !== undefined) read.set(column, text);
    else if (text !== "") {
      const where =
        index < header.length ? "in a column that the header does not name" : `where the header has only ${header.length} columns`;
      throw buildProblem(place, `found ${buildQuote(text)} ${where}`);
    }
  }
  const missing = header.find(column => column !== undefined && !read.has(column));
  if (missing !== undefined)
    throw buildProblem({ row, column: missing }, `found nothing, because the row ends after ${cells.length} cells`);
  return read;
};

/** Tells whether a row is empty. Spreadsheets write empty rows for cells that were used before. */
const isBlank = (cells: readonly Uint8Array[], row: number): boolean =>
  cells.every((cell, index) => decodeCell(cell, { row, column: String(index + 1) }) === "");

/** Parses a row. Throws `BadPayroll` with row, column, the value found and the required format. */
const parseEmployee = (header: Header, rawCells: readonly Uint8Array[], row: number): Employee => {
  const cells = readCells(header, rawCells, row);
  const read = <T>(column: Column, parse: (text: string) => T | undefined, rule: string, absent?: T): T => {
    const text = cells.get(column);
    if ((text === undefined || text === "") && absent !== undefined) return absent;
    const value = parse(text ?? "");
    if (value === undefined) throw buildProblem({ row, column }, `found ${buildQuote(text ?? "")}, ${rule}`);
    return value;
  };
  return {
    employeeId: read("employee_id", parseEmployeeId, "but an id must be 1 to 64 letters, digits, dots, hyphens or underscores"),
    name: read("name", parseName, `but a name must have 1 to ${MAX_NAME_CHARACTERS} characters`),
    hoursHundredths: read("hours", text => parseDecimal(text, HOURS_DIGITS, 2), HOURS),
    overtimeHundredths: read("overtime_hours", text => parseDecimal(text, HOURS_DIGITS, 2), HOURS, 0),
    rateCents: read("hourly_rate", text => parseDecimal(text, RATE_DIGITS, 2), RATE),
    taxTenThousandths: read("tax_rate", parseTaxRate, TAX_RATE, 0),
  };
};

const parseEmployeeId = (text: string): string | undefined => (EMPLOYEE_ID.test(text) ? text : undefined);

const parseTaxRate = (text: string): number | undefined => {
  const rate = parseDecimal(text, 1, 4);
  return rate === undefined || rate > 10_000 ? undefined : rate;
};

/** Parses a name: on one line (line breaks inside quotes become spaces), without invisible characters. */
const parseName = (text: string): string | undefined => {
  const name = buildShownName(text.replace(/[\s\p{Cc}]+/gu, " "));
  const { length } = Array.from(name);
  return length >= 1 && length <= MAX_NAME_CHARACTERS ? name : undefined;
};

const buildPay = (employee: Employee): Pay => {
  const { hoursHundredths, overtimeHundredths, rateCents, taxTenThousandths } = employee;
  const regularCents = divideHalfUp(hoursHundredths * rateCents, 100);
  const overtimeCents = divideHalfUp(overtimeHundredths * rateCents * OVERTIME_NUMERATOR, 100 * OVERTIME_DENOMINATOR);
  const grossCents = regularCents + overtimeCents;
  const taxCents = divideHalfUp(grossCents * taxTenThousandths, 10_000);
  return { ...employee, regularCents, overtimeCents, grossCents, taxCents, netCents: grossCents - taxCents };
};

const buildNoTotals = (): Totals => ({
  employees: 0,
  hoursHundredths: 0,
  overtimeHundredths: 0,
  regularCents: 0,
  overtimeCents: 0,
  grossCents: 0,
  taxCents: 0,
  netCents: 0,
});

/** Adds an employee to the totals. */
const buildTotals = (totals: Totals, pay: Pay): Totals => ({
  employees: totals.employees + 1,
  hoursHundredths: totals.hoursHundredths + pay.hoursHundredths,
  overtimeHundredths: totals.overtimeHundredths + pay.overtimeHundredths,
  regularCents: totals.regularCents + pay.regularCents,
  overtimeCents: totals.overtimeCents + pay.overtimeCents,
  grossCents: totals.grossCents + pay.grossCents,
  taxCents: totals.taxCents + pay.taxCents,
  netCents: totals.netCents + pay.netCents,
});

/** Reads a file row by row: the header first, then the employees, each once. */
class PayrollRows {
  #header: Header | undefined;
  #lastRow = 0;
  readonly #rows = new Map<string, number>();

  /** The number of employees so far. */
  get employees(): number {
    return this.#rows.size;
  }

  /** Reads the next row. Returns the pay of its employee; undefined for the header and empty rows. Throws `BadPayroll`. */
  take(cells: readonly Uint8Array[], row: number): Pay | undefined {
    this.#lastRow = row;
    if (isBlank(cells, row)) return undefined;
    if (this.#header === undefined) {
      this.#header = parseHeader(cells, row);
      return undefined;
    }
    const employee = parseEmployee(this.#header, cells, row);
    const place = { row, column: "employee_id" };
    // The id is the key of the paystub, and some file systems ignore case.
    const id = employee.employeeId.toLowerCase();
    const earlier = this.#rows.get(id);
    if (earlier !== undefined) throw buildProblem(place, `found ${buildQuote(employee.employeeId)} again; row ${earlier} has the same id`);
    this.#rows.set(id, row);
    if (this.employees > MAX_EMPLOYEES) throw buildProblem(place, `found more than ${MAX_EMPLOYEES} employees; split the file`);
    return buildPay(employee);
  }

  /** Throws `BadPayroll` if the file has no employees. */
  end(): void {
    if (this.#header === undefined)
      throw buildProblem({ row: 1 }, `the file is empty; it must begin with a header that contains ${REQUIRED_COLUMNS.join(", ")}`);
    if (this.employees === 0) throw buildProblem({ row: this.#lastRow + 1 }, "the file has no employees");
  }
}

export type { Employee, Pay, Totals };
export { buildNoTotals, buildPay, buildProblem, buildTotals, MAX_EMPLOYEES, PayrollRows };
