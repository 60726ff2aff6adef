import { existsSync } from "node:fs";

/** Path of the browser for the page's tests. */
const executable = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** A sentence for people if there is no browser; otherwise undefined. */
const missingChromium = (): string | undefined =>
  existsSync(executable) ? undefined : `There is no Chromium at ${executable}. Install it, or set CHROMIUM to its path.`;

export { executable, missingChromium };
