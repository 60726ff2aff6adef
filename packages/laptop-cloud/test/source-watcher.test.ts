import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { SourceWatcher } from "../src/source-watcher";

describe("source watcher", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "slack-fanout-test-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("reports once that a source was deleted before its folder was watched", async () => {
    const source = join(folder, "deleted.ts");
    const module = join(folder, "modules", "kept.ts");
    mkdirSync(join(folder, "modules"));
    writeFileSync(module, "");
    const heard: string[] = [];
    const watcher = new SourceWatcher({ onEdit: path => heard.push(path), onError: error => expect.fail(error.message) });

    const followed = { sources: [source, module], named: [join(folder, "missing.ts")], trees: [] };
    for (let times = 0; times < 2; times++) await watcher.follow(followed, Date.now() + 60_000);
    await watcher.stop();

    expect(heard).to.deep.equal([source]);
  });
});
