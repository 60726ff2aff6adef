/**
 * Makes the picture of docs/guides/debugging.md: the browser's developer tools, which have stopped a function at a breakpoint.
 *
 *     SCREENSHOTS=1 node -C slack-fanout-source -r ./bin/load-typescript.cjs test/page/debugger-screenshot.ts
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import type { Page } from "playwright-core";
import { LaptopProcess } from "../cloud/laptop-process";
import { startBrowser } from "./browser";
import { takeScreenshot } from "./screenshot";

const FILE = "subscribers/multiplier.ts";
const LINE =
  readFileSync(join(__dirname, "../..", FILE), "utf8")
    .split("\n")
    .findIndex(line => line.includes("await this.addOnce.add(")) + 1;

/** The developer tools of a Chromium without a window may not read files, which source maps and sources are. */
const letRead = async (page: Page) => {
  await page.exposeFunction("readSource", (url: string) => readFileSync(fileURLToPath(url), "utf8"));
  await page.addInitScript(() => {
    const tools = globalThis as typeof globalThis & { readSource(url: string): Promise<string> };
    const { fetch } = tools;
    tools.fetch = async (input, init) => {
      const url = input instanceof Request ? input.url : String(input);
      if (!url.startsWith("file:")) return fetch(input, init);
      return new Response(await tools.readSource(url));
    };
  });
};

const stopAtBreakpoint = async (page: Page, address: string, trigger: () => Promise<unknown>) => {
  await page.goto(`devtools://devtools/bundled/js_app.html?ws=${address}`);
  await page.getByRole("tab", { name: "Sources" }).click();
  const found = page.getByText(FILE.split("/").at(-1)!, { exact: true });
  // Until the source map is read, there is no such file.
  await eventually(async () => {
    await page.keyboard.press("Control+P");
    await page.keyboard.type(FILE);
    return found.first().isVisible();
  });
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Hide navigator" }).click();
  await page.locator(".cm-lineNumbers .cm-gutterElement", { hasText: new RegExp(`^${LINE}$`) }).click();
  await page.locator(".cm-breakpoint").first().waitFor();
  await trigger();
  await page.getByText("Paused on breakpoint").waitFor();
};

const main = async () => {
  const laptop = await LaptopProcess.create();
  const fail = () => {
    throw new Error("There is no browser.");
  };
  const browser = await startBrowser({ skip: fail });
  try {
    await laptop.start("--inspect", "multiplier");
    const [, address] = await eventually(() => /debugger at ws:\/\/(\S+)/.exec(laptop.output));
    const page = await browser.newPage({ viewport: { width: 1100, height: 560 } });
    await letRead(page);
    await stopAtBreakpoint(page, address!, () => laptop.webhook({ text: "awsadvent some words", timestamp: "1763805600.000100" }));
    await takeScreenshot(page, "debugger");
  } finally {
    await browser.close();
    await laptop.remove();
  }
};

void main();
