import { Readable } from "node:stream";
import { expect } from "chai";
import sinon from "sinon";
import type { Upload } from "#core/upload";
import { CountLines } from "#functions/sample-name/count-lines";

const UPLOAD: Upload = {
  about: { file: "note.txt" },
  key: "2026/note.txt",
  eTag: "abc",
  uploadedAt: "2026-03-31T10:00:00.000Z",
  run: "run1",
};

describe("sample-name/count-lines", () => {
  it("reports the number of lines", async () => {
    const open = sinon.stub().resolves(Readable.from([Buffer.from("one\ntw"), Buffer.from("o\n")]));
    const { lines, notice } = await new CountLines({ open }).handle(UPLOAD);
    expect(lines).to.equal(2);
    expect(notice.text).to.equal("The file note.txt has 2 lines.");
    sinon.assert.calledOnceWithExactly(open, "2026/note.txt", { eTag: "abc" });
  });
});
