import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { BadPayroll } from "#core/errors";
import { readRows } from "../../../functions/payroll/csv-rows";

async function* chunksOf(bytes: Buffer, size: number) {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

const read = async (file: string | Buffer, size = 1024) => {
  const rows: [row: number, ...cells: string[]][] = [];
  for await (const { row, cells } of readRows(chunksOf(Buffer.from(file as string), size))) rows.push([row, ...cells.map(String)]);
  return rows;
};

const utf16 = Buffer.from("\ufeffemployee_id,name\n", "utf16le");

describe("csv-rows", () => {
  const taken: [title: string, file: string, rows: [number, ...string[]][]][] = [
    [
      "LF, and no last newline",
      "a,b\n1,2",
      [
        [1, "a", "b"],
        [2, "1", "2"],
      ],
    ],
    [
      "CRLF",
      "a,b\r\n1,2\r\n",
      [
        [1, "a", "b"],
        [2, "1", "2"],
      ],
    ],
    [
      "CR",
      "a,b\r1,2\r",
      [
        [1, "a", "b"],
        [2, "1", "2"],
      ],
    ],
    ["a byte-order mark", "\ufeffa,b\n", [[1, "a", "b"]]],
    ["a byte-order mark before a quote", '\ufeff"a",b\n', [[1, "a", "b"]]],
    [
      "line breaks, commas and quotes inside quotes",
      'a\n"x\r\ny, ""z"""\n3\n',
      [
        [1, "a"],
        [2, 'x\r\ny, "z"'],
        [3, "3"],
      ],
    ],
    [
      "rows of any length",
      "a,b\n1\n1,2,3\n",
      [
        [1, "a", "b"],
        [2, "1"],
        [3, "1", "2", "3"],
      ],
    ],
    ["letters of any script", "ü,名,🎉\n", [[1, "ü", "名", "🎉"]]],
    ["nothing", "", []],
    ["three bytes", "a,b", [[1, "a", "b"]]],
  ];
  for (const [title, file, rows] of taken) {
    it(`reads ${title}`, async () => expect(await read(file)).to.deep.equal(rows));
    it(`reads ${title}, byte by byte`, async () => expect(await read(file, 1)).to.deep.equal(rows));
  }

  it("counts empty lines as spreadsheets do, and skips them", async () => {
    expect(await read("a\n\n1\n\n\n2\n")).to.deep.equal([
      [1, "a"],
      [3, "1"],
      [6, "2"],
    ]);
  });

  it("passes on bytes that are not UTF-8", async () => {
    const bytes = [];
    for await (const { cells } of readRows(chunksOf(Buffer.from([0x61, 0x2c, 0xff]), 8))) bytes.push(...cells.map(cell => [...cell]));
    expect(bytes).to.deep.equal([[0x61], [0xff]]);
  });

  const refused: [title: string, file: string | Buffer, message: RegExp][] = [
    ["an open quote", 'a,b\n1,"2\n3,4\n', /^Row 2, column 2: found a quote that is never closed\.$/],
    ["an open quote in a long file", `a\n"1\n${"2\n".repeat(10_000)}`, /^Row 2, .*never closed\?\.$/],
    ["text after a closing quote", 'a\n1\n"2"3\n', /^Row 3, column 1: found text after a closing quote/],
    ["a quote inside a cell", 'a,b\n1,2"3\n', /^Row 2, column 2: found a quote inside a cell/],
    ["a zip archive", Buffer.from("PK\x03\x04 and so on"), /^Row 1: found a zip archive \(as \.xlsx files are\)/],
    ["UTF-16", utf16, /^Row 1: found UTF-16/],
  ];
  for (const [title, file, message] of refused) {
    it(`refuses ${title}`, async () => {
      for (const size of [1, 7, 65_536]) {
        const error = await rejectionOf(read(file, size));
        expect(error).to.be.instanceOf(BadPayroll);
        expect((error as Error).message).to.match(message);
      }
    });
  }

  it("passes on what the source throws", async () => {
    async function* failing() {
      yield Buffer.from("a,b\n");
      throw new RangeError("the connection broke");
    }
    const drain = async () => {
      for await (const _ of readRows(failing()));
    };
    expect(await rejectionOf(drain())).to.be.instanceOf(RangeError);
  });
});
