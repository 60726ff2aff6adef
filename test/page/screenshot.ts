import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";

const folder = join(__dirname, "../../docs/images");

/** Saves a screenshot as `docs/images/NAME.png` if SCREENSHOTS=1 is set. Ordinary runs change no files. */
const takeScreenshot = async (page: Page, name: string) => {
  if (process.env["SCREENSHOTS"] !== "1") return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
};

export { takeScreenshot };
