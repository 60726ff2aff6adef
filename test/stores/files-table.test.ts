import { expect } from "chai";
import { Deadline } from "#core/deadline";
import { FilesTable } from "#stores/files-table";
import { createTables, type Tables } from "../dynamodb-endpoint";

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
    user: "U0001",
    key: `T0001/C0001/2025-11-22/${fileId}/original`,
  });
  const readLatest = (team: string, tag: string, limit = 10) => files.readLatest(team, tag, limit, new Deadline(5000));

  it("finds a file by each of its tags, the latest first", async () => {
    await files.put("T0001", ["#receipt", "#lunch"], file("1763805600.000200"));
    await files.put("T0001", ["#receipt"], file("1763805601.000100", "F0002"));
    expect(await readLatest("T0001", "#receipt")).to.deep.equal([file("1763805601.000100", "F0002"), file("1763805600.000200")]);
    expect(await readLatest("T0001", "#receipt", 1)).to.have.length(1);
    expect(await readLatest("T0001", "#lunch")).to.deep.equal([file("1763805600.000200")]);
  });

  it("shows a team its own files only", async () => {
    await files.put("T0002", ["#secret"], file("1.0"));
    expect(await readLatest("T0001", "#secret")).to.deep.equal([]);
  });

  it("keeps a file once, however often it is put", async () => {
    await files.put("T0003", ["#a"], file("1.0"));
    await files.put("T0003", ["#a"], file("1.0"));
    expect(await readLatest("T0003", "#a")).to.have.length(1);
  });
});
