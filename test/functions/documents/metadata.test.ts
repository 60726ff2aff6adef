import { expect } from "chai";
import * as sinon from "sinon";
import { Metadata, type MetadataInput } from "../../../functions/documents/metadata";
import { MemoryBucket } from "../payroll/memory-bucket";

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
  const files = { put: sinon.stub().resolves() };
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
    const body = archive.text(first.key);
    expect(await task.handle(input())).to.deep.equal(first);
    expect(archive.text(first.key)).to.equal(body);
  });
});
