const { reporters, Runner } = require("mocha");
const { missingChromium } = require("./page/chromium.ts");

/**
 * Like `spec`, but lists at the end the tests that failed at their first try, and why: each of them is a bug to find. The last
 * line says how many tests did not run.
 */
class Reporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const failed = [];
    runner.on(Runner.constants.EVENT_TEST_RETRY, (test, error) => failed.push({ title: test.fullTitle(), error }));
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      for (const { title, error } of failed) console.log(`  tried again: ${title}\n    ${error?.stack ?? error}\n`);
      const { pending } = this.stats;
      if (pending > 0) console.log(`  ${pending} ${pending === 1 ? "test" : "tests"} did not run. ${missingChromium() ?? ""}`.trimEnd());
    });
  }
}

module.exports = Reporter;
