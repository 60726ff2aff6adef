import type { Browser, Page } from "playwright-core";
import { LaptopProcess } from "../../cloud/laptop-process";
import { startBrowser } from "./browser";
import { takeScreenshot } from "./screenshot";

/** The whole program on the laptop cloud, as a person meets it. */
describe("page of the whole program", function () {
  this.timeout(90_000);

  let browser: Browser | undefined;
  let laptop: LaptopProcess;
  let page: Page;

  before(async () => {
    browser = await startBrowser();
    if (browser === undefined) return;
    laptop = await (await LaptopProcess.create()).start();
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(laptop.endpoints.page);
    await page.getByText("live", { exact: true }).waitFor();
  });

  after(async () => {
    await browser?.close();
    await laptop?.remove();
  });

  /** A test in the browser; without one, `startBrowser` has said so (and failed in CI). */
  const inBrowser = (title: string, test: () => Promise<void>) =>
    it(title, async () => {
      if (browser !== undefined) await test();
    });

  const say = async (text: string) => {
    await page.getByRole("textbox", { name: /^Say something/ }).fill(text);
    await page.keyboard.press("Enter");
  };
  const messages = () => page.getByRole("list", { name: /^Messages in/ });

  inBrowser("answers 1, and the second time 12", async () => {
    await say("awsadvent some words");
    await messages().getByText("awsadvent = 1").waitFor();
    await page.getByRole("row", { name: /^awsadvent 11/ }).waitFor();
    await say("awsadvent some words");
    await messages().getByText("awsadvent = 12").waitFor();
    await takeScreenshot(page, "page");
  });
});
