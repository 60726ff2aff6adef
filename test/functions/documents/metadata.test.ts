import { expect } from "chai";
import * as sinon from "sinon";
import type { Notification } from "#core/notice/notice";
import { Metadata, type MetadataInput } from "../../../functions/documents/metadata";
import { MemoryBucket } from "../memory-bucket";

const input = (overrides: Partial<MetadataInput> = {}): MetadataInput => ({
  about: { file: "lunch.png", channel: "C0001", private: false, threadTs: "1763805600.000200", messageId: "m1" },
  eventId: "m1",
  team: "T0001",
  channel: "C0001",
  user: "U0001",
  ts: "1763805600.000200",
  text: "lunch #receipt #food",
  tags: ["#receipt", "#food"],
  file: { id: "F0001", name: "lunch.png", mimetype: "image/png", size: 70 },
  fetchFile: {
    key: "T0001/C0001/2025-11-22/F0001/original",
    name: "lunch.png",
    mimetype: "image/png",
    sizeBytes: 70,
    sha256: "ab".repeat(32),
  },
  ...overrides,
});

const make = () => {
  const archive = new MemoryBucket();
  const files = { put: sinon.stub().resolves(), delete: sinon.stub().resolves() };
  return { archive, files, task: new Metadata(archive, files) };
};

describe("metadata", () => {
  it("writes what is known beside the file", async () => {
    const { archive, task } = make();
    await task.handle(input());
    expect(JSON.parse(archive.text("T0001/C0001/2025-11-22/F0001/metadata.json"))).to.deep.equal({
      eventId: "m1",
      message: { team: "T0001", channel: "C0001", ts: "1763805600.000200", text: "lunch #receipt #food" },
      file: { id: "F0001", name: "lunch.png", mimetype: "image/png", key: "T0001/C0001/2025-11-22/F0001/original" },
      tags: ["#receipt", "#food"],
      user: "U0001",
      time: "2025-11-22T10:00:00.000Z",
      sha256: "ab".repeat(32),
      size: 70,
    });
  });

  it("treats a file as private if nothing says how it was shared", async () => {
    const { files, task } = make();
    const { private: _unsaid, ...about } = input().about;
    await task.handle(input({ about }));
    expect(files.put.firstCall.args[2]).to.have.property("private", true);
  });

  it("lists the file under its tags", async () => {
    const { files, task } = make();
    await task.handle(input());
    expect(files.put.args).to.deep.equal([
      [
        "T0001",
        ["#receipt", "#food"],
        {
          fileId: "F0001",
          name: "lunch.png",
          mimetype: "image/png",
          sizeBytes: 70,
          channel: "C0001",
          private: false,
          user: "U0001",
          ts: "1763805600.000200",
          key: "T0001/C0001/2025-11-22/F0001/original",
        },
      ],
    ]);
  });

  it("replies to the message", async () => {
    const { notice } = await make().task.handle(input());
    expect(notice).to.include({ subject: "File archived", text: "The file lunch.png is archived (image/png, 70 bytes)." });
    expect(JSON.parse(notice.details)).to.deep.equal({
      id: "m1#F0001#archived",
      outcome: "success",
      title: "File archived",
      text: notice.text,
      fields: { tags: "#receipt #food", key: "T0001/C0001/2025-11-22/F0001/original" },
      channel: "C0001",
      private: false,
      threadTs: "1763805600.000200",
      messageId: "m1",
    });
  });

  it("writes the same when it runs again", async () => {
    const { archive, task } = make();
    const first = await task.handle(input());
    const body = archive.text(first.key!);
    expect(await task.handle(input())).to.deep.equal(first);
    expect(archive.text(first.key!)).to.equal(body);
  });

  describe("of a deleted message", () => {
    const expectUnnamed = ({ notice, ...rest }: { notice: Notification }) => {
      expect(rest).to.deep.equal({});
      expect(notice.text).to.equal("A file is not archived, because its message was deleted.");
      expect(notice.details).not.to.include("lunch.png");
    };

    it("writes nothing if there is nothing to describe", async () => {
      const { archive, files, task } = make();
      expectUnnamed(await task.handle(input({ fetchFile: { deleted: true } })));
      expect([archive.keys, files.put.callCount]).to.deep.equal([[], 0]);
    });

    it("takes back what it wrote", async () => {
      const { archive, files } = make();
      const undoIfDeleted = sinon.stub().resolves(true);
      expectUnnamed(await new Metadata(archive, files, { undoIfDeleted }).handle(input()));
      sinon.assert.callOrder(files.put, undoIfDeleted, files.delete);
      expect(files.delete.args).to.deep.equal([["T0001", ["#receipt", "#food"], { ts: "1763805600.000200", fileId: "F0001" }]]);
    });
  });
});
