import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import type { Browser, Page } from "playwright-core";
import { LaptopProcess } from "../cloud/laptop-process";
import { findProblems } from "./axe";
import { startBrowser } from "./browser";
import { takeScreenshot } from "./screenshot";

/** A PNG image of one pixel. */
const dot = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==", "base64");

const payrollFile =
  'employee_id,name,hours,hourly_rate,overtime_hours,tax_rate\nE1,Ann Lee,160,25.50,10,0.2\nE2,"O\'Neil, Bob",80.25,30,,\n';

/** The whole program on the laptop cloud, used as a person would. Each test continues from the one before. */
describe("page of the whole program", () => {
  let browser: Browser;
  let laptop: LaptopProcess;
  let page: Page;
  const errors: string[] = [];

  before(async function () {
    browser = await startBrowser(this);
    laptop = await (await LaptopProcess.create()).start();
    // Drawing each frame of each motion would be half of the tests' CPU time. One test below looks at the motion.
    page = await browser.newPage({ viewport: { width: 1600, height: 1000 }, reducedMotion: "reduce" });
    page.on("pageerror", error => errors.push(error.message));
    page.on("console", message => {
      if (message.type() === "error") errors.push(message.text());
    });
    await page.goto(laptop.endpoints.page);
    await page.getByText("live", { exact: true }).waitFor();
  });

  after(async () => {
    await browser?.close();
    await laptop?.remove();
  });

  afterEach(() => expect(errors, "errors in the browser").to.deep.equal([]));

  const box = () => page.getByRole("textbox", { name: /^Say something/ });
  const say = async (text: string) => {
    await box().fill(text);
    await page.keyboard.press("Enter");
  };
  const messages = () => page.getByRole("list", { name: /^Messages in/ });
  const node = (name: string, kind: string) => page.getByRole("button", { name: new RegExp(`^${name}, ${kind}\\b`) });
  /** Selects a node of the diagram, also one in a closed group, or outside of what is visible. */
  const select = async (name: string, kind: string) => {
    await page.getByRole("combobox", { name: "Find a resource" }).fill(`${name} (${kind})`);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name, exact: true }).waitFor();
  };
  const tab = (name: string) => page.getByRole("tab", { name, exact: true }).click();
  const labelOf = async (name: string, kind: string) => (await node(name, kind).locator("title").textContent()) ?? "";
  const balanced = () => page.getByText("Counts match the messages.").waitFor();

  it("draws the resources of the program and the edges between them", async () => {
    for (const [name, kind] of [
      ["messages", "topic"],
      ["multiplier", "function"],
      ["words", "table"],
      ["oncall@example.com", "e-mail"],
      ["relay", "schedule"],
    ] as const)
      await node(name, kind).waitFor();
    for (const [group, name, kind] of [
      ["api", "webhook", "function"],
      ["payroll", "payroll-raw-data", "bucket"],
      ["notifier", "notifier", "queue"],
    ] as const) {
      await page.getByRole("button", { name: new RegExp(`^${group}, group of`) }).focus();
      await page.keyboard.press("Enter");
      await node(name, kind).waitFor();
    }
    const edges = await page.locator("[data-edge]").evaluateAll(paths => paths.map(path => path.getAttribute("data-edge")));
    expect(edges).to.include.members([
      "api:api > function:webhook",
      "function:webhook > topic:messages",
      "topic:messages > function:multiplier",
      "function:multiplier > table:words",
      "bucket:payroll-raw-data > function:payroll-start",
      "function:payroll-start > machine:payroll",
      "queue:notifier > function:notifier",
    ]);
  });

  it("answers 1, then 12, and updates the leaderboard and the diagram", async () => {
    await say("awsadvent some words");
    await messages().getByText("awsadvent = 1").waitFor();
    const leaderboard = page.getByRole("list", { name: "Leaderboard" });
    await leaderboard.getByText("11").first().waitFor();
    await say("awsadvent some words");
    await messages().getByText("awsadvent = 12").waitFor();
    await leaderboard.getByText("22").first().waitFor();
    await page.getByRole("img", { name: /^Counts over time: awsadvent 22, some 22, words 22$/ }).waitFor();
    await eventually(async () => (await labelOf("multiplier", "function")) === "multiplier, function, 2 invocations");
    expect(await labelOf("messages", "topic")).to.match(/^messages, topic, 2 → \d+$/);
  });

  it("sends a dropped file, and shows that it was archived", async () => {
    const transfer = await page.evaluateHandle(`(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(${JSON.stringify([...dot])})], "lunch.png", { type: "image/png" }));
      return transfer;
    })()`);
    const dropZone = page.getByText("Drop the files to add them to your message.");
    await page.dispatchEvent("main", "dragover", { dataTransfer: transfer });
    await dropZone.waitFor();
    await page.dispatchEvent("main", "drop", { dataTransfer: transfer });
    await dropZone.waitFor({ state: "detached" });
    await page.getByRole("list", { name: "Files to be sent" }).getByText("lunch.png").waitFor();
    await say("lunch #receipt");
    await messages().getByRole("link", { name: "lunch.png" }).waitFor();
    await messages()
      .getByRole("listitem")
      .filter({ hasText: "lunch.png" })
      .getByRole("button", { name: /^\d repl/ })
      .click();
    await page.getByRole("complementary", { name: "Thread" }).getByText("File archived").waitFor();
    await page.keyboard.press("Escape");
    await select("documents-archive", "bucket");
    await page.getByRole("cell", { name: /\/original$/ }).waitFor();
  });

  it("shows the trace of a message with times", async () => {
    await page.getByRole("button", { name: "Trace of ada's message" }).nth(2).click();
    const steps = page.getByRole("list", { name: "Steps of the trace" });
    for (const step of ["events → messages", "archiver ran", "documents step fetchFile", "documents-fetch-file s3:PutObject"])
      await steps.getByText(step).first().waitFor();
    expect(await steps.getByText(/^\+\d/).count()).to.be.above(20);
    const lit = await page.locator(".edge.lit").evaluateAll(paths => paths.flatMap(path => path.getAttribute("data-of")!.split(",")));
    expect(lit).to.include.members(["function:events > topic:messages", "topic:messages > function:archiver"]);
    expect(lit).to.not.include("function:payroll-start > machine:payroll");
    await steps.getByRole("button", { name: /^archiver ran/ }).click();
    await eventually(async () => {
      const paths = await page.locator(".edge.lit").evaluateAll(edges => edges.map(edge => edge.getAttribute("data-of")));
      return paths.every(path => /archiver/.test(path!)) && paths.includes("topic:messages > function:archiver");
    });
    await takeScreenshot(page, "trace");
    const link = await page.getByRole("link", { name: "Link to this trace" }).getAttribute("href");
    await tab("Words");
    await page.getByRole("button", { name: "Trace of ada's message" }).nth(2).click();
    await steps.waitFor();
    const linked = await browser.newPage({ reducedMotion: "reduce" });
    await linked.goto(laptop.endpoints.page + link);
    await linked.getByRole("list", { name: "Steps of the trace" }).getByText("archiver ran").waitFor();
    await linked.close();
  });

  it("completes a command, and shows the timer of a claim", async () => {
    await box().fill("/di");
    await page.getByRole("option", { name: /^\/dibs/ }).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.type("on staging for 45 minutes");
    await page.keyboard.press("Enter");
    await messages().getByText("has dibs on").waitFor();
    await page.getByRole("button", { name: "Release", exact: true }).waitFor();
    await tab("Timers");
    await page.getByRole("row", { name: /dibs-release/ }).waitFor();
    await tab("Turns");
    await page
      .getByRole("region", { name: "Turns of staging" })
      .getByRole("listitem")
      .filter({ hasText: /^ada holds\s+since .*, until .* left$/ })
      .waitFor();
  });

  it("moves the clock to the timer, and shows what fired without changing the layout", async () => {
    await select("dibs-release", "function");
    const top = async () => (await page.getByRole("main").boundingBox())?.y;
    const before = await top();
    await page.getByRole("button", { name: "+45 min" }).click();
    await page.getByText(/^Fired: .*dibs-release/).waitFor();
    // Longer text is cut, never wrapped.
    await page.locator(".fired").evaluate(fired => fired.append(" and much more".repeat(50)));
    expect(await top()).to.equal(before);
    await page.locator(".fired").evaluate(fired => fired.lastChild?.remove());
    await eventually(async () => (await labelOf("dibs-release", "function")) === "dibs-release, function, 1 invocation");
  });

  it("shows each step of a payroll for a file that is put into a bucket", async () => {
    await select("payroll-raw-data", "bucket");
    await page.getByLabel("Put a file").setInputFiles({ name: "march.csv", mimeType: "text/csv", buffer: Buffer.from(payrollFile) });
    await messages().getByText("Payroll process complete", { exact: true }).waitFor();
    await select("payroll", "state machine");
    await page.getByRole("button", { name: /^succeeded/ }).waitFor();
    await page.getByText("TaskStateExited generateReport").waitFor();
    await takeScreenshot(page, "payroll");
    await select("team@example.com", "e-mail");
    await page
      .getByText(/march\.csv/)
      .first()
      .waitFor();
  });

  it("shows a function's grants with the unused ones, and its environment without secrets", async () => {
    await select("webhook", "function");
    await tab("Role");
    await page.getByRole("row", { name: /^sns:Publish messages \d+$/ }).waitFor();
    await page.getByText("granted but unused").first().waitFor();
    await tab("Environment");
    await page.getByRole("row", { name: "VERIFICATION_TOKEN [secret]" }).waitFor();
    expect(await page.content()).to.not.contain("local-verification-token");
  });

  it("kills a function until its event is a dead letter, then redrives it, and the message is counted once", async () => {
    await tab("Weather");
    for (const attempt of [1, 2, 3]) {
      await page.getByRole("combobox", { name: "Function" }).selectOption("multiplier");
      await page.getByRole("button", { name: "Kill" }).click();
      await page.getByText("multiplier will be killed before its AWS call 1.").waitFor();
      if (attempt === 1) await say("awsadvent killed");
      // Lambda retries after one minute, then after two.
      else await laptop.advance(150);
      await page.getByText("multiplier will be killed").waitFor({ state: "detached" });
    }
    await eventually(async () => /1 dead letter$/.test(await labelOf("multiplier", "function")));
    expect(await labelOf("multiplier", "function")).to.match(/3 errors, 2 retries, 1 dead letter$/);
    await select("multiplier", "function");
    await page.getByRole("button", { name: "1 dead letter", exact: true }).click();
    await page.getByRole("button", { name: "Redrive" }).click();
    await page.getByText("1 message redriven.").waitFor();
    await page.getByRole("button", { name: "0 dead letters" }).waitFor();
    await tab("Words");
    await page
      .getByRole("listitem")
      .filter({ hasText: /^killed11$/ })
      .waitFor();
    await tab("Weather");
    await balanced();
  });

  it("balances deliveries and counts after rough weather", async () => {
    // Not check(): a box shows what the cloud says, which takes a moment.
    for (const name of [/^Duplicates/, /^Reordering/]) {
      const box = page.getByRole("checkbox", { name });
      await box.click();
      await eventually(() => box.isChecked());
    }
    await laptop.control("weather", { delayMs: 60_000 });
    for (const text of ["awsadvent rain", "awsadvent wind", "awsadvent hail"]) await say(text);
    await messages().getByText("hail = 1").waitFor();
    // As if a word were counted between the two reads.
    const words = "**/control/items?table=words&*";
    await page.route(words, async route => {
      const { items, ...rest } = (await (await route.fetch()).json()) as { items: { count: number }[] };
      await route.fulfill({
        json: { ...rest, items: items.map((item, index) => (index === 0 ? { ...item, count: item.count + 1 } : item)) },
      });
    });
    await page.getByRole("tab", { name: "Words" }).click();
    await page.getByRole("tab", { name: "Weather" }).click();
    await page.getByText("Deliveries are under way; counts are compared afterwards.").waitFor();
    await page.unroute(words);
    await page.getByRole("button", { name: "Clear the sky" }).click();
    await eventually(async () => !(await page.getByRole("checkbox", { name: /^Duplicates/ }).isChecked()));
    await laptop.advance(61);
    await eventually(async () => {
      const [, , , , underWay, repeated] = await page
        .getByRole("row", { name: /^multiplier runs/ })
        .getByRole("cell")
        .allTextContents();
      return underWay === "0" && Number(repeated) >= 0;
    });
    await page.getByText("7 messages accepted, 7 multiplied. They have 15 tokens; the counts add up to 165.").waitFor();
    await balanced();
    await takeScreenshot(page, "weather");
  });

  it("keeps every label of the diagram inside its node", async () => {
    const outside = await page.evaluate<string[]>(`[...document.querySelectorAll(".node")].flatMap(node => {
      const room = node.querySelector(".box").getBoundingClientRect();
      const labels = [...node.querySelectorAll("text")].filter(label => {
        const { top, right, bottom } = label.getBoundingClientRect();
        return top < room.top || right > room.right || bottom > room.bottom;
      });
      return labels.map(label => node.dataset.node + ": " + label.textContent);
    })`);
    expect(outside).to.deep.equal([]);
  });

  it("keeps the frame of an open group clear of what is not in it", async () => {
    const overlaps = await page.evaluate<string[]>(`(() => {
      const nodes = [...document.querySelectorAll(".node")].map(node => [node.dataset.node, node.querySelector(".box").getBoundingClientRect()]);
      return [...document.querySelectorAll(".diagram .frame > rect")].flatMap(rect => {
        const frame = rect.getBoundingClientRect();
        const isIn = box => (box.left + box.right) / 2 > frame.left && (box.left + box.right) / 2 < frame.right;
        const partly = nodes.filter(([, box]) => isIn(box) && ((box.top < frame.top && box.bottom > frame.top) || (box.top < frame.bottom && box.bottom > frame.bottom)));
        return partly.map(([name]) => name + " overlaps " + rect.parentElement.textContent);
      });
    })()`);
    expect(overlaps).to.deep.equal([]);
  });

  it("moves and enlarges the diagram, and fits it again", async () => {
    const place = async () => await page.evaluate<string>("document.querySelector('.drawing').style.transform");
    const { x = 0, y = 0, width = 0, height = 0 } = (await page.locator(".canvas").boundingBox()) ?? {};
    await page.getByRole("button", { name: "Fit" }).click();
    const fitted = await place();
    expect(await page.locator(".minimap").count(), "the whole diagram is seen").to.equal(0);
    const pressed = await page.locator('.node[aria-pressed="true"]').count();
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + width / 2 - 60, y + height / 2 - 40, { steps: 4 });
    await page.mouse.up();
    const [left, top] = [fitted, await place()].map(text => text.match(/-?[\d.]+/g)!.map(Number));
    expect([Math.round(top![0]! - left![0]!), Math.round(top![1]! - left![1]!)]).to.deep.equal([-60, -40]);
    expect(await page.locator('.node[aria-pressed="true"]').count(), "a drag selects nothing").to.equal(pressed);
    await page.mouse.wheel(0, -300);
    await eventually(async () => Number(/scale\(([\d.]+)\)/.exec(await place())![1]) > Number(/scale\(([\d.]+)\)/.exec(fitted)![1]));
    await page.getByRole("button", { name: "Fit" }).click();
    await eventually(async () => (await place()) === fitted);
  });

  it("shows a group that is opened, wherever it lies then", async () => {
    await page.reload();
    await page.getByRole("button", { name: /^payroll, group of/ }).press("Enter");
    const canvas = (await page.locator(".canvas").boundingBox())!;
    await eventually(async () => {
      const { x, y, width, height } = (await node("payroll-raw-data", "bucket").boundingBox())!;
      return x >= canvas.x && y >= canvas.y && x + width <= canvas.x + canvas.width && y + height <= canvas.y + canvas.height;
    });
  });

  it("opens the message of a permalink", async () => {
    await messages().evaluate(list => list.scrollTo({ top: 0 }));
    const ts = await messages().locator('[aria-posinset="1"]').getAttribute("data-row");
    await page.goto(`${laptop.endpoints.slack}/archives/C0001/p${ts!.replace(".", "")}`);
    await messages().locator("li.linked").getByText("awsadvent some words").waitFor();
    expect(await messages().locator("li.linked").isVisible()).to.equal(true);
  });

  it("shows the card of an agent task, and the container that runs it", async () => {
    await say("/ask report words 3");
    const card = messages().getByRole("listitem").filter({ hasText: "report words 3" }).filter({ hasText: "(edited)" });
    await card.locator("b", { hasText: "Done" }).waitFor();
    // The page may show the message before the end of its session.
    await card.getByRole("button", { name: "Stop" }).waitFor({ state: "detached" });
    await tab("Agents");
    const task = page.getByRole("list", { name: "Tasks of agents" }).getByRole("listitem").filter({ hasText: "ada: report words 3" });
    await task.getByText(/Read the top 3 words/).waitFor();
    await select("agent", "container");
    await page.getByText("1 task runs.").waitFor();
    await page
      .getByRole("region", { name: "Tasks of agent" })
      .getByRole("row", { name: /running$/ })
      .waitFor();
    await tab("Environment");
    await page.getByRole("row", { name: "MCP_TOKEN [secret]" }).waitFor();
    await tab("Role");
    await page.getByRole("row", { name: /^sqs:ReceiveMessage agent-tasks \d+$/ }).waitFor();
    await takeScreenshot(page, "agent");
  });

  for (const [scheme, rules] of [
    ["light", undefined],
    // The rest does not depend on colours.
    ["dark", ["color-contrast"]],
  ] as const)
    it(`has no accessibility problem in ${scheme} colours`, async () => {
      await page.emulateMedia({ colorScheme: scheme });
      const expectNone = async (where: string, within?: string) =>
        expect(await findProblems(page, { within, rules: rules && [...rules] }), where).to.deep.equal([]);
      for (const name of ["Words", "Turns", "Agents", "Trace", "Weather", "Timers", "Alarms", "Mail", "Resource"]) {
        await tab(name);
        await expectNone(`on the tab ${name}`, ".panel");
      }
      await page.getByRole("button", { name: "Keys" }).click();
      await page.getByRole("dialog", { name: "Keys" }).waitFor();
      await expectNone("in the list of keys", ".keys-list");
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Emoji" }).click();
      await expectNone("in the emoji", ".emoji-picker");
      await page.keyboard.press("Escape");
      await messages()
        .getByRole("button", { name: /^\d+ repl/ })
        .last()
        .click();
      await page.getByRole("textbox", { name: /^Reply/ }).fill("@");
      await page.getByRole("listbox", { name: "Completions" }).waitFor();
      await expectNone("on the whole page, with a thread and completions");
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Close the thread" }).click();
    });

  it("animates the path of a message through the diagram", async () => {
    await tab("Words");
    for (const word of ["sun", "moon", "stars"]) {
      await say(`awsadvent ${word} and words`);
      await messages().getByText(`${word} = 1`).waitFor();
      await page
        .getByRole("listitem")
        .filter({ hasText: new RegExp(`^${word}11$`) })
        .waitFor();
    }
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "no-preference" });
    await page.reload();
    await page.getByText("live", { exact: true }).waitFor();
    await page.locator(".sparks").waitFor({ state: "attached" });
    // Counts sparks as they are added, because a slow machine may look too late to see them.
    await page.evaluate(`
      window.sparks = 0;
      new MutationObserver(records => {
        for (const { addedNodes } of records) for (const node of addedNodes) if (node.nodeName === "circle") window.sparks++;
      }).observe(document.querySelector(".sparks"), { childList: true, subtree: true });
    `);
    await say("awsadvent one more");
    await eventually(async () => (await page.evaluate<number>("window.sparks")) > 3);
    await takeScreenshot(page, "page");
    await messages().getByText("one = 1").waitFor();
    await eventually(async () => (await page.locator(".sparks circle").count()) === 0);
    await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
    await takeScreenshot(page, "page-dark");
  });

  describe("first minute", () => {
    const tour = () => page.getByRole("region", { name: "First minute" });
    /** Presses a button of the tour, and resolves with what it says in the end. */
    const take = async (step: string) => {
      await tour().getByRole("button", { name: step }).click();
      const told = tour()
        .locator(".told.done, .told.failed")
        .filter({ hasText: `${step}:` });
      await told.waitFor({ timeout: 90_000 });
      return (await told.textContent()) ?? "";
    };
    const litEdges = () => page.locator(".edge.lit").evaluateAll(paths => paths.flatMap(path => path.getAttribute("data-of")!.split(",")));

    it("says it twice, even if the button is pressed before the program has been read", async () => {
      const inventory = "**/control/inventory";
      const release: (() => void)[] = [];
      await page.route(inventory, route => new Promise<void>(resolve => release.push(resolve)).then(() => route.continue()));
      await page.reload();
      const told = take("Say it twice");
      await tour().locator(".told.running").waitFor();
      await page.unroute(inventory);
      for (const each of release) each();
      const [, first, second] = /^Say it twice: The answers are (\d+) and (\d+): /.exec(await told) ?? [];
      expect(Number(second) - Number(first)).to.equal(11);
      await node("webhook", "function").waitFor();
      await eventually(async () => (await litEdges()).includes("function:webhook > topic:messages"));
    });

    it("breaks the multiplier, mends it, and finds the counts right", async () => {
      expect(await take("Break it and mend it")).to.match(/counted once all the same: “mended” went from 1 to 11, and all counts match/);
    });

    it("gives the agent two hours", async () => {
      // Nearly all that happens in two hours is the agent's heartbeats, at one pace. Five minutes of them take a tenth of the CPU time.
      const sent: string[] = [];
      const shorten = (path: string, from: string, to: string) =>
        page.route(
          path,
          async route => {
            sent.push(route.request().postData()!);
            await route.continue({ postData: sent.at(-1)!.replace(from, to) });
          },
          { times: 1 },
        );
      await shorten("**/slack/say", "sleep 2h", "sleep 5m");
      await shorten("**/control/clock", "7200", "300");
      expect(await take("Give the agent two hours")).to.contain("the agent answered “Slept 5 min.” in the thread");
      expect(sent.join()).to.include("> sleep 2h").and.include('{"advanceSeconds":7200}');
    });
  });
});
