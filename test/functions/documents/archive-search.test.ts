import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { NotDurable } from "#core/errors";
import { ArchiveSearch } from "#functions/documents/archive-search";
import { FilesTable } from "#stores/documents/files-table";

describe("archive search", () => {
  const deadline = new Deadline(5000);
  const file = {
    fileId: "F0001",
    name: "lunch.png",
    mimetype: "image/png",
    sizeBytes: 70,
    channel: "C0001",
    private: false,
    user: "U0001",
    ts: "1763805600.000200",
    key: "T0001/C0001/2025-11-22/F0001/original",
  };
  let files: sinon.SinonStubbedInstance<FilesTable>;
  beforeEach(() => {
    files = sinon.createStubInstance(FilesTable);
    files.readVisible.resolves([]);
  });
  const ask = (text: string, channel = "C0001") => new ArchiveSearch(files).answer(text, { team: "T0001", channel }, deadline);

  it("lists the latest ten that may be seen where it is asked", async () => {
    files.readVisible.resolves([{ ...file, name: "file0.png" }, file]);
    const lines = (await ask("#Receipt", "G0001")).split("\n");
    const search = { team: "T0001", tag: "#receipt", channel: "G0001", limit: 10 };
    sinon.assert.calledOnceWithExactly(files.readVisible, search, deadline);
    expect([lines.length, lines[0], lines[1]!.includes("file0.png")]).to.deep.equal([3, "*Files with #receipt*", true]);
  });

  it("accepts the tag without `#`", async () => {
    expect(await ask("receipt")).to.equal("No archived file has `#receipt`.");
    expect(files.readVisible.firstCall.args[0]).to.have.property("tag", "#receipt");
  });

  for (const text of ["", "  ", "\u200b", "#a #b", "two words", "#", "#!", "<!channel>"]) {
    it(`explains itself for ${JSON.stringify(text)}`, async () => {
      expect(await ask(text))
        .to.contain("Type `/archive #tag`")
        .and.not.contain("<");
      sinon.assert.notCalled(files.readVisible);
    });
  }

  it("throws when the table can't be read", async () => {
    const down = new NotDurable("down");
    files.readVisible.rejects(down);
    expect(await rejectionOf(ask("#receipt"))).to.equal(down);
  });
});
