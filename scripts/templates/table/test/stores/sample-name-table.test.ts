import { expect } from "chai";
import sinon from "sinon";
import { SampleNameTable } from "#stores/sample-name-table";
import { Table } from "#stores/table";

describe("sample-name-table", () => {
  const make = () => {
    const table = sinon.createStubInstance(Table);
    return { table, sampleName: new SampleNameTable(table) };
  };

  it("puts an item under its owner", async () => {
    const { table, sampleName } = make();
    await sampleName.put("U0001", "one");
    sinon.assert.calledOnceWithExactly(table.put, { owner: "U0001", item: "one" });
  });

  it("reads the items of an owner", async () => {
    const { table, sampleName } = make();
    table.query.resolves([{ item: "one" }, { item: "two" }]);
    expect(await sampleName.read("U0001")).to.deep.equal(["one", "two"]);
    sinon.assert.calledOnceWithMatch(table.query, { ExpressionAttributeValues: { ":owner": "U0001" } });
  });
});
