import { type AnyChunk, WebClient } from "@slack/web-api";
import { createControls } from "@slack-fanout/laptop-cloud/controls";
import { eventually, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { createSlack } from "@slack-fanout/pretend-slack/service";
import { expect } from "chai";
import type { Browser, Locator, Page } from "playwright-core";
import { type Doors, startDoors } from "../../packages/pretend-slack/test/doors";
import { buildProgram, secrets } from "../../packages/pretend-slack/test/workspace";
import { findProblems } from "./axe";
import { startBrowser } from "./browser";
import { createFakeProgram } from "./fake-program";
import { ourPage } from "./our-page";

/** Rows in the document for a list of any length, on the screen of these tests. */
const MAX_RENDERED = 120;

/** Limit for the script of the page, uncompressed. */
const MAX_SCRIPT_BYTES = 400 * 1024;

describe("page", () => {
  let doors: Doors;
  let laptop: Awaited<ReturnType<typeof startLaptop>>;
  let program: ReturnType<typeof createFakeProgram>;

  beforeEach(async () => {
    doors = await startDoors();
    program = createFakeProgram();
    const output = () => buildProgram(doors.url);
    laptop = await startLaptop({
      definitions: [...program.definitions, createSlack(output), createControls(output), ourPage],
      resources: program.resources,
    });
    doors.answer(({ path, body }) => {
      if (path === "/commands") return { body: JSON.stringify({ text: "You hold *staging*." }) };
      if (path !== "/webhook") return {};
      const { text = "" } = Object.fromEntries(new URLSearchParams(body));
      program.count(text);
      return {
        body: JSON.stringify({
          text: text
            .split(" ")
            .map(word => `\`${word}\` = ${program.countOf(word)}`)
            .join("\n"),
        }),
      };
    });
  });

  /** What earlier tests started. It runs until the browser has left its page, which is cheaper than an empty page between two tests. */
  const former: { stop(): Promise<unknown> }[] = [];
  const stopFormer = async () => {
    for (const each of former.splice(0)) await each.stop();
  };
  afterEach(() => void former.push(laptop, doors));
  after(stopFormer);

  describe("server", () => {
    const get = (path: string, init?: RequestInit) => fetch(`${laptop.cloud.place.pageUrl}${path}`, init);

    it("serves a page that can load nothing from other servers", async () => {
      const response = await get("/");
      expect(response.headers.get("content-type")).to.equal("text/html; charset=utf-8");
      expect(response.headers.get("content-security-policy")).to.match(/^default-src 'none'; script-src 'self';/);
      const text = await response.text();
      expect(text)
        .to.contain('src="/page.js"')
        .and.not.match(/https?:\/\//);
    });

    it("serves a small script", async () => {
      const script = await (await get("/page.js")).text();
      expect(Buffer.byteLength(script)).to.be.within(1000, MAX_SCRIPT_BYTES);
    });

    it("answers 404 for unknown paths and 405 for other methods", async () => {
      expect((await get("/nothing")).status).to.equal(404);
      expect((await get("/constructor")).status).to.equal(404);
      expect((await get("/page.css", { method: "POST" })).status).to.equal(405);
    });
  });

  describe("in a browser", () => {
    let browser: Browser;
    let page: Page;
    const pageUrls = new Set<string>();
    const elsewhere: string[] = [];
    const errors: string[] = [];

    before(async function () {
      browser = await startBrowser(this);
      page = await browser.newPage();
      page.on("request", request => {
        if (![...pageUrls].some(url => request.url().startsWith(url))) elsewhere.push(request.url());
      });
      page.on("pageerror", error => errors.push(error.message));
      page.on("console", message => {
        // Chromium also reports refused and failed requests, which the page shows to the user.
        if (message.type() === "error" && !/status of 400|ERR_FAILED/.test(message.text())) errors.push(message.text());
      });
    });

    after(async () => {
      await browser?.close();
    });

    beforeEach(async () => {
      elsewhere.length = 0;
      errors.length = 0;
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.emulateMedia({ colorScheme: null, reducedMotion: "reduce" });
      const { pageUrl } = laptop.cloud.place;
      pageUrls.add(pageUrl);
      await page.goto(pageUrl);
      await stopFormer();
      // The former page may have sent a request just before it went.
      pageUrls.clear();
      pageUrls.add(pageUrl);
      await page.getByText("live", { exact: true }).waitFor();
    });

    afterEach(async () => {
      expect(elsewhere, "requests that left the page's server").to.deep.equal([]);
      expect(errors, "errors in the browser").to.deep.equal([]);
      await page.unrouteAll();
    });

    const say = async (text: string) => {
      await page.getByRole("textbox", { name: /^Say something/ }).fill(text);
      await page.keyboard.press("Enter");
    };
    const messages = () => page.getByRole("list", { name: /^Messages in/ });
    const thread = () => page.getByRole("complementary", { name: "Thread" });
    const reply = async (text: string) => {
      await thread().getByRole("textbox").fill(text);
      await page.keyboard.press("Enter");
    };

    /** Neither axe nor the size of an agent's texts finds anything on the page as it is now. */
    const expectAccessible = async (rules?: string[]) => {
      expect(await findProblems(page, { rules })).to.deep.equal([]);
      const sizes = await page.evaluate<number[]>(
        `[...document.querySelectorAll(".plan, .plan *, .session *")].map(element => parseFloat(getComputedStyle(element).fontSize))`,
      );
      expect(Math.min(...sizes)).to.be.at.least(12);
    };

    it("sends a message, and shows its answer, deliveries, counts and logs live", async () => {
      await say("awsadvent some words");
      await messages().locator("code", { hasText: "some" }).waitFor();
      const delivery = messages().getByText(/^webhook, 200, \d+ ms$/);
      await delivery.waitFor({ state: "attached" });
      expect(await delivery.isVisible()).to.equal(false);
      await messages().getByRole("button", { name: "Delivered" }).first().hover();
      await delivery.waitFor();
      await messages()
        .getByText(/^events: message, 200, \d+ ms, signed$/)
        .first()
        .waitFor({ state: "attached" });
      await page.getByRole("button", { name: "webhook, function" }).click();
      await page.getByRole("tab", { name: "Logs" }).click();
      await page.getByText("counted awsadvent some words").waitFor();
      await page.getByRole("button", { name: "words, table" }).click();
      await page.getByRole("row", { name: "awsadvent 1" }).waitFor();

      await say("awsadvent");
      await page.getByRole("row", { name: "awsadvent 2" }).waitFor();
      const rows = await page.getByRole("row").allTextContents();
      expect(rows).to.deep.equal(["wordcount", "awsadvent2", "some1", "words1"]);
    });

    it("shows without asking that a delivery failed", async () => {
      doors.answer(() => ({ status: 500, body: "" }));
      await say("awsadvent is down");
      await messages()
        .getByText(/^webhook, .*500/)
        .waitFor();
    });

    it("shows the author of a message once for several in a row, and what can be done with it on hover and focus", async () => {
      await say("one");
      await say("two");
      const row = messages().getByRole("listitem").filter({ hasText: "two" });
      await row.waitFor();
      expect(await messages().getByText("Ada Lindqvist").count()).to.equal(1);
      const opacity = () =>
        row.locator(".message-actions").evaluate(actions => actions.ownerDocument.defaultView?.getComputedStyle(actions).opacity);
      expect(await opacity()).to.equal("0");
      await row.getByRole("button", { name: "Reply to ada in a thread" }).focus();
      expect(await opacity()).to.equal("1");
    });

    it("shows messages that others send to this and other channels", async () => {
      const post = (channel: string) =>
        fetch(`${laptop.cloud.place.pageUrl}/slack/say`, {
          method: "POST",
          body: JSON.stringify({ user: "U0002", channel, text: "hello from *ben*" }),
        });
      await post("C0001");
      await messages().locator("b", { hasText: /^ben$/ }).first().waitFor();
      await post("C0002");
      await page.getByRole("link", { name: "# random 1 new" }).click();
      await page.getByRole("heading", { name: "#random" }).waitFor();
      await messages().getByText("hello from").waitFor();
    });

    it("marks what the other people have not seen", async () => {
      const acting = page.getByRole("combobox", { name: "Acting as" });
      await say("hello everybody");
      const names = ["Ada Lindqvist", "Ben Okafor (1 new)", "Chiyo Tanaka (1 new)"];
      await eventually(async () => JSON.stringify(await acting.locator("option").allTextContents()) === JSON.stringify(names));
      await acting.selectOption("U0002");
      await eventually(async () => (await acting.locator("option").nth(1).textContent()) === "Ben Okafor");
      await page.getByRole("link", { name: "# random" }).click();
      await acting.selectOption("U0003");
      await page.getByRole("link", { name: "# general 1 new" }).click();
      await page.getByRole("link", { name: "# general", exact: true }).waitFor();
    });

    it("shows markup in a message as text", async () => {
      const evil = "<img src=x onerror=\"document.title='taken'\"><b>bold</b>";
      await say(evil);
      await messages().getByText(evil).waitFor();
      // The same without escaping, as an app can send it.
      await fetch(`${laptop.cloud.place.pageUrl}/slack/say`, {
        method: "POST",
        body: JSON.stringify({ user: "U0002", channel: "C0001", text: `${evil} <javascript:alert(1)|click>` }),
      });
      await messages().getByText("<javascript:alert(1)|click>").waitFor();
      expect(await page.locator("img").count()).to.equal(0);
      expect(await page.locator('a[href^="javascript"]').count()).to.equal(0);
      expect(await page.title()).to.not.equal("taken");
    });

    it("shows a command's answer only to the person who sent it", async () => {
      await say("/dibs on staging");
      await messages().getByText("staging", { exact: true }).waitFor();
      await page.getByRole("combobox", { name: "Acting as" }).selectOption("U0002");
      await page.getByText("Nothing was said here yet.").waitFor();
    });

    it("shows a private channel only while acting as a member", async () => {
      const links = () => page.getByRole("navigation", { name: "Workspace" }).getByRole("link");
      await links().filter({ hasText: "# leadership (private)" }).click();
      await page.getByRole("heading", { name: "#leadership" }).waitFor();
      await say("between *us*");
      await messages().locator("b", { hasText: /^us$/ }).waitFor();
      await page.reload();
      await messages().locator("b", { hasText: /^us$/ }).waitFor();

      await page.getByRole("combobox", { name: "Acting as" }).selectOption("U0003");
      await page.getByRole("heading", { name: "#general" }).waitFor();
      expect(await messages().locator("b", { hasText: /^us$/ }).count()).to.equal(0);
      expect(await links().allTextContents()).to.not.include("# leadership (private)");
    });

    it("replies in a thread, mentions people and presses buttons", async () => {
      await say("a thread");
      await messages().getByText("a thread", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Reply to ada in a thread" }).click();
      await reply("@ben look");
      await thread().locator(".mention", { hasText: "@ben" }).waitFor();
      await page.keyboard.press("Escape");
      await messages()
        .getByRole("button", { name: /^1 reply/ })
        .waitFor();
      expect(await messages().locator(".mention").count()).to.equal(0);
      const focused = "document.activeElement.getAttribute('aria-label')";
      expect(await page.evaluate<string>(focused)).to.equal("Reply to ada in a thread");

      const root = await messages().getByRole("listitem").first().getAttribute("data-row");
      await fetch(`${laptop.cloud.place.pageUrl}/slack/say`, {
        method: "POST",
        body: JSON.stringify({ user: "U0002", channel: "C0001", text: "I look", threadTs: root }),
      });
      await messages()
        .getByRole("button", { name: /^2 replies 1 new/ })
        .click();
      await thread().getByText("I look").waitFor();
      await thread().getByRole("button", { name: "Close the thread" }).click();
      await messages()
        .getByRole("button", { name: /^2 replies Last/ })
        .waitFor();

      const blocks = [{ type: "actions", elements: [{ type: "button", action_id: "go", text: { type: "plain_text", text: "Go" } }] }];
      await fetch(`${laptop.cloud.place.pageUrl}/slack/api/chat.postMessage`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${secrets.bot}` },
        body: JSON.stringify({ channel: "C0001", text: "ready?", blocks }),
      });
      await page.getByRole("button", { name: "Go" }).click();
      await messages()
        .getByText(/^interactions: go, 200, \d+ ms, signed$/)
        .waitFor({ state: "attached" });
    });

    it("edits, reacts to and deletes messages", async () => {
      await say("@ben the #first & last");
      const row = messages().getByRole("listitem").filter({ hasText: "the #first & last" });
      await row.getByRole("button", { name: "Edit your message" }).click();
      await page.getByText("Editing").waitFor();
      expect(await page.locator("#say").inputValue()).to.equal("@ben the #first & last");
      await say("@ben the #second & last");
      const edited = messages().getByRole("listitem").filter({ hasText: "the #second & last" });
      await edited.getByText("(edited)").waitFor();
      await edited.locator(".mention", { hasText: "@ben" }).waitFor();
      expect(await page.locator("#say").inputValue()).to.equal("");

      await edited.getByRole("button", { name: "React to ada's message with a thumbs up" }).click();
      const reaction = edited.locator(".reactions").getByRole("button", { pressed: true });
      await reaction.click();
      await reaction.waitFor({ state: "detached" });

      await edited.getByRole("button", { name: "Reply to ada in a thread" }).click();
      await reply("a repl");
      await thread().getByRole("listitem").filter({ hasText: "a repl" }).getByRole("button", { name: "Edit your message" }).click();
      await reply("a reply");
      const replied = thread().getByRole("listitem").filter({ hasText: "a reply" });
      await replied.waitFor();
      await page.keyboard.press("Escape");
      await edited.getByRole("button", { name: "Delete your message" }).click();
      await messages().getByText("This message was deleted.").waitFor();
      await messages()
        .getByRole("button", { name: /^1 reply/ })
        .click();
      await replied.getByRole("button", { name: "Delete your message" }).click();
      await messages().getByText("This message was deleted.").waitFor({ state: "detached" });
    });

    it("shows an agent's session with a stop button, and its answer as it grows", async () => {
      const slackUrl = `${laptop.cloud.place.pageUrl}/slack`;
      const web = new WebClient(secrets.bot, { slackApiUrl: `${slackUrl}/api/` });
      const row = (text: string, list = messages()) => list.getByRole("listitem").filter({ hasText: text });
      await page
        .getByRole("link", { name: "@ fan-out" })
        .or(page.getByRole("link", { name: "@ fanout" }))
        .click();
      await page.getByRole("button", { name: "Catch up" }).click();
      await page.keyboard.press("Enter");
      await row("What is new?").waitFor();
      await eventually(() => doors.at("/events").some(({ body }) => body.includes("app_home_opened")));
      const { messages: asked = [] } = await web.conversations.history({ channel: "D0001" });
      const thread_ts = asked[0]!.ts!;

      await web.agents.sessions.setStatus({ channel_id: "D0001", thread_ts, status: "processing", title: "News" });
      await row("News Fan-out is working…").waitFor();
      const { ts = "" } = await web.chat.startStream({ channel: "D0001", thread_ts, task_display_mode: "plan" });
      await messages()
        .getByRole("button", { name: /^.*1 reply/ })
        .click();
      await thread().locator(".cursor").waitFor();
      const append = (...chunks: AnyChunk[]) => web.chat.appendStream({ channel: "D0001", ts, chunks });
      const task = { type: "task_update", id: "1", title: "Read the channels" } as const;
      await append({ type: "plan_update", title: "The plan" }, { ...task, status: "in_progress", details: "general" });
      await thread().getByText("under way: ").waitFor({ state: "attached" });
      await append({ ...task, status: "complete", output: "two messages" }, { type: "markdown_text", text: "Here **is" });
      await thread().getByText("Here **is").waitFor();
      await append({ type: "markdown_text", text: " the** news" });
      await thread()
        .locator("b", { hasText: /^is the$/ })
        .waitFor();
      expect(await thread().getByText("done: ").count()).to.equal(1);
      await page.emulateMedia({ colorScheme: "light" });
      await expectAccessible();
      await page.emulateMedia({ colorScheme: "dark" });
      // The rest does not depend on colours.
      await expectAccessible(["color-contrast"]);
      expect(
        await thread()
          .locator(".cursor")
          .evaluate(cursor => cursor.getAnimations().length),
      ).to.equal(0);

      await thread().getByRole("button", { name: "Stop the agent" }).click();
      await thread().locator(".cursor").waitFor({ state: "detached" });
      await eventually(() => doors.at("/events").some(({ body }) => body.includes("agent_session_stopped")));
      await web.agents.sessions.setStatus({ channel_id: "D0001", thread_ts, status: "active" });
      await thread().getByText("Fan-out is ready").waitFor();
      expect(await page.getByRole("button", { name: "Stop the agent" }).count()).to.equal(0);

      const button = (text: string) => ({
        text: { type: "plain_text" as const, text },
        value: text,
        accessibility_label: `${text} answer`,
      });
      const feedback = {
        type: "feedback_buttons",
        action_id: "rate",
        positive_button: button("Good"),
        negative_button: button("Bad"),
      } as const;
      await web.chat.update({ channel: "D0001", ts, text: "News", blocks: [{ type: "context_actions", elements: [feedback] }] });
      await thread().getByRole("button", { name: "Bad answer" }).click();
      await eventually(() =>
        doors.at("/interactions").some(({ body }) => new URLSearchParams(body).get("payload")?.includes('"value":"Bad"')),
      );
    });

    it("moves the clock, shows where a move ends, and cancels it", async () => {
      const { clock } = laptop.cloud;
      await page.getByRole("button", { name: "+6 h" }).click();
      await eventually(async () => {
        const shown = await page.locator(".clock time").getAttribute("datetime");
        return shown !== null && Date.parse(shown) > Date.now() + 5 * 3600_000;
      });
      await eventually(() => clock.offsetMs === 6 * 3600_000);

      const forget = clock.keepPace({ isAtWork: true, settle: () => new Promise(resolve => setTimeout(resolve, 50, clock.nowMs())) });
      const before = clock.offsetMs;
      await page.getByRole("button", { name: "+6 h" }).click();
      await page.getByRole("progressbar", { name: "Move of the clock" }).waitFor();
      await page.getByText(/^to .* left$/).waitFor();
      await page.getByRole("button", { name: "Cancel" }).click();
      await page.getByRole("progressbar").waitFor({ state: "detached" });
      expect(clock.offsetMs).to.be.below(before + 6 * 3600_000);
      forget();
    });

    it("shows in the header which faults are on, and ends them", async () => {
      await page.request.post(`${laptop.cloud.place.pageUrl}/control/weather`, { data: { shuffle: true, throttle: true } });
      await page.getByRole("button", { name: "Weather: reordering, throttles" }).click();
      await page.getByRole("checkbox", { name: /^Reordering/ }).waitFor();
      await page.getByRole("button", { name: "End the weather" }).click();
      await page.getByRole("button", { name: /^Weather: / }).waitFor({ state: "detached" });
      expect(laptop.cloud.weather.report.shuffle).to.equal(false);
    });

    it("lists its keys, and shows the first minute again", async () => {
      await page.getByRole("button", { name: "Dismiss the first minute" }).click();
      await page.keyboard.press("?");
      const keys = page.getByRole("dialog", { name: "Keys" });
      await keys.getByText("starts a new line").waitFor();
      await keys.getByRole("button", { name: "Show the first minute again" }).click();
      await keys.waitFor({ state: "hidden" });
      await page.getByRole("region", { name: "First minute" }).waitFor();
      await page.keyboard.press("/");
      await page.keyboard.type("words");
      expect(await page.getByRole("combobox", { name: "Find a resource" }).inputValue()).to.equal("words");
      await page.getByRole("textbox", { name: /^Say something/ }).fill("?");
      expect(await keys.isVisible()).to.equal(false);
    });

    it("shows the sentence of a refusal", async () => {
      await say("x".repeat(40_001));
      await page.getByRole("alert").getByText("text has 40001 characters").waitFor();
    });

    it("shows what one says before the cloud answers", async () => {
      let isAnswered = false;
      await page.route("**/slack/say", async route => {
        await eventually(() => isAnswered);
        await route.fallback();
      });
      await say("first");
      await say("second");
      const sending = messages().locator(".pending");
      await sending.getByText("second").waitFor();
      expect(await sending.getByRole("button").count()).to.equal(0);
      isAnswered = true;
      await messages().getByRole("button", { name: "Delivered" }).nth(1).waitFor();
      expect(await sending.count()).to.equal(0);
      expect(await messages().locator(".text").allTextContents()).to.deep.equal(["first", "second"]);
    });

    it("completes names, channels and emoji at the caret", async () => {
      const box = page.locator("#say");
      await box.focus();
      await page.keyboard.type("ask @oka");
      await page.getByRole("option", { name: "@ben Ben Okafor" }).waitFor();
      await page.keyboard.press("Tab");
      await page.keyboard.type("in #");
      await page.getByRole("option", { name: "#general" }).waitFor();
      await page.keyboard.press("ArrowDown");
      // Enter sends, except where the arrow keys have chosen something.
      await page.keyboard.press("Enter");
      await page.keyboard.type(":ta");
      await page.getByRole("option", { name: /^:tada:/ }).click();
      expect(await box.inputValue()).to.match(/^ask @ben in #(?!general)\w+ :tada: $/);
      await page.keyboard.type("@ad");
      await page.keyboard.press("Enter");
      await messages().getByText(/@ad$/).waitFor();
    });

    it("puts an emoji at the caret", async () => {
      await page.locator("#say").fill("well  done");
      await page.evaluate('document.querySelector("#say").setSelectionRange(5, 5)');
      await page.getByRole("button", { name: "Emoji" }).click();
      const list = page.getByRole("group", { name: "Emoji" });
      await list.getByRole("button", { name: "tada" }).focus();
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("Enter");
      expect(await page.locator("#say").inputValue()).to.equal("well :rocket:  done");
      await page.keyboard.type("and");
      expect(await page.locator("#say").inputValue()).to.equal("well :rocket: and done");
      expect(await list.count()).to.equal(0);
    });

    it("says what to do when the cloud does not answer, and keeps the message", async () => {
      await page.route("**/slack/say", route => route.abort());
      await say("is anybody there?");
      await page.getByRole("alert").getByText("The laptop cloud does not answer. Is it still running?").waitFor();
      expect(await page.locator("#say").inputValue()).to.equal("is anybody there?");
    });

    it("shows the latest message no more after it is deleted", async () => {
      await say("said by mistake");
      const row = messages().getByRole("listitem").filter({ hasText: "said by mistake" });
      await row.getByRole("button", { name: "Delete your message" }).click();
      await page.getByText("Nothing was said here yet.").waitFor();
      expect(await row.count()).to.equal(0);
    });

    it("suggests a first message that can be edited, only where the outgoing webhook hears it", async () => {
      const suggestion = page.getByRole("button", { name: "awsadvent some words" });
      await suggestion.waitFor();
      await page.getByRole("link", { name: "# leadership" }).click();
      await page.getByRole("heading", { name: "#leadership" }).waitFor();
      expect(await suggestion.count()).to.equal(0);
      await page.getByRole("link", { name: "# general" }).click();
      await suggestion.click();
      await page.keyboard.type(" more");
      expect(await page.locator("#say").inputValue()).to.equal("awsadvent some words more");
      await page.keyboard.press("Enter");
      await messages().locator("code", { hasText: "more" }).waitFor();
      expect(await page.getByText("Begin with").count()).to.equal(0);
    });

    /** Clicks a button, and returns the id of the element that has the focus before the browser does anything else. */
    const focusAfter = (button: Locator) =>
      button.evaluate(async pressed => {
        pressed.click();
        await Promise.resolve();
        return pressed.ownerDocument.activeElement?.id;
      });

    it("focuses the message box at once after a suggestion or a reply", async () => {
      expect(await focusAfter(page.getByRole("button", { name: "awsadvent some words" }))).to.equal("say");
      await page.keyboard.press("Enter");
      const button = page.getByRole("button", { name: "Reply to ada in a thread" });
      await button.waitFor();
      await page.getByRole("button", { name: "+1 min" }).focus();
      expect(await focusAfter(button)).to.equal("reply");
    });

    it("can be used with the keyboard alone", async () => {
      await page.getByRole("button", { name: "webhook, function" }).waitFor();
      await page.getByRole("textbox", { name: /^Say something/ }).waitFor();
      const reached = new Set<string>();
      for (let index = 0; index < 40; index += 1) {
        await page.keyboard.press("Tab");
        reached.add(await page.evaluate<string>("document.activeElement.tagName"));
      }
      expect([...reached]).to.include.members(["BUTTON", "SELECT", "A", "TEXTAREA", "INPUT", "OL", "g"]);
    });

    it("lets keyboard users skip the messages", async () => {
      await say("awsadvent some words");
      await messages().getByRole("button", { name: "Trace" }).first().waitFor();
      await page.getByRole("button", { name: "Past the messages" }).focus();
      await page.keyboard.press("Enter");
      await page.keyboard.type("more");
      expect(await page.getByRole("textbox", { name: /^Say something/ }).inputValue()).to.equal("more");
    });

    it("says why a step of the first minute can't work, and keeps it dismissed", async () => {
      const tour = page.getByRole("region", { name: "First minute" });
      const changeWeather = (data: object) => page.request.post(`${laptop.cloud.place.pageUrl}/control/weather`, { data });
      await changeWeather({ shuffle: true });
      await tour.getByRole("button", { name: "Say it twice" }).click();
      await tour.getByText("The weather is on (reordering). End it first, in the header.").waitFor();
      await changeWeather({});
      await tour.getByRole("button", { name: "Give the agent two hours" }).click();
      await tour.getByText("Agents are off. Switch them on with the setting agent, then try again.").waitFor();
      await tour.getByRole("button", { name: "Dismiss the first minute" }).click();
      await page.reload();
      await page.getByText("live", { exact: true }).waitFor();
      expect(await tour.count()).to.equal(0);
    });

    it("moves through the diagram with the arrow keys", async () => {
      const [first, second] = [page.getByRole("button", { name: "webhook, function" }), page.getByRole("button", { name: "words, table" })];
      const [top, bottom] =
        ((await first.boundingBox())?.y ?? 0) < ((await second.boundingBox())?.y ?? 0) ? [first, second] : [second, first];
      await top.focus();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      expect(await bottom.getAttribute("aria-pressed")).to.equal("true");
      await page.keyboard.press("Escape");
      await page.getByText("Select a resource in the diagram").waitFor();
      expect(await bottom.getAttribute("aria-pressed")).to.equal("false");
    });

    it("says that a search finds no resource", async () => {
      await page.getByRole("combobox", { name: "Find a resource" }).fill("nothing like it");
      await page.getByRole("status").getByText("No resource has this name.").waitFor();
    });

    it("shows one side at a time on a narrow screen, and the program for a trace", async () => {
      await say("awsadvent some words");
      await page.setViewportSize({ width: 360, height: 740 });
      expect(await page.evaluate<number>("document.documentElement.scrollWidth")).to.be.at.most(360);
      expect(await page.getByRole("complementary", { name: "Program" }).count()).to.equal(0);
      await page.getByRole("button", { name: "Trace of ada's message" }).click();
      await page.getByRole("list", { name: "Steps of the trace" }).waitFor();
      const line = (await page.getByRole("separator", { name: "Height of the diagram" }).boundingBox())!;
      expect((await page.getByRole("region", { name: "Details" }).boundingBox())!.y).to.be.closeTo(line.y, 2);
      expect(await page.getByRole("tab", { name: "Program" }).evaluate(tab => tab === tab.ownerDocument.activeElement)).to.equal(true);
      await page.keyboard.press("ArrowLeft");
      await page.getByRole("textbox", { name: /^Say something/ }).waitFor();
      expect(await page.getByRole("complementary", { name: "Program" }).count()).to.equal(0);
    });

    it("keeps room for each part where the page is enlarged to 200 percent", async () => {
      await page.setViewportSize({ width: 640, height: 400 });
      const heightOf = async (part: Locator) => (await part.boundingBox())!.height;
      expect(await page.evaluate<number>("document.documentElement.scrollWidth")).to.be.at.most(640);
      expect(await heightOf(page.locator(".conversation"))).to.be.above(180);
      await page.getByRole("tab", { name: "Program" }).click();
      expect(await heightOf(page.locator(".canvas"))).to.be.above(180);
      expect(await heightOf(page.locator(".tab-panel").first())).to.be.above(100);
      await page.getByRole("tab", { name: "Weather" }).click();
      await page.getByRole("button", { name: "Clear the sky" }).click();
    });

    it("shows the actions of a message on a tap, and presses none of them before that", async () => {
      await say("to be tapped");
      await messages().getByRole("button", { name: "Delivered" }).waitFor();
      const context = await browser.newContext({
        viewport: { width: 390, height: 740 },
        hasTouch: true,
        isMobile: true,
        reducedMotion: "reduce",
      });
      const phone = await context.newPage();
      await phone.goto(laptop.cloud.place.pageUrl);
      const row = phone.getByRole("listitem").filter({ hasText: "to be tapped" });
      const { x, y, width, height } = (await row.getByRole("button", { name: "Delete your message" }).boundingBox())!;
      await phone.touchscreen.tap(x + width / 2, y + height * 0.8);
      const opacity = () =>
        row.locator(".message-actions").evaluate(actions => actions.ownerDocument.defaultView?.getComputedStyle(actions).opacity);
      await eventually(async () => (await opacity()) === "1");
      expect(await messages().getByText("to be tapped").count()).to.equal(1);
      await row.getByRole("button", { name: "Delete your message" }).tap();
      await row.waitFor({ state: "detached" });
      await context.close();
    });

    it("moves the splitters by keyboard and pointer, and remembers them", async () => {
      const between = page.getByRole("separator", { name: "Width of Slack" });
      const below = page.getByRole("separator", { name: "Height of the diagram" });
      const slack = async () => (await page.locator("#side").boundingBox())!.width;
      const before = await slack();
      await between.focus();
      await page.keyboard.press("ArrowRight");
      await eventually(async () => Math.abs((await slack()) - before - 0.02 * 1280) < 2);
      expect(await between.getAttribute("aria-valuenow")).to.equal("48");
      await page.keyboard.press("Home");
      await eventually(async () => (await slack()) === 480);

      const { x, y } = (await below.boundingBox())!;
      await page.mouse.move(x + 50, y);
      await page.mouse.down();
      await page.mouse.move(x + 60, y - 150);
      await page.mouse.up();
      const dragged = (await below.boundingBox())!.y;
      expect(dragged).to.be.closeTo(y - 150, 3);
      await page.reload();
      await eventually(async () => (await slack()) === 480);
      expect((await below.boundingBox())!.y).to.be.closeTo(dragged, 1);
    });

    /** Opens #random with added earlier messages. The test fakes them, because sending them all would take too long. */
    const openLongConversation = async (count: number) => {
      const earlier = Array.from({ length: count }, (_, index) => ({
        ts: `${1_700_000_000 + index}.000000`,
        // Rows have different heights.
        text: `message ${index}${"\nand more".repeat(index % 4)}`,
        user: "U0002",
        ephemeral: false,
        deliveries: [],
        trace: "1-a",
      }));
      /** Number of messages in each read. */
      const read: number[] = [];
      await page.route("**/slack/messages?**", async route => {
        const query = new URL(route.request().url()).searchParams;
        const before = query.get("before") ?? "9";
        const { messages: said } =
          before > earlier.at(-1)!.ts ? ((await (await route.fetch()).json()) as { messages: typeof earlier }) : { messages: [] };
        const all = [...earlier, ...said].filter(({ ts }) => ts < before);
        const limit = Number(query.get("limit"));
        read.push(Math.min(limit, all.length));
        await route.fulfill({ json: { messages: all.slice(-limit), hasMore: all.length > limit } });
      });
      await page.getByRole("link", { name: "# random" }).click();
      await messages()
        .getByText(`message ${count - 1}`)
        .waitFor();
      return read;
    };
    const topOf = (text: string) =>
      page.evaluate<number | undefined>(
        `[...document.querySelectorAll("ol.messages > li")].find(row => row.textContent.includes(${JSON.stringify(text)}))?.getBoundingClientRect().top`,
      );

    const sayAs = (user: string, text: string) =>
      fetch(`${laptop.cloud.place.pageUrl}/slack/say`, {
        method: "POST",
        body: JSON.stringify({ user, channel: "C0002", text }),
      });

    it("keeps the visible messages in place while earlier ones are added", async () => {
      await openLongConversation(250);
      await page.locator("ol.messages").evaluate(list => list.scrollTo({ top: 400 }));
      await page.locator(".more button").waitFor({ state: "attached" });
      const before = await topOf("message 155");
      await page.evaluate('document.querySelector(".more button").click()');
      await messages().getByText("message 149").waitFor();
      expect(await topOf("message 155")).to.be.closeTo(before!, 1);
      await sayAs("U0003", "*somebody* says something");
      await page.locator("p[aria-live]", { hasText: ": somebody says something" }).waitFor({ state: "attached" });
      expect(await topOf("message 155")).to.be.closeTo(before!, 1);
      await say("I go to the end");
      await messages().getByText("I go to the end").waitFor();
    });

    it("scrolls to the end for an own message, also when its answer arrives with it", async () => {
      await openLongConversation(250);
      await page.locator("ol.messages").evaluate(list => list.scrollTo({ top: 400 }));
      await messages().getByText("message 155").waitFor();
      // A message sent during a read is read by the next one.
      let isReading = false;
      let isAnswered = false;
      await page.route(
        "**/slack/messages?**",
        async route => {
          isReading = true;
          await eventually(() => isAnswered);
          await route.fallback();
        },
        { times: 1 },
      );
      await sayAs("U0003", "somebody speaks");
      await eventually(() => isReading);
      const said = page.waitForResponse("**/slack/say");
      await say("a question");
      await said;
      await sayAs("U0003", "the answer");
      isAnswered = true;
      await messages().getByText("the answer").waitFor();
      await messages().getByText("a question").waitFor();
    });

    it("keeps the conversation where it was after a reply in a thread", async () => {
      await openLongConversation(1);
      await sayAs("U0003", "the subject");
      for (let index = 0; index < 30; index += 1) await sayAs("U0003", `something else ${index}`);
      await messages().getByText("something else 29").waitFor();
      await page.locator("ol.messages").evaluate(list => list.scrollTo({ top: 0 }));
      const row = messages().getByRole("listitem").filter({ hasText: "the subject" });
      await row.getByRole("button", { name: "Reply" }).click();
      await reply("a late reply");
      await thread().getByText("a late reply").waitFor();
      await page.keyboard.press("Escape");
      await row.getByRole("button", { name: /^1 reply/ }).waitFor();
      expect(await page.locator("ol.messages").evaluate(list => list.scrollTop)).to.equal(0);
    });

    it("keeps the focus on a message that is scrolled out of view", async () => {
      await openLongConversation(250);
      const button = page.locator("ol.messages > li").last().getByRole("button", { name: "Trace" });
      await button.focus();
      await page.locator("ol.messages").evaluate(list => list.scrollTo({ top: 0 }));
      await messages().getByText("message 149").waitFor();
      expect(await page.locator("li[data-row]").count()).to.be.below(100);
      expect(await page.evaluate<string>('document.activeElement.closest("li").textContent')).to.contain("message 249");
    });

    it("renders only new messages among thousands", async () => {
      const read = await openLongConversation(3000);
      const list = page.locator("ol.messages");
      const rows = page.locator("li[data-row]:not(.more)");
      await page.evaluate(`(async () => {
        const list = document.querySelector("ol.messages");
        while (document.querySelector('[aria-posinset="1"]') === null) {
          list.scrollTo({ top: 0 });
          await new Promise(requestAnimationFrame);
        }
      })()`);
      await rows.first().getByText("message 0", { exact: true }).waitFor();
      expect(await page.locator('[aria-posinset="1"]').getAttribute("aria-setsize")).to.equal("3000");
      expect(await rows.count()).to.be.within(5, MAX_RENDERED);
      // Rows on the way have assumed heights until they are measured, so a busy machine may need a second press.
      await eventually(async () => {
        await list.press("End");
        return (await page.locator('[aria-posinset="3000"]').count()) === 1;
      });
      expect(await rows.count()).to.be.within(5, MAX_RENDERED);

      await page.evaluate(`
        window.drawn = new Set();
        new MutationObserver(records => {
          for (const { target, addedNodes } of records)
            for (const node of addedNodes.length === 0 ? [target] : addedNodes) window.drawn.add(node);
        }).observe(document.querySelector("ol.messages"), { subtree: true, childList: true, attributes: true, characterData: true });
      `);
      read.length = 0;
      await page.locator("#say").fill("after thousands");
      await page.keyboard.press("Enter");
      await eventually(async () => (await rows.last().textContent())?.includes("events: message, 200"));
      expect(await rows.last().getAttribute("aria-posinset")).to.equal("3001");
      // The new message, its deliveries as they change, and the set size of the other rows.
      expect(await page.evaluate<number>("window.drawn.size")).to.be.within(2, MAX_RENDERED + 30);
      expect(read.length).to.be.within(1, 10);
      for (const count of read) expect(count).to.be.at.most(2);
    });

    it("shows no secrets", async () => {
      await say("awsadvent some words");
      await messages()
        .getByText(/^webhook, 200/)
        .waitFor({ state: "attached" });
      const text = await page.content();
      for (const secret of Object.values(secrets)) expect(text).to.not.contain(secret);
    });
  });
});
