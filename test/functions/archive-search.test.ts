import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { NotDurable } from "#core/errors";
import { ArchiveSearch } from "#functions/archive-search";
import { FilesTable } from "#stores/files-table";
import { rejectionOf } from "../thrown";

describe("archive search", () => {
  const deadline = new Deadline(5000);
  const file = {
    fileId: "F0001",
    name: "lunch.png",
    mimetype: "image/png",
    sizeBytes: 70,
    channel: "C0001",
    user: "U0001",
    ts: "1763805600.000200",
    key: "T0001/C0001/2025-11-22/F0001/original",
  };
  let files: sinon.SinonStubbedInstance<FilesTable>;
  beforeEach(() => {
    files = sinon.createStubInstance(FilesTable);
    files.readLatest.resolves([]);
  });
  const ask = (text: string, channel = "C0001") => new ArchiveSearch(files).answer(text, { team: "T0001", channel }, deadline);

  it("reads more of a team's files than it shows, and shows ten, the first ones", async () => {
    files.readLatest.resolves(Array.from({ length: 50 }, (_, index) => ({ ...file, name: `file${index}.png` })));
    const lines = (await ask("#Receipt")).split("\n");
    sinon.assert.calledOnceWithExactly(files.readLatest, "T0001", "#receipt", 50, deadline);
    expect(lines).to.have.length(11);
    expect([lines[0], lines[1]!.includes("file0.png"), lines[10]!.includes("file9.png")]).to.deep.equal([
      "*Files with #receipt*",
      true,
      true,
    ]);
  });

  it("takes the tag without its sign", async () => {
    expect(await ask("receipt")).to.equal("No archived file has `#receipt`.");
    expect(files.readLatest.firstCall.args[1]).to.equal("#receipt");
  });

  it("keeps what was shared in private to where it was shared", async () => {
    files.readLatest.resolves([
      { ...file, channel: "D0001" },
      { ...file, channel: "G0001" },
    ]);
    expect(await ask("#receipt")).to.equal("No archived file has `#receipt`.");
    expect((await ask("#receipt", "G0001")).split("\n")).to.have.length(2);
  });

  it("fills its ten from what may be seen, past what may not", async () => {
    const hidden = Array.from({ length: 20 }, () => ({ ...file, channel: "D0001" }));
    files.readLatest.resolves([...hidden, ...Array.from({ length: 12 }, () => file)]);
    expect((await ask("#receipt")).split("\n")).to.have.length(11);
  });

  for (const text of ["", "  ", "\u200b", "#a #b", "two words", "#", "#!", "<!channel>"]) {
    it(`explains itself for ${JSON.stringify(text)}`, async () => {
      expect(await ask(text))
        .to.contain("Say `/archive #tag`")
        .and.not.contain("<");
      sinon.assert.notCalled(files.readLatest);
    });
  }

  it("throws when the table can't be read", async () => {
    const down = new NotDurable("down");
    files.readLatest.rejects(down);
    expect(await rejectionOf(ask("#receipt"))).to.equal(down);
  });
});
