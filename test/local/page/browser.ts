import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const executable = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** One browser for a whole test file; undefined where there is none. */
const startBrowser = async (): Promise<Browser | undefined> => {
  if (existsSync(executable)) {
    return chromium.launch({
      executablePath: executable,
      headless: true,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    });
  }
  const sentence = `There is no Chromium at ${executable}: the page was not tested. Install it, or set CHROMIUM to its path.`;
  if (process.env["CI"] === "true") throw new Error(sentence);
  console.warn(`\n  !!! ${sentence}\n`);
  return undefined;
};

export { startBrowser };
