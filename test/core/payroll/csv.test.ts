import { expect } from "chai";
import { buildCsvRow } from "#core/payroll/csv";

describe("csv", () => {
  const cells: [value: string, cell: string][] = [
    ["plain", "plain"],
    ["", ""],
    ["a,b", '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ["two\nlines", '"two\nlines"'],
    ["=1+1", "'=1+1"],
    ["+1", "'+1"],
    ["-1", "'-1"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["\tx", "'\tx"],
    ["\rx", '"\'\rx"'],
    ["＝1", "'＝1"],
    ['=HYPERLINK("x","y")', '"\'=HYPERLINK(""x"",""y"")"'],
    ["a=b", "a=b"],
    ["12.50", "12.50"],
  ];
  for (const [value, cell] of cells) {
    it(`writes ${JSON.stringify(value)}`, () => expect(buildCsvRow([value])).to.equal(`${cell}\r\n`));
  }

  it("writes a row", () => expect(buildCsvRow(["E1", "Lee, Ann", "1.00"])).to.equal('E1,"Lee, Ann",1.00\r\n'));
});
