import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";

const folder = join(__dirname, "../../docs/images");

/** Keeps what the page shows now as `docs/images/NAME.png`, where SCREENSHOTS=1 asks for it: ordinary runs leave the tree as it is. */
const takeScreenshot = async (page: Page, name: string) => {
  if (process.env["SCREENSHOTS"] !== "1") return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
};

export { takeScreenshot };
