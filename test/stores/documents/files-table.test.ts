import { expect } from "chai";
import { Deadline } from "#core/deadline";
import { FilesTable } from "#stores/documents/files-table";
import { Table } from "#stores/table";
import { createTables, type Tables } from "../../dynamodb-endpoint";

describe("files-table", () => {
  let tables: Tables;
  let files: FilesTable;
  before(async () => {
    tables = await createTables();
    files = new FilesTable(tables.client, tables.files);
  });
  after(() => tables.stop());

  const file = (ts: string, fileId = "F0001") => ({
    fileId,
    ts,
    name: "lunch.png",
    mimetype: "image/png",
    sizeBytes: 70,
    channel: "C0001",
    private: false,
    user: "U0001",
    key: `T0001/C0001/2025-11-22/${fileId}/original`,
  });
  const read = (team: string, tag: string, { limit = 10, channel = "C0002" } = {}) =>
    files.readVisible({ team, tag, channel, limit }, new Deadline(5000));

  it("finds a file by each of its tags, latest first", async () => {
    await files.put("T0001", ["#receipt", "#lunch"], file("1763805600.000200"));
    await files.put("T0001", ["#receipt"], file("1763805601.000100", "F0002"));
    expect(await read("T0001", "#receipt")).to.deep.equal([file("1763805601.000100", "F0002"), file("1763805600.000200")]);
    expect(await read("T0001", "#receipt", { limit: 1 })).to.have.length(1);
    expect(await read("T0001", "#lunch")).to.deep.equal([file("1763805600.000200")]);
  });

  it("takes a file away from each of its tags, and leaves the others", async () => {
    const [gone, left] = [file("1763805602.000100", "F0003"), file("1763805603.000100", "F0004")];
    for (const each of [gone, left]) await files.put("T0001", ["#gone", "#lost"], each);
    await files.delete("T0001", ["#gone", "#lost"], gone);
    for (const tag of ["#gone", "#lost"]) expect(await read("T0001", tag)).to.deep.equal([left]);
  });

  it("shows a team its own files only", async () => {
    await files.put("T0002", ["#secret"], file("1.0"));
    expect(await read("T0001", "#secret")).to.deep.equal([]);
  });

  it("keeps a file once, however often it is put", async () => {
    await files.put("T0003", ["#a"], file("1.0"));
    await files.put("T0003", ["#a"], file("1.0"));
    expect(await read("T0003", "#a")).to.have.length(1);
  });

  describe("in private", () => {
    it("shows private files in their own conversation only, whatever the first letter of its id", async () => {
      for (const channel of ["C0MPIM1", "G0001", "D0001"])
        await files.put("T0004", ["#plan"], { ...file("2.0", `F${channel}`), channel, private: true });
      await files.put("T0004", ["#plan"], file("1.0"));
      const shown = async (channel: string) => (await read("T0004", "#plan", { channel })).map(({ fileId }) => fileId);

      expect(await shown("C0001")).to.deep.equal(["F0001"]);
      for (const channel of ["C0MPIM1", "G0001", "D0001"]) expect(await shown(channel)).to.deep.equal([`F${channel}`, "F0001"]);
    });

    it("treats an old file without the attribute as private", async () => {
      await new Table(tables.client, tables.files).put({ tag: "T0005#old", posted: "1.0#F0001", channel: "C0001" });
      expect(await read("T0005", "#old", { channel: "C0002" })).to.deep.equal([]);
      expect(await read("T0005", "#old", { channel: "C0001" })).to.have.length(1);
    });

    it("finds a visible file after any number of private ones", async () => {
      await files.put("T0006", ["#busy"], file("1.0"));
      const later = Array.from({ length: 250 }, (_, index) => `${index + 1000}.0`);
      await Promise.all(later.map(ts => files.put("T0006", ["#busy"], { ...file(ts), channel: "G0001", private: true })));
      expect(await read("T0006", "#busy")).to.deep.equal([file("1.0")]);
    });
  });
});
