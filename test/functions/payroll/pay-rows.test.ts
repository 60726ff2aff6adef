import { expect } from "chai";
import type { Pay } from "#core/payroll/payroll";
import { readPayRows } from "#functions/payroll/pay-rows";
import { MemoryBucket } from "../memory-bucket";
import { buildPay, buildRows } from "./uploads";

describe("pay-rows", () => {
  const read = async (bytes: Buffer) => {
    const pays: Pay[] = [];
    for await (const pay of readPayRows(await new MemoryBucket({ rows: bytes }).open("rows"))) pays.push(pay);
    return pays;
  };

  it("are read as they were written, however the stream is chunked", async () => {
    const pays = [buildPay(), buildPay({ employeeId: "E2", name: 'Łukasz "李雷"\n🎉' }), buildPay({ employeeId: "E3" })];
    expect(await read(buildRows(...pays))).to.deep.equal(pays);
  });

  it("are empty for an empty stream", async () => {
    expect(await read(Buffer.alloc(0))).to.deep.equal([]);
  });
});
