import { expect } from "chai";
import { SHARES } from "#core/documents/tables";
import { SharesTable } from "#stores/documents/shares-table";
import { createTablesOf } from "../../dynamodb-endpoint";

describe("shares-table", () => {
  let created: Awaited<ReturnType<typeof createTablesOf<"shares">>>;
  let shares: SharesTable;

  before(async () => {
    created = await createTablesOf({ shares: SHARES });
    shares = new SharesTable(created.client, created.names.shares);
  });
  after(() => created.stop());

  let told = 0;
  /** A message on a day of its own. */
  const message = (ts?: string) => {
    told += 1;
    return { team: "T0001", channel: "C0001", ts: ts ?? `${1763805600 + told * 86_400}.000100` };
  };

  it("returns what a deleted message shared, again and again", async () => {
    const said = message();
    expect(await shares.record(said, { files: ["F0001", "F0002"], tags: ["#receipt"] })).to.equal(true);
    expect(await shares.isDeleted(said)).to.equal(false);

    for (const _ of ["once", "twice"])
      expect(await shares.markDeleted(said, 1)).to.deep.equal({ files: ["F0001", "F0002"], tags: ["#receipt"] });
    expect(await shares.isDeleted(said)).to.equal(true);
  });

  it("records nothing of a message that was deleted before it arrived", async () => {
    const said = message();
    expect(await shares.markDeleted(said, 1)).to.deep.equal({ files: [], tags: [] });
    expect(await shares.record(said, { files: ["F0001"], tags: [] })).to.equal(false);
  });

  it("lists the files that other messages of the day still share in the channel", async () => {
    const said = message();
    const later = { ...said, ts: said.ts.replace("100", "200") };
    const elsewhere = { ...said, channel: "C0002" };
    for (const [each, file] of [
      [said, "F0001"],
      [later, "F0002"],
      [elsewhere, "F0003"],
      [message(), "F0004"],
    ] as const)
      await shares.record(each, { files: [file], tags: [] });
    await shares.markDeleted(said, 1);

    expect([...(await shares.listShared(said))]).to.deep.equal(["F0002"]);
  });
});
