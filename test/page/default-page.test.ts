import { createControls } from "@slack-fanout/laptop-cloud/controls";
import { createPage } from "@slack-fanout/laptop-cloud/page-server";
import { eventually, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import type { Browser } from "playwright-core";
import { startBrowser } from "./browser";
import { createFakeProgram } from "./fake-program";

describe("page of a program without its own parts", () => {
  let browser: Browser;
  let laptop: Awaited<ReturnType<typeof startLaptop>>;

  before(async function () {
    browser = await startBrowser(this);
    const { definitions, resources } = createFakeProgram();
    const output = () => ({ outputs: {}, secretOutputs: [], config: {} });
    laptop = await startLaptop({ definitions: [...definitions, createControls(output), createPage({ title: "A & B" })], resources });
  });

  after(async () => {
    await browser?.close();
    await laptop?.stop();
  });

  it("shows the program and its resources, and nothing of Slack", async () => {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on("pageerror", error => errors.push(error.message));

    // The frame is painted before the script and the style sheet are there.
    let isServing = false;
    await page.route(/page\.(js|css)$/, async route => {
      await eventually(() => isServing);
      await route.fallback();
    });
    await page.goto(laptop.cloud.place.pageUrl, { waitUntil: "commit" });
    await eventually(async () => page.evaluate<boolean>("performance.getEntriesByName('first-contentful-paint').length === 1"));
    expect(await page.getByRole("heading", { name: "A & B" }).evaluate(heading => heading.closest("header")!.offsetHeight)).to.equal(42);
    isServing = true;
    await page.getByRole("button", { name: "words, table" }).click();
    await page.getByText("No items yet.").waitFor();
    expect((await page.getByRole("main", { name: "Program" }).boundingBox())?.width).to.equal(page.viewportSize()?.width);

    expect(await page.getByRole("region", { name: "First minute" }).count()).to.equal(0);
    expect(await page.title()).to.equal("A & B on this laptop");
    expect(await page.getByRole("tab").allTextContents()).to.deep.equal(["Resource", "Trace", "Weather", "Timers", "Mail"]);
    expect(await (await page.request.get(`${laptop.cloud.place.pageUrl}/page.js`)).text()).to.not.match(/slack/i);
    expect(errors).to.deep.equal([]);
  });
});
