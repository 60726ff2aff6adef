import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";

const { prune } = require("../prune.cjs") as { prune: (dist: string, nowMs?: number) => void };

const dayMs = 24 * 60 * 60 * 1000;

describe("the caches of the loader", () => {
  let dist: string;
  beforeEach(() => {
    dist = mkdtempSync(join(tmpdir(), "laptop-cloud-caches-"));
  });
  afterEach(() => rmSync(dist, { recursive: true }));

  const put = (file: string, usedDaysAgo: number) => {
    const path = join(dist, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "");
    const writtenMs = Date.now() - 90 * dayMs;
    utimesSync(path, (Date.now() - usedDaysAgo * dayMs) / 1000, writtenMs / 1000);
  };

  it("lose files that nobody has used for a month, but keep the source maps of used code", () => {
    const used = ["transpiled/used.js", "compiled/v24/used"];
    const unused = ["transpiled/unused.js", "transpiled/unused.js.map", "transpiled/native-killed/part.js", "compiled/v22/unused"];
    for (const file of used) put(file, 29);
    for (const file of unused) put(file, 31);
    put("transpiled/used.js.map", 60);
    put("index.js", 60);

    prune(dist);

    expect(unused.filter(file => existsSync(join(dist, file)))).to.deep.equal([]);
    for (const file of [...used, "transpiled/used.js.map", "index.js"]) expect(existsSync(join(dist, file)), file).to.equal(true);
  });

  it("are pruned once a day", () => {
    prune(dist);
    put("transpiled/unused.js", 31);

    prune(dist, Date.now() + 0.9 * dayMs);
    expect(existsSync(join(dist, "transpiled/unused.js"))).to.equal(true);

    prune(dist, Date.now() + 1.1 * dayMs);
    expect(existsSync(join(dist, "transpiled/unused.js"))).to.equal(false);
  });
});
