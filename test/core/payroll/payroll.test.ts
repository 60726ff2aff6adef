import { thrownBy } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import fc from "fast-check";
import { BadPayroll } from "#core/errors";
import { buildNoTotals, buildPay, buildTotals, type Employee, MAX_EMPLOYEES, PayrollRows } from "#core/payroll/payroll";

const bytes = (cells: readonly (string | Buffer)[]) => cells.map(cell => Buffer.from(cell as string));
const header = ["employee_id", "name", "hours", "hourly_rate"];

/** Takes the header, then rows from row 2 on. */
const take = (rows: readonly (readonly (string | Buffer)[])[], columns: readonly string[] = header) => {
  const payroll = new PayrollRows();
  payroll.take(bytes(columns), 1);
  return rows.map((cells, index) => payroll.take(bytes(cells), index + 2));
};

const employee = (overrides: Partial<Employee> = {}): Employee => ({
  employeeId: "E1",
  name: "Ann Lee",
  hoursHundredths: 4000,
  overtimeHundredths: 0,
  rateCents: 2000,
  taxTenThousandths: 0,
  ...overrides,
});

describe("payroll", () => {
  describe("pay", () => {
    const cases: [title: string, employee: Partial<Employee>, gross: number, tax: number, net: number][] = [
      ["40 h at 20.00", {}, 80_000, 0, 80_000],
      ["overtime at one and a half", { overtimeHundredths: 1000 }, 110_000, 0, 110_000],
      ["tax of a fifth", { taxTenThousandths: 2000 }, 80_000, 16_000, 64_000],
      ["all of it as tax", { taxTenThousandths: 10_000 }, 80_000, 80_000, 0],
      // 0.25 h x 0.02 = 0.005, half a cent.
      ["half a cent up", { hoursHundredths: 25, rateCents: 2 }, 1, 0, 1],
      // 0.24 h x 0.02 = 0.0048.
      ["less than half a cent down", { hoursHundredths: 24, rateCents: 2 }, 0, 0, 0],
      // 0.01 h x 1.5 x 0.33 = 0.00495: each line by itself.
      ["overtime of less than half a cent", { hoursHundredths: 0, overtimeHundredths: 1, rateCents: 33 }, 0, 0, 0],
      ["overtime of half a cent", { hoursHundredths: 0, overtimeHundredths: 1, rateCents: 34 }, 1, 0, 1],
      ["nothing", { hoursHundredths: 0 }, 0, 0, 0],
    ];
    for (const [title, overrides, grossCents, taxCents, netCents] of cases) {
      it(`pays ${title}`, () => expect(buildPay(employee(overrides))).to.include({ grossCents, taxCents, netCents }));
    }

    it("adds up to the cent for everybody", () => {
      const anybody = fc.record({
        hoursHundredths: fc.nat({ max: 99_999 }),
        overtimeHundredths: fc.nat({ max: 99_999 }),
        rateCents: fc.nat({ max: 9_999_999 }),
        taxTenThousandths: fc.nat({ max: 10_000 }),
      });
      fc.assert(
        fc.property(anybody, overrides => {
          const pay = buildPay(employee(overrides));
          expect(pay.regularCents + pay.overtimeCents).to.equal(pay.grossCents);
          expect(pay.netCents + pay.taxCents).to.equal(pay.grossCents);
          expect(pay.netCents).to.be.at.least(0);
          for (const cents of [pay.regularCents, pay.overtimeCents, pay.taxCents]) expect(Number.isSafeInteger(cents)).to.equal(true);
        }),
      );
    });

    it("stays exact for the largest file of the largest rows", () => {
      const most = buildPay(employee({ hoursHundredths: 99_999, overtimeHundredths: 99_999, rateCents: 9_999_999 }));
      expect(most.grossCents * MAX_EMPLOYEES).to.be.below(Number.MAX_SAFE_INTEGER);
    });

    it("sums up", () => {
      const totals = [employee(), employee({ overtimeHundredths: 100 })].map(buildPay).reduce(buildTotals, buildNoTotals());
      expect(totals).to.deep.equal({
        employees: 2,
        hoursHundredths: 8000,
        overtimeHundredths: 100,
        regularCents: 160_000,
        overtimeCents: 3000,
        grossCents: 163_000,
        taxCents: 0,
        netCents: 163_000,
      });
    });
  });

  describe("rows", () => {
    it("reads the four columns; optional ones are 0", () => {
      expect(take([["E1", "Ann Lee", "40", "20.00"]])).to.deep.equal([buildPay(employee())]);
    });

    it("reads columns in any order and case, and empty optional cells as 0", () => {
      const columns = ["Tax_Rate", " hours ", "name", "EMPLOYEE_ID", "overtime_hours", "hourly_rate"];
      expect(take([["0.25", "40", "Ann Lee", "E1", "", "20"]], columns)).to.deep.equal([buildPay(employee({ taxTenThousandths: 2500 }))]);
    });

    it("puts a name with line breaks on one line", () => {
      expect(take([["E1", " Ann\r\n  Lee ", "40", "20"]])[0]).to.include({ name: "Ann Lee" });
    });

    it("accepts letters of any script", () => expect(take([["E1", "名 🎉 Ñ", "40", "20"]])[0]).to.include({ name: "名 🎉 Ñ" }));

    it("skips empty rows, even before the header, and counts them", () => {
      const payroll = new PayrollRows();
      const rows = [["", ""], header, ["E1", "Ann", "40", "20"], [" ", "\u00a0", "", "", "", ""], ["E2", "Ben", "x", "20"]];
      const taken = rows.slice(0, 4).map((cells, index) => payroll.take(bytes(cells), index + 1)?.employeeId);
      expect(taken).to.deep.equal([undefined, undefined, "E1", undefined]);
      expect(String(thrownBy(() => payroll.take(bytes(rows[4]!), 5)))).to.include("Row 5, column hours");
    });

    it("skips empty columns", () => {
      const columns = ["employee_id", "", "name", "hours", "hourly_rate", "", ""];
      const [pay] = take([["E1", "", "Ann", "40.", ".5", "", "", "", ""]], columns);
      expect(pay).to.include({ employeeId: "E1", name: "Ann", hoursHundredths: 4000, rateCents: 50 });
      const error = String(thrownBy(() => take([["E1", "x", "Ann", "40", "20"]], columns)));
      expect(error).to.include('Row 2, column 2: found "x" in a column that the header does not name');
    });

    const refused: [title: string, rows: (string | Buffer)[][], message: RegExp][] = [
      ["a comma in hours", [["E1", "Ann", "1,5", "20"]], /^Row 2, column hours: found "1,5", but hours must be from 0 to 999\.99/],
      ["an exponent", [["E1", "Ann", "1e3", "20"]], /column hours: found "1e3"/],
      ["a negative number", [["E1", "Ann", "-1", "20"]], /column hours: found "-1"/],
      ["NaN", [["E1", "Ann", "NaN", "20"]], /column hours: found "NaN"/],
      ["no hours", [["E1", "Ann", "", "20"]], /column hours: found ""/],
      ["too many hours", [["E1", "Ann", "1000", "20"]], /column hours: found "1000"/],
      ["three decimals", [["E1", "Ann", "1.005", "20"]], /column hours: found "1\.005"/],
      ["a rate with a currency", [["E1", "Ann", "1", "$20"]], /^Row 2, column hourly_rate: found "\$20", but the rate must be/],
      ["no name", [["E1", "  ", "1", "20"]], /column name: found ""/],
      ["a long name", [["E1", "x".repeat(201), "1", "20"]], /column name: found "x{60}\.\.\."/],
      ["an id that leads elsewhere", [["../x", "Ann", "1", "20"]], /column employee_id: found "\.\.\/x"/],
      ["an id with a slash", [["a/b", "Ann", "1", "20"]], /column employee_id/],
      ["a long id", [["x".repeat(65), "Ann", "1", "20"]], /column employee_id/],
      [
        "an id twice",
        [
          ["E1", "Ann", "1", "20"],
          ["e1", "Bob", "1", "20"],
        ],
        /^Row 3, column employee_id: found "e1" again; row 2 has the same id/,
      ],
      ["a short row", [["E1", "Ann", "1"]], /^Row 2, column hourly_rate: found nothing, because the row ends after 3 cells/],
      ["a long row", [["E1", "Ann", "1", "20", "x"]], /^Row 2, column 5: found "x" where the header has only 4 columns/],
      ["bytes that are not UTF-8", [["E1", Buffer.from([0x41, 0xff]), "1", "20"]], /^Row 2, column name: found bytes that are not UTF-8/],
      ["a zero byte", [["E1", "A\0nn", "1", "20"]], /^Row 2, column name: found a zero byte/],
      [
        "an error in the sixth employee",
        [...Array.from({ length: 5 }, (_, n) => [`E${n}`, "Ann", "1", "20"]), ["E9", "Ann", "x", "20"]],
        /^Row 7, column hours/,
      ],
    ];
    for (const [title, rows, message] of refused) {
      it(`refuses ${title}`, () => {
        const error = thrownBy(() => take(rows)) as BadPayroll;
        expect(error).to.be.instanceOf(BadPayroll);
        expect(error.message).to.match(message);
      });
    }

    it("removes direction overrides and other invisible characters from names", () => {
      expect(take([["E1", "\u202EAnn\u200B \u2066Lee\uFEFF", "40", "20"]])[0]).to.include({ name: "Ann Lee" });
    });

    it("adds the position to the error's context", () => {
      const error = thrownBy(() => take([["E1", "Ann", "1,5", "20"]])) as BadPayroll;
      expect(error.context).to.deep.equal({ row: 2, column: "hours" });
    });

    for (const rate of ["1.1", "2", "-0.1", "20%", "0.12345"]) {
      it(`refuses a tax rate of ${rate}`, () => {
        const error = thrownBy(() => take([["E1", "Ann", "1", "20", rate]], [...header, "tax_rate"])) as Error;
        expect(error.message).to.contain(`Row 2, column tax_rate: found "${rate}"`);
      });
    }

    for (const rate of ["0", "1", "1.0", "0.1234"]) {
      it(`accepts a tax rate of ${rate}`, () => expect(take([["E1", "Ann", "1", "20", rate]], [...header, "tax_rate"])).to.have.length(1));
    }
  });

  describe("header", () => {
    const refused: [title: string, columns: string[], message: RegExp][] = [
      ["none", ["E1", "Ann", "40", "20"], /^Row 1, column 1: found "E1", but the header may contain only employee_id, name/],
      ["a missing column", ["employee_id", "name", "hours"], /^Row 1, column hourly_rate: the header does not have this column/],
      ["a doubled column", [...header, "hours"], /^Row 1, column hours: the header has this column twice/],
      ["an unknown column", [...header, "overtime"], /^Row 1, column 5: found "overtime"/],
      ["semicolons", ["employee_id;name;hours;hourly_rate"], /^Row 1, column 1: found "employee_id;name;hours;hourly_rate"/],
    ];
    for (const [title, columns, message] of refused) {
      it(`refuses ${title}`, () => expect((thrownBy(() => take([], columns)) as Error).message).to.match(message));
    }
  });

  describe("end", () => {
    it("is reported with the number of the missing row, even below empty rows", () => {
      const payroll = new PayrollRows();
      for (const [index, cells] of [[""], header, ["", ""]].entries()) payroll.take(bytes(cells), index + 1);
      expect((thrownBy(() => payroll.end()) as Error).message).to.match(/^Row 4: the file has no employees/);
    });

    it("refuses an empty file", () => expect(thrownBy(() => new PayrollRows().end())).to.be.instanceOf(BadPayroll));

    it("refuses a header without employees", () => {
      const rows = new PayrollRows();
      rows.take(bytes(header), 1);
      expect((thrownBy(() => rows.end()) as Error).message).to.match(/^Row 2: the file has no employees/);
    });

    it("accepts 100,000 employees and refuses one more", () => {
      const rows = new PayrollRows();
      rows.take(bytes(header), 1);
      for (let n = 1; n <= MAX_EMPLOYEES; n += 1) rows.take(bytes([`E${n}`, "A", "1", "1"]), n + 1);
      rows.end();
      expect(rows.employees).to.equal(MAX_EMPLOYEES);
      expect((thrownBy(() => rows.take(bytes(["X", "A", "1", "1"]), 100_002)) as Error).message).to.contain("more than 100000 employees");
    });
  });
});
