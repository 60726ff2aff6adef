const isCi = !["", "0", "false"].includes(process.env.CI ?? "");

module.exports = {
  require: ["./bin/load-typescript.cjs"],
  extension: ["ts"],
  timeout: 240_000,
  "forbid-only": true,
  // Elsewhere the page's tests are pending where there is no browser. The linter refuses every other skipped test.
  "forbid-pending": isCi,
  reporter: "./test/reporter.cjs",
  // Beside strangers' work, CI can stop a process for seconds. A test that then fails is tried once more, and named at the end.
  retries: isCi ? 1 : 0,
};
