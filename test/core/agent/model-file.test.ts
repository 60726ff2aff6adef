import { expect } from "chai";
import { findFormat, inspectContent, type ModelFormat } from "#core/agent/model-file";

const png = (width: number, height: number): Buffer => {
  const bytes = Buffer.from("89504e470d0a1a0a0000000d494844520000000000000000", "hex");
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes;
};

describe("model-file", () => {
  it("finds the format of a MIME type", () => {
    expect(findFormat("image/JPEG")).to.deep.equal({ kind: "picture", format: "jpeg" });
    expect(findFormat("text/x-python")).to.deep.equal({ kind: "document", format: "txt" });
    for (const type of ["video/mp4", "image/svg+xml", "", "constructor"]) expect(findFormat(type), type).to.equal(undefined);
  });

  const contents: [name: string, announced: ModelFormat, bytes: Buffer, expected: ModelFormat | RegExp][] = [
    ["a picture by its content, not its name", { kind: "picture", format: "jpeg" }, png(8000, 1), { kind: "picture", format: "png" }],
    ["no picture that is too large", { kind: "picture", format: "png" }, png(1, 8001), /1 x 8001 pixels/],
    ["no text that is called a picture", { kind: "picture", format: "png" }, Buffer.from("hello"), /not a picture/],
    ["a PDF", { kind: "document", format: "pdf" }, Buffer.from("%PDF-1.7"), { kind: "document", format: "pdf" }],
    ["no text that is called a PDF", { kind: "document", format: "pdf" }, Buffer.from("hello"), /not PDF/],
    ["a text", { kind: "document", format: "csv" }, Buffer.from("naïve,1"), { kind: "document", format: "csv" }],
    ["no text in another encoding", { kind: "document", format: "txt" }, Buffer.from("naïve", "latin1"), /not text in UTF-8/],
    ["nothing that is empty", { kind: "document", format: "txt" }, Buffer.alloc(0), /empty/],
  ];
  for (const [name, announced, bytes, expected] of contents) {
    it(`takes ${name}`, () => {
      const found = inspectContent(announced, bytes);
      if (expected instanceof RegExp) expect(found).to.match(expected);
      else expect(found).to.deep.equal(expected);
    });
  }
});
