import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "chai";

const root = join(__dirname, "../..");

/** Runs tests of the page as `npm test` does on a machine without a browser. */
const runWithoutBrowser = (environment: Record<string, string>) =>
  spawnSync(process.execPath, ["node_modules/mocha/bin/mocha.js", "test/page/containers.test.ts"], {
    cwd: root,
    env: { ...process.env, CI: "", CHROMIUM: "/no/chromium", ...environment },
    encoding: "utf8",
  });

describe("tests of the page without a browser", () => {
  it("are pending, and the last line says so", () => {
    const { status, stdout } = runWithoutBrowser({});
    expect(status, stdout).to.equal(0);
    expect(stdout)
      .to.match(/0 passing/)
      .and.match(/3 pending/);
    expect(stdout.trim().split("\n").at(-1)).to.match(/^ *3 tests did not run\. There is no Chromium at \/no\/chromium\./);
  });

  it("fail in CI", () => {
    const { status, stdout } = runWithoutBrowser({ CI: "true" });
    expect(status).not.to.equal(0);
    expect(stdout).to.match(/There is no Chromium at \/no\/chromium/);
  });
});
