import { type Browser, chromium } from "playwright-core";
import { executable, missingChromium } from "./chromium";

/**
 * Starts one browser for a whole test file. Without a browser on the machine, `skip` makes the tests pending, and the reporter says so in its last
 * line. In CI this throws instead.
 */
const startBrowser = async (context: { skip(): never }): Promise<Browser> => {
  const missing = missingChromium();
  if (missing !== undefined) {
    if (isCi) throw new Error(`${missing} Without it the page is not tested.`);
    context.skip();
  }
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
};

const isCi = !["", "0", "false"].includes(process.env["CI"] ?? "");

export { startBrowser };
