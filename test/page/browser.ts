import { type Browser, chromium } from "playwright-core";
import { atEnd } from "../at-end";
import { executable, missingChromium } from "./chromium";

let browser: Promise<Browser> | undefined;

/**
 * Returns the browser that all tests of this process share; the first call starts it. Callers close their pages. Without a browser on the machine,
 * `skip` makes the tests pending, and the reporter says so in its last line. In CI this throws instead.
 */
const startBrowser = async (context: { skip(): never }): Promise<Browser> => {
  const missing = missingChromium();
  if (missing !== undefined) {
    if (isCi) throw new Error(`${missing} Without it the page is not tested.`);
    context.skip();
  }
  browser ??= launch();
  return browser;
};

const launch = async (): Promise<Browser> => {
  const launched = await chromium.launch({
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
  atEnd(async () => {
    browser = undefined;
    await launched.close();
  });
  return launched;
};

const isCi = !["", "0", "false"].includes(process.env["CI"] ?? "");

export { startBrowser };
