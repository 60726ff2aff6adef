import { setTimeout as sleep } from "node:timers/promises";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import type { ModelFormat } from "#core/agent/model-file";
import { ModelFiles } from "../../../agent/brains/model-files";

const MEGABYTE = 1_000_000;
const PICTURE: ModelFormat = { kind: "picture", format: "png" };
const TEXT: ModelFormat = { kind: "document", format: "txt" };

describe("model-files", () => {
  const { signal } = new AbortController();

  /** Chooses among files, oldest first. Returns the label of each, or the reason why it is left out. */
  const choose = async (...files: [format: ModelFormat, sizeBytes: number][]) => {
    const described = files.map(([{ kind }, sizeBytes], index) => ({
      id: `F${index}`,
      name: `f${index}`,
      mimetype: kind === "picture" ? "image/png" : "text/plain",
      sizeBytes,
    }));
    const readFile = sinon.stub();
    for (const [index, [format, sizeBytes]] of files.entries())
      readFile.withArgs(`F${index}`).resolves({ ...format, bytes: Buffer.alloc(sizeBytes), sha256: `${index}` });
    const choices = await new ModelFiles(described, { readFile }).choose(signal);
    return { readFile, shown: choices.map(choice => ("given" in choice ? choice.given.label : choice.reason)) };
  };

  it("gives the latest files of each kind, as many as the model takes, and reads no others", async () => {
    const { readFile, shown } = await choose([TEXT, 1], [PICTURE, 1], ...Array.from({ length: 5 }, (): [ModelFormat, number] => [TEXT, 1]));
    expect(shown[0]).to.equal("the model gets only the latest 5 documents.");
    expect(shown.slice(1)).to.deep.equal(["Picture 1", "Document 1", "Document 2", "Document 3", "Document 4", "Document 5"]);
    sinon.assert.neverCalledWith(readFile, "F0");
  });

  it("goes on without a file that can't be read in time, and ends with its task", async () => {
    const files = [{ id: "F1", name: "a.png", mimetype: "image/png", sizeBytes: 1 }];
    // As the tools do, which repeat what fails until the signal aborts.
    const readFile = async (_: string, ending: AbortSignal): Promise<never> => {
      for (;;) {
        ending.throwIfAborted();
        await sleep(1);
      }
    };
    const [choice] = await new ModelFiles(files, { readFile }, 5).choose(signal);
    expect(choice).to.include({ id: "F1", reason: "it could not be read within 0.005 s." });

    const stopped = new ModelFiles(files, { readFile }).choose(AbortSignal.abort(new Error("stopped")));
    expect(await rejectionOf(stopped)).to.have.property("message", "stopped");
  });

  it("gives the latest files that fit into a request together", async () => {
    const { shown } = await choose([PICTURE, MEGABYTE], [TEXT, 4 * MEGABYTE], [TEXT, 4 * MEGABYTE], [TEXT, 4 * MEGABYTE]);
    expect(shown).to.deep.equal([
      "Picture 1",
      "the model gets at most 10000000 bytes of files, the latest first.",
      "Document 1",
      "Document 2",
    ]);
  });
});
