import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { BadPayroll } from "#core/errors";
import { EMPLOYEES_A_RANGE, ProcessData } from "#functions/payroll/process-data";
import { MemoryBucket } from "../memory-bucket";
import { buildUpload, HEADER } from "./uploads";

const rowsOf = (count: number) => Array.from({ length: count }, (_, index) => `E${index},Ann Lee,1,10,,\n`).join("");

describe("process-data", () => {
  const run = async (file: string, key = "march.csv") => {
    const [raw, processed] = [new MemoryBucket({ [key]: file }), new MemoryBucket()];
    const open = sinon.spy(raw, "open");
    const task = new ProcessData(raw, processed);
    return { raw, processed, open, result: () => task.handle(buildUpload(key)) };
  };

  it("stores a line with cents for each employee, and returns their number", async () => {
    const { processed, result } = await run(`${HEADER}\nE1,Ann Lee,160,25.50,10,0.2\n`);
    const { key, employees } = await result();
    expect([key, employees]).to.deep.equal(["march/run1.ndjson", 1]);
    expect(JSON.parse(processed.text(key))).to.include({ employeeId: "E1", name: "Ann Lee", rateCents: 2550, regularCents: 408_000 });
  });

  it("reads the uploaded content, not a newer one", async () => {
    const { open, result } = await run(`${HEADER}\n${rowsOf(1)}`);
    await result();
    sinon.assert.calledOnceWithExactly(open, "march.csv", { eTag: "etag" });
  });

  it("divides rows into ranges that can be read separately", async () => {
    const { processed, result } = await run(`${HEADER}\n${rowsOf(2 * EMPLOYEES_A_RANGE + 1)}`);
    const { key, ranges } = await result();
    expect(ranges.map(({ employees }) => employees)).to.deep.equal([EMPLOYEES_A_RANGE, EMPLOYEES_A_RANGE, 1]);
    const text = processed.text(key);
    for (const { start, end, employees } of ranges)
      expect(
        text
          .slice(start, end + 1)
          .trimEnd()
          .split("\n"),
      ).to.have.lengthOf(employees);
    expect(ranges.at(-1)!.end).to.equal(Buffer.byteLength(text) - 1);
  });

  it("stores nothing if any row is invalid, and says which and why", async () => {
    const { processed, result } = await run(`${HEADER}\n${rowsOf(300)}E300,Bob,many,10,,\n`);
    const error = (await rejectionOf(result())) as Error;
    expect(error).to.be.instanceOf(BadPayroll);
    expect(error.message).to.include("302").and.to.include("hours").and.to.include('"many"');
    expect(processed.keys).to.deep.equal([]);
  });

  it("refuses a file of another kind before it reads it", async () => {
    const { open, result } = await run("", "march.xlsx");
    expect(((await rejectionOf(result())) as Error).message)
      .to.include("march.xlsx")
      .and.to.include(".csv");
    sinon.assert.notCalled(open);
  });
});
