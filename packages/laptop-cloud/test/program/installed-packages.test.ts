import { createRequire } from "node:module";
import { expect } from "chai";
import sinon from "sinon";
import { readInstalledPackagesOnce } from "../../src/program/installed-packages";

const { Arborist } = createRequire(require.resolve("@pulumi/pulumi"))("@npmcli/arborist") as {
  Arborist: { new (options: { path: string }): { loadActual(): Promise<unknown> }; prototype: { loadActual(): Promise<unknown> } };
};

describe("installed packages", () => {
  afterEach(() => sinon.restore());

  it("are read once for each folder, until it is undone", async () => {
    const read = sinon.stub(Arborist.prototype, "loadActual").resolves({ name: "tree" });
    const load = (path: string) => new Arborist({ path }).loadActual();
    const undo = readInstalledPackagesOnce();

    expect(await load("/a")).to.deep.equal({ name: "tree" });
    await load("/a");
    expect(read.callCount).to.equal(1);
    await load("/b");
    expect(read.callCount).to.equal(2);

    undo();
    await load("/a");
    expect(read.callCount).to.equal(3);
  });
});
