import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { eventually, rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import type { Browser } from "playwright-core";
import { LaptopProcess } from "../../../../test/cloud/laptop-process";
import { startBrowser } from "../../../../test/page/browser";
import { takeScreenshot } from "../../../../test/page/screenshot";

const folder = "packages/laptop-cloud/test/program/other-program";

describe("another program on the laptop cloud", () => {
  let laptop: LaptopProcess;

  describe("that it knows", () => {
    let browser: Browser | undefined;

    before(async () => {
      laptop = await (await LaptopProcess.create()).start("--program", folder);
    });

    after(async () => {
      await browser?.close();
      await laptop?.remove();
    });

    it("runs unmodified, with its own folder as working directory and without configuration", async () => {
      const response = await fetch(`${laptop.endpoints.outputs["url"]}/hello`);
      expect(await response.text()).to.equal("Hello, whoever you are!");
      expect((await fetch(`${laptop.endpoints.outputs["url"]}/hello?name=Ada`)).status).to.equal(200);
    });

    it("hides the outputs that it marks as secret", async () => {
      expect(laptop.endpoints.outputs["password"]).to.equal("[secret]");
      expect(JSON.stringify(await laptop.control("inventory")))
        .to.include('"password":"[secret]"')
        .and.not.include("horse");
    });

    it("is drawn on the page, and its dead letters can be redriven", async function () {
      browser = await startBrowser(this);
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      await page.goto(laptop.endpoints.page);
      await page.getByRole("button", { name: "greet, function, 2 invocations" }).waitFor();
      const edges = await page.locator("[data-edge]").evaluateAll(paths => paths.map(path => path.getAttribute("data-edge")));
      expect(edges).to.have.members(["api:public > function:greet", "queue:jobs > function:work"]);
      await page.getByText("No app installed").waitFor();
      await page.setViewportSize({ width: 1100, height: 800 });
      await page.getByRole("button", { name: /^greet, function/ }).waitFor();
      const { y = 0, height = 0 } = (await page.getByRole("button", { name: /^greet, function/ }).boundingBox()) ?? {};
      expect(y + height, "the program is in sight").to.be.within(1, 800);
      await page.setViewportSize({ width: 1280, height: 800 });

      const send = new SendMessageCommand({ QueueUrl: laptop.endpoints.outputs["jobsUrl"], MessageBody: "impossible" });
      await new SQSClient(laptop.client).send(send);
      await page.getByRole("button", { name: /^work, function, 1 invocation, 1 error$/ }).waitFor();
      await laptop.advance(31);
      await page.getByRole("button", { name: /^jobs, queue, empty, 1 dead letter$/ }).click();
      await takeScreenshot(page, "other-program");
      await page.getByRole("button", { name: "1 dead letter", exact: true }).click();
      await page.getByRole("button", { name: "Redrive" }).click();
      await page.getByText("1 message redriven.").waitFor();
      await eventually(async () => (await page.getByRole("button", { name: /^work, function, 2 invocations, 2 errors$/ }).count()) === 1);
      await page.close();
    });
  });

  it("is refused if it waits for a promise that nothing settles, also as an ECMAScript module outside the project", async () => {
    const outside = mkdtempSync(join(tmpdir(), "slack-fanout-program-"));
    laptop = await LaptopProcess.create();
    try {
      writeFileSync(join(outside, "Pulumi.yaml"), "name: endless\nruntime: nodejs\n");
      writeFileSync(join(outside, "package.json"), '{"type":"module"}');
      writeFileSync(join(outside, "index.ts"), "const never: Promise<void> = new Promise(() => {});\nawait never;\n");
      const refusal = await rejectionOf<Error>(laptop.start("--program", outside));
      expect(refusal.message).to.contain("The program never ends: it waits for a promise that nothing settles.");
    } finally {
      await laptop.remove();
      rmSync(outside, { recursive: true });
    }
  });
});
