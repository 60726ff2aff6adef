/**
 * Compares the page with ten messages and with ten thousand, in Chromium. Both channels are in one pretend Slack, and measurements alternate.
 *
 * `node -C slack-fanout-source -r ./bin/load-typescript.cjs bench/page.ts`. All messages of the channel are loaded first. The last line compares the two.
 *
 * - shown: from the Enter key to the frame that shows the message, milliseconds (median, and the slowest)
 * - read: what the page downloads from the pretend Slack for one message, kilobytes
 * - frame: how long a frame takes while the list is scrolled, milliseconds (median, 95 of 100, and the longest)
 * - elements: how many elements the document has
 *
 * Then it draws a generated program of 300 resources, all groups open, and moves and enlarges its diagram:
 *
 * - first paint: from the request of the page, milliseconds
 * - frame: how long a frame takes while the diagram moves, milliseconds
 */

import { createControls } from "@slack-fanout/laptop-cloud/controls";
import type { Program } from "@slack-fanout/laptop-cloud/kernel/program";
import { startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { createSlack } from "@slack-fanout/pretend-slack/service";
import type { Page } from "playwright-core";
import { startBrowser } from "../test/page/browser";
import { ourPage } from "../test/page/our-page";

const sizes = { C0002: 10, C0001: 10_000 };
type Channel = keyof typeof sizes;

/** Enough for a stable median on a busy machine. */
const rounds = 15;
const scrolledFrames = 120;

/** More parallel requests would not be faster. */
const saidAtOnce = 20;

/** No app is installed, because other benchmarks measure doors and functions. */
const program: Program = { outputs: {}, secretOutputs: [], config: {} };

interface Measured {
  shownMs: number[];
  readBytes: number[];
  frameMs: number[];
  elements: number;
}

const fill = async (slackUrl: string) => {
  for (const [channel, count] of Object.entries(sizes)) {
    for (let said = 0; said < count; said += saidAtOnce) {
      const texts = Array.from(
        { length: Math.min(saidAtOnce, count - said) },
        (_, index) => `message ${said + index} of *many*\nand :tada:`,
      );
      await Promise.all(texts.map(text => say(slackUrl, channel, text)));
    }
  }
};

const say = async (slackUrl: string, channel: string, text: string) => {
  const response = await fetch(`${slackUrl}/say`, { method: "POST", body: JSON.stringify({ user: "U0002", channel, text }) });
  if (!response.ok) throw new Error(await response.text());
};

/** Scrolls up until all earlier messages are loaded, and back to the end. */
const loadAll = `(async () => {
  const list = document.querySelector("ol.messages");
  const frame = () => new Promise(requestAnimationFrame);
  while (document.querySelector(".more") !== null || list.querySelector("li") === null) {
    list.scrollTo({ top: 0 });
    document.querySelector(".more button")?.click();
    await frame();
  }
  for (let count = 0; count < 5; count += 1) {
    list.scrollTo({ top: list.scrollHeight });
    await frame();
  }
})()`;

/** Resolves with the milliseconds from the Enter key to the frame that shows a text in the list. */
const watch = (text: string) => `void (window.shown = new Promise(resolve => {
  const list = document.querySelector("ol.messages");
  let startedMs;
  addEventListener("keydown", () => { startedMs = performance.now(); }, { capture: true, once: true });
  new MutationObserver((_, observer) => {
    if (!list.lastElementChild.textContent.includes(${JSON.stringify(text)})) return;
    observer.disconnect();
    // The next frame's callbacks run after this frame has been drawn.
    requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - startedMs)));
  }).observe(list, { subtree: true, childList: true, characterData: true });
}))`;

/** Scrolls back and forth, and resolves with the time of each frame. */
const scroll = `(async () => {
  const list = document.querySelector("ol.messages");
  const frame = () => new Promise(requestAnimationFrame);
  const took = [];
  let step = -200;
  let last = await frame();
  for (let count = 0; count < ${scrolledFrames}; count += 1) {
    const before = list.scrollTop;
    list.scrollBy({ top: step });
    if (list.scrollTop === before) step = -step;
    const now = await frame();
    took.push(now - last);
    last = now;
  }
  list.scrollTo({ top: list.scrollHeight });
  await frame();
  return took;
})()`;

const open = async (page: Page, channel: Channel) => {
  await page.locator(`a[href="#${channel}"]`).click();
  await page.locator("ol.messages li[data-row]").first().waitFor();
  await page.evaluate(loadAll);
};

const measure = async (page: Page, channel: Channel, measured: Measured) => {
  await open(page, channel);
  for (let round = 0; round < rounds; round += 1) {
    const text = `round ${round} in ${channel}`;
    let bytes = 0;
    const count = async (response: { url(): string; body(): Promise<Buffer> }) => {
      if (response.url().includes("/slack/")) bytes += (await response.body()).length;
    };
    page.on("response", count);
    await page.evaluate(watch(text));
    await page.locator("#say").fill(text);
    await page.keyboard.press("Enter");
    measured.shownMs.push(await page.evaluate<number>("window.shown"));
    // What one says is shown before it is read back.
    await page.locator("ol.messages .pending").waitFor({ state: "detached" });
    page.off("response", count);
    measured.readBytes.push(bytes);
  }
  measured.frameMs.push(...(await page.evaluate<number[]>(scroll)));
  measured.elements = await page.evaluate<number>("document.querySelectorAll('*').length");
};

const TOPICS = 10;
const FUNCTIONS = 20;
const QUEUES = 9;
const movedFrames = 180;

/** An inventory of 300 resources: topics with functions as subscribers, and queues that functions consume, each in a component of its own. */
const buildInventory = () => {
  const resource = (type: string, name: string, group: string, inputs: object = {}) => {
    const arn = `arn:aws:${type.split(/[:/]/)[1]}:us-east-1:000000000000:${name}`;
    return { type, name, id: name, urn: name, inputs, outputs: { arn, name }, parent: group, group };
  };
  const arnOf = (service: string, name: string) => `arn:aws:${service}:us-east-1:000000000000:${name}`;
  const resources = Array.from({ length: TOPICS }, (_, at) => `team-${at}`).flatMap(team => [
    resource("aws:sns/topic:Topic", `${team}-topic`, team),
    ...Array.from({ length: FUNCTIONS }, (_, at) => `${team}-function-${at}`).flatMap(name => [
      resource("aws:lambda/function:Function", name, team),
      resource("aws:sns/topicSubscription:TopicSubscription", `${name}-subscription`, team, {
        topic: arnOf("sns", `${team}-topic`),
        protocol: "lambda",
        endpoint: arnOf("lambda", name),
      }),
    ]),
    ...Array.from({ length: QUEUES }, (_, at) => `${team}-queue-${at}`).flatMap((name, at) => [
      resource("aws:sqs/queue:Queue", name, team),
      resource("aws:lambda/eventSourceMapping:EventSourceMapping", `${name}-mapping`, team, {
        eventSourceArn: arnOf("sqs", name),
        functionName: arnOf("lambda", `${team}-function-${at}`),
      }),
    ]),
  ]);
  return { revision: 0, resources, outputs: {} };
};

/** Enlarges and shrinks the diagram around a moving point, and resolves with the time of each frame. */
const moveDiagram = `(async () => {
  const canvas = document.querySelector(".canvas");
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const frame = () => new Promise(requestAnimationFrame);
  const took = [];
  let last = await frame();
  for (let count = 0; count < ${movedFrames}; count += 1) {
    const part = count / ${movedFrames};
    canvas.dispatchEvent(new WheelEvent("wheel", {
      deltaY: Math.sin(count / 8) * 40, clientX: left + width * part, clientY: top + height * part, bubbles: true, cancelable: true,
    }));
    const now = await frame();
    took.push(now - last);
    last = now;
  }
  return took;
})()`;

const measureDiagram = async (page: Page, pageUrl: string): Promise<string> => {
  await page.route("**/control/inventory*", route => route.fulfill({ json: buildInventory() }));
  await page.goto(pageUrl);
  await page.getByRole("button", { name: /^team-0, group of/ }).waitFor();
  const paintMs = await page.evaluate<number>("performance.getEntriesByName('first-contentful-paint')[0].startTime");
  for (let at = 0; at < TOPICS; at += 1) await page.getByRole("button", { name: new RegExp(`^team-${at}, group of`) }).press("Enter");
  await page.getByRole("button", { name: "Fit" }).click();
  const nodes = await page.locator(".node").count();
  const frameMs = await page.evaluate<number[]>(moveDiagram);
  await page.unroute("**/control/inventory*");
  return [
    `${nodes} resources`.padEnd(16),
    `first paint ${paintMs.toFixed(0)} ms`,
    `frame ${quantile(frameMs, 0.5).toFixed(1)} ms (95 %: ${quantile(frameMs, 0.95).toFixed(1)}, longest ${quantile(frameMs, 1).toFixed(1)})`,
  ].join("   ");
};

const quantile = (values: number[], part: number) => [...values].sort((a, b) => a - b)[Math.ceil(values.length * part) - 1]!;

const describe = (count: number, { shownMs, readBytes, frameMs, elements }: Measured) =>
  [
    `${count} messages`.padEnd(16),
    `shown ${quantile(shownMs, 0.5).toFixed(0)} ms (slowest ${quantile(shownMs, 1).toFixed(0)})`,
    `read ${(quantile(readBytes, 0.5) / 1024).toFixed(1)} KB`,
    `frame ${quantile(frameMs, 0.5).toFixed(1)} ms (95 %: ${quantile(frameMs, 0.95).toFixed(1)}, longest ${quantile(frameMs, 1).toFixed(1)})`,
    `${elements} elements`,
  ].join("   ");

const main = async () => {
  const browser = await startBrowser({ skip: () => process.exit(0) });
  const laptop = await startLaptop({
    definitions: [createSlack(() => program), createControls(() => program), ourPage],
  });
  try {
    const { pageUrl } = laptop.cloud.place;
    await fill(`${pageUrl}/slack`);
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(pageUrl);
    await page.locator("ol.messages").waitFor();
    const results = new Map<Channel, Measured>();
    for (const channel of Object.keys(sizes) as Channel[]) {
      const measured: Measured = { shownMs: [], readBytes: [], frameMs: [], elements: 0 };
      results.set(channel, measured);
      await measure(page, channel, measured);
      console.log(describe(sizes[channel], measured));
    }
    const [few, many] = [results.get("C0002")!, results.get("C0001")!];
    const ratio = (of: (measured: Measured) => number) => `x${(of(many) / of(few)).toFixed(2)}`;
    console.log(
      `ten thousand beside ten: shown ${ratio(({ shownMs }) => quantile(shownMs, 0.5))}, read ${ratio(({ readBytes }) => quantile(readBytes, 0.5))}, frame ${ratio(({ frameMs }) => quantile(frameMs, 0.5))}`,
    );
    console.log(await measureDiagram(await browser.newPage({ viewport: { width: 1280, height: 800 } }), pageUrl));
  } finally {
    await browser.close();
    await laptop.stop();
  }
};

main().then(
  () => process.exit(0),
  (error: Error) => {
    console.error(error);
    process.exit(1);
  },
);
