import { existsSync } from "node:fs";

/** The browser of the page's tests. */
const executable = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** A sentence where there is no browser, so that the page can't be tested; otherwise undefined. */
const missingChromium = (): string | undefined =>
  existsSync(executable) ? undefined : `There is no Chromium at ${executable}. Install it, or set CHROMIUM to its path.`;

export { executable, missingChromium };
