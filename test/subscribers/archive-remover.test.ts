import { expect } from "chai";
import * as sinon from "sinon";
import { ArchiveRemover } from "../../subscribers/archive-remover";
import { buildDeletion, buildEdit } from "./envelopes";

const NOW_MS = 1_763_805_800_000;

const make = (files = ["F0001", "F0002"]) => {
  const shares = { markDeleted: sinon.stub().resolves({ files, tags: ["#receipt"] }) };
  const table = { delete: sinon.stub().resolves() };
  const removal = { removeObjects: sinon.stub().resolves() };
  const settings = { archiveDays: 90 };
  const remover = new ArchiveRemover({ shares, files: table, removal, settings, log: { info: sinon.stub() }, nowMs: () => NOW_MS });
  return { shares, table, removal, remover };
};

describe("archive-remover", () => {
  it("marks a deleted message, then removes the objects and the rows of its files", async () => {
    const { shares, table, removal, remover } = make();
    await remover.handle(buildDeletion());

    const place = { team: "T0001", channel: "C0001", ts: "1763805600.000200" };
    sinon.assert.calledOnceWithMatch(shares.markDeleted, place, NOW_MS / 1000 + 90 * 86_400);
    sinon.assert.calledOnceWithMatch(removal.removeObjects, place, ["F0001", "F0002"]);
    sinon.assert.callOrder(shares.markDeleted, removal.removeObjects);
    expect(table.delete.args).to.deep.equal(["F0001", "F0002"].map(fileId => ["T0001", ["#receipt"], { ts: "1763805600.000200", fileId }]));
  });

  it("takes a tombstone for a deletion, and leaves edits alone", async () => {
    const { shares, remover } = make();
    await remover.handle(buildEdit("new text"));
    expect(shares.markDeleted.callCount).to.equal(0);

    const tombstone = buildEdit("This message was deleted.");
    (tombstone.data["message"] as Record<string, unknown>)["subtype"] = "tombstone";
    await remover.handle(tombstone);
    expect(shares.markDeleted.callCount).to.equal(1);
  });

  it("removes nothing of a message that shared nothing", async () => {
    const { table, removal, remover } = make([]);
    await remover.handle(buildDeletion());
    expect([table.delete.callCount, removal.removeObjects.callCount]).to.deep.equal([0, 0]);
  });
});
