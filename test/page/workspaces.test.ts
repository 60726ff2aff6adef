import { createControls } from "@slack-fanout/laptop-cloud/controls";
import { eventually, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { createSlack } from "@slack-fanout/pretend-slack/service";
import { expect } from "chai";
import type { Browser, Page } from "playwright-core";
import { type Doors, startDoors } from "../../packages/pretend-slack/test/doors";
import { buildManifest, buildProgram, secrets } from "../../packages/pretend-slack/test/workspace";
import { findProblems } from "./axe";
import { startBrowser } from "./browser";
import { createFakeProgram } from "./fake-program";
import { ourPage } from "./our-page";

const plain = (text: string) => ({ type: "plain_text", text });

const home = {
  type: "home",
  blocks: [
    { type: "header", text: plain("Queues") },
    { type: "actions", elements: [{ type: "button", action_id: "claim", text: plain("Claim staging") }] },
  ],
};

const modal = {
  type: "modal",
  title: plain("Claim"),
  submit: plain("Claim it"),
  blocks: [
    { type: "input", block_id: "reason", label: plain("Reason"), element: { type: "plain_text_input", action_id: "text" } },
    { type: "input", block_id: "who", optional: true, label: plain("With"), element: { type: "users_select", action_id: "user" } },
    {
      type: "input",
      block_id: "span",
      label: plain("How long"),
      element: { type: "radio_buttons", action_id: "one", options: ["day", "week"].map(value => ({ text: plain(`A ${value}`), value })) },
    },
  ],
};

describe("the page with two workspaces", () => {
  let doors: Doors;
  let laptop: Awaited<ReturnType<typeof startLaptop>>;
  let browser: Browser;
  let page: Page;

  before(async function () {
    browser = await startBrowser(this);
  });

  after(async () => {
    await browser?.close();
  });

  beforeEach(async () => {
    tokens.length = 0;
    doors = await startDoors();
    const program = createFakeProgram();
    const manifest = buildManifest(doors.url);
    const slackManifest = {
      ...manifest,
      features: { ...manifest.features, app_home: { home_tab_enabled: true } },
      oauth_config: { ...manifest.oauth_config, redirect_urls: [`${doors.url}/install/callback`] },
    };
    const output = () =>
      buildProgram(doors.url, {
        outputs: { slackManifest, installUrl: `${doors.url}/install` },
        config: { "any-project:slackClientId": "1.2", "any-project:slackClientSecret": secrets.signing },
      });
    doors.answer(({ path }) => answer(path));
    laptop = await startLaptop({
      definitions: [...program.definitions, createSlack(output), createControls(output), ourPage],
      resources: program.resources,
      exceptions: { allowedHosts: [], signedDoors: [], landingPages: ["/slack/oauth/v2/authorize"] },
    });
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" });
    page = await context.newPage();
    await page.goto(laptop.cloud.place.pageUrl);
    await page.getByText("live", { exact: true }).waitFor();
    // The program is installed in the first workspace through its own door.
    await eventually(() => tokens.length === 1);
  });

  afterEach(async () => {
    await page?.context().close();
    await laptop.stop();
    await doors.stop();
  });

  const slackUrl = () => `${laptop.cloud.place.pageUrl}/slack`;

  /** The tokens of the installations, in the order in which they were made. */
  const tokens: string[] = [];

  /** The program's install door: it redirects to the consent page, and exchanges the code that comes back. */
  const answer = (path: string) => {
    const url = new URL(path, doors.url);
    if (url.pathname === "/install") {
      const asked = { client_id: "1.2", scope: "chat:write,channels:history", redirect_uri: `${doors.url}/install/callback` };
      return { status: 302, headers: { location: `${slackUrl()}/oauth/v2/authorize?${new URLSearchParams(asked)}` } };
    }
    if (url.pathname !== "/install/callback") return {};
    const exchange = call("oauth.v2.access", { client_id: "1.2", client_secret: secrets.signing, code: url.searchParams.get("code") });
    return { until: exchange.then(({ access_token: token }) => tokens.push(String(token))), body: '"installed"' };
  };

  const call = async (method: string, body: object, token?: string) => {
    const headers = { "content-type": "application/json", ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
    const response = await fetch(`${slackUrl()}/api/${method}`, { method: "POST", headers, body: JSON.stringify(body) });
    return (await response.json()) as Record<string, unknown>;
  };

  const payloads = () =>
    doors.at("/interactions").map(({ body }) => JSON.parse(new URLSearchParams(body).get("payload")!) as Record<string, never>);

  const expectAccessible = async (within?: string) => expect(await findProblems(page, { within })).to.deep.equal([]);

  it("switches to the other workspace, adds the app to it on the consent page, and speaks there", async () => {
    // The install door is on 127.0.0.1, which is another site to the browser.
    await page.goto(laptop.cloud.place.pageUrl.replace("127.0.0.1", "localhost"));
    const asked = { client_id: "1.2", scope: "chat:write", redirect_uri: `${doors.url}/install/callback`, team: "T0002", approve: "1" };
    await page.evaluate(`location.href = ${JSON.stringify(`${slackUrl()}/oauth/v2/authorize?${new URLSearchParams(asked)}`)}`);
    await page.getByRole("heading", { name: "Fan-out wants access" }).waitFor();
    expect(tokens, "installations by another site").to.have.lengthOf(1);
    await page.goBack();
    await page.getByRole("combobox", { name: "Workspace" }).selectOption("T0002");
    await page.getByRole("option", { name: "Dora Marchetti" }).waitFor({ state: "attached" });
    await page.getByRole("heading", { name: "No app installed" }).waitFor();
    const opened = page.context().waitForEvent("page");
    await page.getByRole("link", { name: "Add to Slack" }).click();
    const consent = await opened;
    await consent.getByRole("heading", { name: "Fan-out wants access" }).waitFor();
    expect(await consent.getByLabel("Workspace").inputValue()).to.equal("T0002");
    await consent.getByRole("button", { name: "Allow" }).click();
    await consent.waitForURL(`${doors.url}/install/callback?*`);
    await page.getByRole("heading", { name: "Fan-out", exact: true }).waitFor();
    await page.getByRole("textbox", { name: "Say something as Dora Marchetti" }).fill("hello");
    await page.keyboard.press("Enter");
    const event = await eventually(() => doors.at("/events").find(({ body }) => body.includes('"hello"')));
    expect(JSON.parse(event.body)).to.include({ team_id: "T0002" });
  });

  it("shows the Home, and a modal that is filled in and sent by keyboard, with the app's errors", async () => {
    const token = tokens[0]!;
    await call("views.publish", { user_id: "U0001", view: home }, token);
    await page.getByRole("link", { name: "Home of Fan-out" }).click();
    await page.getByRole("heading", { name: "Queues" }).waitFor();
    await expectAccessible();

    await page.getByRole("button", { name: "Claim staging" }).focus();
    await page.keyboard.press("Enter");
    const [pressed] = await eventually(() => payloads().length === 1 && payloads());
    const { ok } = await call("views.open", { trigger_id: pressed!["trigger_id"], view: modal }, token);
    expect(ok).to.equal(true);
    const dialog = page.getByRole("dialog", { name: "Claim" });
    await dialog.waitFor();
    // The first input has the focus.
    await page.keyboard.type("a fix");
    await dialog.getByLabel("With (optional)").selectOption({ label: "Ben Okafor" });
    await dialog.getByLabel("A week").focus();
    await page.keyboard.press("Space");
    await expectAccessible("dialog[open]");
    await page.emulateMedia({ colorScheme: "dark" });
    await page.setViewportSize({ width: 390, height: 844 });
    await expectAccessible("dialog[open]");
    const { x, width } = (await dialog.boundingBox())!;
    expect([x >= 0, x + width <= 390]).to.deep.equal([true, true]);

    doors.answer(({ path }) =>
      path === "/interactions" ? { body: JSON.stringify({ response_action: "errors", errors: { reason: "Say more." } }) } : {},
    );
    await dialog.getByRole("button", { name: "Claim it" }).press("Enter");
    await dialog.getByText("Say more.").waitFor();
    await expectAccessible("dialog[open]");
    expect(await dialog.getByLabel("Reason").inputValue()).to.equal("a fix");

    doors.answer(() => ({}));
    await dialog.getByLabel("Reason").fill("a fix of the build");
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    const { view } = payloads().at(-1) as unknown as { view: { state: { values: object } } };
    expect(view.state.values).to.deep.equal({
      reason: { text: { type: "plain_text_input", value: "a fix of the build" } },
      who: { user: { type: "users_select", selected_user: "U0002" } },
      span: { one: { type: "radio_buttons", selected_option: { text: plain("A week"), value: "week" } } },
    });
  });
});
