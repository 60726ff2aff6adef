module.exports = {
  require: ["./bin/load-typescript.cjs"],
  extension: ["ts"],
  timeout: 240_000,
  "forbid-only": true,
  "forbid-pending": true,
  reporter: "./test/reporter.cjs",
  // Beside strangers' work, CI can stop a process for seconds. A test that then fails is tried once more, and named at the end.
  retries: process.env.CI === "true" ? 1 : 0,
};
