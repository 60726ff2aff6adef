const { join } = require("node:path");

// All servers of the tests are local. Node.js 20 reads these certificates whenever a process starts, which takes 40 ms, and the tests start hundreds.
delete process.env.NODE_EXTRA_CA_CERTS;

const isCi = !["", "0", "false"].includes(process.env.CI ?? "");

// The patterns in `npm test` list the slowest folders first. Otherwise one worker would still run a slow file when the others have finished.
module.exports = {
  // Packages import one another's TypeScript (ADR 23).
  // Collecting young garbage less often saves a tenth of the CPU time in tests that make many calls.
  "node-option": ["conditions=slack-fanout-source", "min-semi-space-size=16", "max-semi-space-size=32"],
  // Absolute, since a package's own tests run in its folder.
  require: [join(__dirname, "bin/load-typescript.cjs"), join(__dirname, "test/at-end.ts")],
  extension: ["ts"],
  timeout: 240_000,
  "forbid-only": true,
  // Outside CI, the page's tests are pending if there is no browser. The linter refuses every other skipped test.
  "forbid-pending": isCi,
  reporter: join(__dirname, "test/reporter.cjs"),
  // A CI machine may stop a process for seconds. A test that fails runs once more, and is listed at the end (ADR 16).
  retries: isCi ? 1 : 0,
};
