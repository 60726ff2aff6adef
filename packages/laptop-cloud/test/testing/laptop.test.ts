import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";

describe("startLaptop", () => {
  const { TMPDIR } = process.env;
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "slack-fanout-start-"));
    process.env["TMPDIR"] = folder;
  });
  afterEach(async () => {
    if (TMPDIR === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = TMPDIR;
    await rm(folder, { recursive: true });
  });

  it("removes the folder that it has made, also if it can't start", async () => {
    await (await startLaptop({ definitions: [] })).stop();
    expect(await readdir(folder)).to.deep.equal([]);

    const refuse = () => {
      throw new Error("no resources");
    };
    const error = await startLaptop({ definitions: [], resources: refuse }).catch((caught: Error) => caught);
    expect(error).to.have.property("message", "no resources");
    expect(await readdir(folder)).to.deep.equal([]);
  });
});
