/**
 * Makes the animation of the README, `docs/images/say-it-twice.gif`: the first button of the first minute, as a person sees it.
 *
 *     node -C slack-fanout-source -r ./bin/load-typescript.cjs test/page/animation.ts
 */
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { LaptopProcess } from "../cloud/laptop-process";
import { startBrowser } from "./browser";

const FILE = join(__dirname, "../../docs/images/say-it-twice.gif");
const MAX_BYTES = 3 * 1024 * 1024;
const SIZE = { width: 1280, height: 720 };

/** How long the last picture stays. */
const LAST_MS = 4000;

/** A picture, and how long it stays. */
interface Frame {
  png: Buffer;
  ms: number;
}

/** Takes pictures while `act` works. Each stays until the next that differs. */
const film = async (page: Page, act: () => Promise<void>): Promise<Frame[]> => {
  const frames: Frame[] = [];
  let isOver = false;
  const done = act().finally(() => {
    isOver = true;
  });
  let beganMs = performance.now();
  while (!isOver || frames.length === 0) {
    const png = await page.screenshot();
    const last = frames.at(-1);
    if (last?.png.equals(png)) continue;
    if (last !== undefined) last.ms = performance.now() - beganMs;
    beganMs = performance.now();
    frames.push({ png, ms: 0 });
  }
  await done;
  frames.at(-1)!.ms = LAST_MS;
  return frames;
};

/** Encodes in a browser, which can read PNG. What did not change from the frame before is transparent. */
const ENCODE = `(async frames => {
  const { GIFEncoder, quantize, applyPalette } = window.gifenc;
  const gif = GIFEncoder();
  const CLEAR = 255;
  let before;
  for (const { png, ms } of frames) {
    const picture = await createImageBitmap(await (await fetch("data:image/png;base64," + png)).blob());
    const { width, height } = picture;
    const canvas = new OffscreenCanvas(width, height).getContext("2d");
    canvas.drawImage(picture, 0, 0);
    const { data } = canvas.getImageData(0, 0, width, height);
    const palette = quantize(data, CLEAR);
    while (palette.length <= CLEAR) palette.push([0, 0, 0]);
    const index = applyPalette(data, palette);
    const pixels = new Uint32Array(data.buffer);
    if (before !== undefined) for (let at = 0; at < pixels.length; at++) if (pixels[at] === before[at]) index[at] = CLEAR;
    before = pixels;
    gif.writeFrame(index, width, height, { palette, delay: ms, transparent: true, transparentIndex: CLEAR, dispose: 1 });
  }
  gif.finish();
  let text = "";
  for (const byte of gif.bytes()) text += String.fromCharCode(byte);
  return btoa(text);
})`;

const encode = async (browser: Browser, frames: Frame[]): Promise<Buffer> => {
  const page = await browser.newPage();
  const library = readFileSync(require.resolve("gifenc"), "utf8");
  await page.evaluate(`(() => { const exports = {}; const module = { exports }; ${library}; window.gifenc = module.exports; })()`);
  const input = JSON.stringify(frames.map(({ png, ms }) => ({ png: png.toString("base64"), ms })));
  return Buffer.from(await page.evaluate<string>(`${ENCODE}(${input})`), "base64");
};

const main = async () => {
  const browser = await startBrowser({ skip: () => process.exit(0) });
  const laptop = await (await LaptopProcess.create()).start();
  try {
    const page = await browser.newPage({ viewport: SIZE });
    await page.goto(laptop.endpoints.page);
    await page.getByText("live", { exact: true }).waitFor();
    const frames = await film(page, async () => {
      await page.waitForTimeout(1000);
      await page.getByRole("button", { name: "Say it twice" }).click();
      await page.locator(".told.done").waitFor();
    });
    const gif = await encode(browser, frames);
    if (gif.length > MAX_BYTES) throw new Error(`The animation has ${gif.length} bytes, but must have at most ${MAX_BYTES}.`);
    await writeFile(FILE, gif);
    console.log(`${frames.length} pictures, ${Math.round(gif.length / 1024)} KB`);
  } finally {
    await browser.close();
    await laptop.remove();
  }
};

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
