import type { HomeView, ModalView } from "@slack/web-api";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { type Doors, startDoors } from "./doors";
import { buildManifest, secrets, startWorkspace, type TestWorkspace } from "./workspace";

const plain = (text: string) => ({ type: "plain_text" as const, text });
const options = ["day", "week"].map(value => ({ text: plain(value), value }));

const home: HomeView = {
  type: "home",
  blocks: [
    {
      type: "section",
      text: { type: "mrkdwn", text: "*Queues*" },
      accessory: { type: "button", action_id: "claim", text: plain("Claim"), value: "staging" },
    },
    { type: "actions", block_id: "range", elements: [{ type: "static_select", action_id: "span", options }] },
  ],
};

const modal: ModalView = {
  type: "modal",
  callback_id: "claim",
  title: plain("Claim"),
  submit: plain("Claim it"),
  private_metadata: "about staging",
  notify_on_close: true,
  blocks: [
    { type: "input", block_id: "reason", label: plain("Reason"), element: { type: "plain_text_input", action_id: "text", max_length: 20 } },
    {
      type: "input",
      block_id: "for",
      label: plain("For"),
      element: { type: "static_select", action_id: "span", options, initial_option: options[0]! },
    },
    { type: "input", block_id: "who", optional: true, label: plain("With"), element: { type: "users_select", action_id: "user" } },
    {
      type: "input",
      block_id: "where",
      optional: true,
      label: plain("Where"),
      element: { type: "conversations_select", action_id: "channel" },
    },
    { type: "input", block_id: "how", optional: true, label: plain("How"), element: { type: "checkboxes", action_id: "flags", options } },
    {
      type: "input",
      block_id: "when",
      optional: true,
      label: plain("When"),
      element: { type: "radio_buttons", action_id: "one", options },
    },
  ],
};

interface Shown {
  id: string;
  hash: string;
  title: { text: string } | null;
  callback_id: string;
  errors?: Record<string, string>;
  problem?: string;
  state: { values: Record<string, Record<string, unknown>> };
}

interface Payload {
  type: string;
  trigger_id: string;
  team: { id: string };
  user: { id: string };
  view: Shown & { private_metadata: string; team_id: string };
  container?: object;
  actions?: Record<string, unknown>[];
  response_url?: string;
  is_cleared?: boolean;
}

interface ErrorAnswer {
  error?: string;
  response_metadata?: { messages?: string[] };
}

describe("slack views", () => {
  let doors: Doors;
  let workspace: TestWorkspace;

  beforeEach(async () => {
    doors = await startDoors();
    const manifest = buildManifest(doors.url);
    const slackManifest = {
      ...manifest,
      features: { ...manifest.features, app_home: { home_tab_enabled: true } },
      settings: { ...manifest.settings, event_subscriptions: { request_url: `${doors.url}/events`, bot_events: ["app_home_opened"] } },
    };
    workspace = await startWorkspace(doors, { program: { outputs: { slackManifest } } });
  });

  afterEach(async () => {
    await workspace.stop();
    await doors.stop();
  });

  const read = async (name: "home" | "views", user = "U0001") => {
    const response = await fetch(`${workspace.slackUrl}/${name}?user=${user}`);
    return ((await response.json()) as { view: Shown | null }).view;
  };
  const interactions = () =>
    doors.at("/interactions").map(({ body }) => JSON.parse(new URLSearchParams(body).get("payload") ?? "") as Payload);
  const errorOf = (call: Promise<unknown>) =>
    call.then(
      (): ErrorAnswer => ({ error: "none" }),
      (error: { data?: ErrorAnswer }) => error.data,
    );

  /** A slash command, whose trigger id opens a modal. */
  const trigger = async (user = "U0001") => {
    const before = doors.at("/commands").length;
    await workspace.say({ user, text: "/dibs" });
    await eventually(() => doors.at("/commands").length > before);
    return new URLSearchParams(doors.at("/commands").at(-1)!.body).get("trigger_id")!;
  };
  const open = async (view: ModalView = modal) => (await workspace.web().views.open({ trigger_id: await trigger(), view })).view!.id!;
  const submit = (viewId: string, values: object) => workspace.post("submit", { user: "U0001", viewId, values });
  /** The payload of the latest submission, which the app answers with `answer`. */
  const submitTo = async (answer: object | undefined, values: object = { reason: { text: "a fix" } }) => {
    doors.answer(({ path }) => (path === "/interactions" && answer !== undefined ? { body: JSON.stringify(answer) } : {}));
    const { id } = (await read("views"))!;
    const before = interactions().length;
    expect(await submit(id, values)).to.deep.equal({ status: 200, body: { ok: true } });
    return eventually(() => interactions()[before]);
  };

  describe("the Home", () => {
    it("is published to one person, and its buttons and menus are sent with the view", async () => {
      const published = await workspace.web().views.publish({ user_id: "U0001", view: home });
      expect(await read("home", "U0002")).to.equal(null);
      const view = (await read("home"))!;
      expect(view.id).to.equal(published.view!.id);
      await workspace.post("click", { user: "U0001", viewId: view.id, actionId: "claim" });
      await workspace.post("click", { user: "U0001", viewId: view.id, actionId: "span", value: "week" });
      const sent = await eventually(() => interactions().length === 2 && interactions());
      const pressed = sent.find(({ actions }) => actions![0]!["action_id"] === "claim")!;
      expect(pressed).to.deep.include({ type: "block_actions", container: { type: "view", view_id: view.id } });
      expect(pressed).not.to.have.any.keys("response_url", "message", "channel");
      expect(pressed.actions![0]).to.include({ type: "button", value: "staging" });
      const chosen = sent.find(({ actions }) => actions![0]!["action_id"] === "span")!;
      expect(chosen.actions![0]).to.deep.include({ type: "static_select", block_id: "range", selected_option: options[1] });
      expect(chosen.view.state.values["range"]!["span"]).to.deep.equal({ type: "static_select", selected_option: options[1] });
      const refused = await workspace.post("click", { user: "U0002", viewId: view.id, actionId: "claim" });
      expect(refused.body.error).to.equal("view_not_found");
    });

    it("may come as JSON, too", async () => {
      const headers = { "content-type": "application/json", authorization: `Bearer ${secrets.bot}` };
      const body = JSON.stringify({ user_id: "U0001", view: home });
      const response = await fetch(`${workspace.slackUrl}/api/views.publish`, { method: "POST", headers, body });
      expect(await response.json()).to.include({ ok: true });
    });

    it("refuses a hash of an earlier view", async () => {
      const first = await workspace.web().views.publish({ user_id: "U0001", view: home });
      await workspace.web().views.publish({ user_id: "U0001", view: home, hash: first.view!.hash! });
      expect(await errorOf(workspace.web().views.publish({ user_id: "U0001", view: home, hash: first.view!.hash! }))).to.include({
        error: "hash_conflict",
      });
    });

    it("sends app_home_opened when it is opened, with the view that was published", async () => {
      await workspace.post("open-home", { user: "U0002" });
      await workspace.web().views.publish({ user_id: "U0002", view: home });
      await workspace.post("open-home", { user: "U0002" });
      await eventually(() => doors.at("/events").length === 2);
      const events = doors.at("/events").map(({ body }) => (JSON.parse(body) as { event: { event_ts: string; view?: object } }).event);
      const [first, second] = events.sort((a, b) => a.event_ts.localeCompare(b.event_ts));
      expect(first).to.include({ type: "app_home_opened", user: "U0002", channel: "D0002", tab: "home" }).and.not.have.property("view");
      expect(second!.view).to.include({ type: "home", team_id: "T0001" });
    });
  });

  describe("a modal", () => {
    it("opens once per trigger id, within three seconds", async () => {
      const id = await trigger();
      const { view } = await workspace.web().views.open({ trigger_id: id, view: modal });
      expect((await read("views"))!.id).to.equal(view!.id);
      const again = (triggerId: string) => errorOf(workspace.web().views.open({ trigger_id: triggerId, view: modal }));
      expect(await again(id)).to.include({ error: "exchanged_trigger_id" });
      expect(await again("another")).to.include({ error: "invalid_trigger_id" });
      const late = await trigger();
      workspace.cloud.clock.advance(4);
      expect(await again(late)).to.include({ error: "expired_trigger_id" });
    });

    it("sends what was entered, and closes on an empty answer", async () => {
      const id = await open();
      const values = {
        reason: { text: "a fix" },
        who: { user: "U0002" },
        where: { channel: "C0002" },
        how: { flags: ["week"] },
        when: { one: "day" },
      };
      const payload = await submitTo(undefined, values);
      expect(payload).to.deep.include({ type: "view_submission", response_urls: [] });
      expect(payload.view).to.include({ id, callback_id: "claim", private_metadata: "about staging", team_id: "T0001" });
      expect(payload.view.state.values).to.deep.equal({
        reason: { text: { type: "plain_text_input", value: "a fix" } },
        for: { span: { type: "static_select", selected_option: options[0] } },
        who: { user: { type: "users_select", selected_user: "U0002" } },
        where: { channel: { type: "conversations_select", selected_conversation: "C0002" } },
        how: { flags: { type: "checkboxes", selected_options: [options[1]] } },
        when: { one: { type: "radio_buttons", selected_option: options[0] } },
      });
      await eventually(async () => (await read("views")) === null);
    });

    it("shows the app's errors until it is submitted again, and keeps what was entered", async () => {
      await open();
      await submitTo({ response_action: "errors", errors: { reason: "Say more." } });
      const view = await eventually(async () => {
        const shown = await read("views");
        return shown?.errors && shown;
      });
      expect(view.errors).to.deep.equal({ reason: "Say more." });
      expect(view.state.values["reason"]!["text"]).to.deep.equal({ type: "plain_text_input", value: "a fix" });
      await submitTo({ response_action: "errors", errors: { nothing: "There is no such input." } });
      await eventually(async () => (await read("views"))?.problem === "We had some trouble connecting. Try again?");
      expect(await read("views")).not.to.have.property("errors");
    });

    it("is updated, covered by another, and cleared, as the app answers", async () => {
      await open();
      await submitTo({ response_action: "update", view: { ...modal, title: plain("Updated") } });
      await eventually(async () => (await read("views"))?.title?.text === "Updated");
      await submitTo({ response_action: "push", view: { ...modal, title: plain("Pushed") } });
      await eventually(async () => (await read("views"))?.title?.text === "Pushed");
      await submitTo({ response_action: "clear" });
      await eventually(async () => (await read("views")) === null);
    });

    it("is updated and covered by methods: by hash, up to three", async () => {
      const id = await open();
      const { hash } = (await read("views"))!;
      await workspace.web().views.update({ view_id: id, hash, view: { ...modal, title: plain("New") } });
      expect((await read("views"))!.title!.text).to.equal("New");
      expect(await errorOf(workspace.web().views.update({ view_id: id, hash, view: modal }))).to.include({ error: "hash_conflict" });
      expect(await errorOf(workspace.web().views.update({ view_id: "V0", view: modal }))).to.include({ error: "not_found" });
      const push = async () => workspace.web().views.push({ trigger_id: await trigger(), view: modal });
      const second = await push();
      expect(second.view).to.include({ root_view_id: id, previous_view_id: id });
      await push();
      expect(await errorOf(push())).to.include({ error: "push_limit_reached" });
    });

    it("tells the app that it was closed, where the app asked for that", async () => {
      const id = await open();
      await workspace.post("close", { user: "U0001", viewId: id });
      const payload = await eventually(() => interactions()[0]);
      expect(payload).to.include({ type: "view_closed", is_cleared: false });
      expect(await read("views")).to.equal(null);
    });

    for (const [name, values, message] of [
      ["nothing in an input that is not optional", {}, "values.reason.text is null, but must be filled in."],
      ["a text that is too long", { reason: { text: "x".repeat(21) } }, "but must be at most 20 characters long."],
      [
        "an option that there is not",
        { reason: { text: "x" }, for: { span: "year" } },
        'values.for.span is "year", but must be one of day, week.',
      ],
      ["a person of another workspace", { reason: { text: "x" }, who: { user: "U1001" } }, "but must be a user's id."],
      ["an element that there is not", { reason: { other: "x" } }, "but must be of an element that the view has."],
    ] as const) {
      it(`is not submitted with ${name}`, async () => {
        const { status, body } = await submit(await open(), values);
        expect(status).to.equal(400);
        expect(body.message).to.include(message);
        expect(interactions()).to.have.length(0);
      });
    }

    const input = modal.blocks[0]!;
    for (const [name, view, message] of [
      ["a long title", { ...modal, title: plain("x".repeat(25)) }, "must be less than 25 characters [json-pointer:/view/title/text]"],
      ["no title", { ...modal, title: undefined }, "missing required field: title [json-pointer:/view]"],
      [
        "long metadata",
        { ...modal, private_metadata: "x".repeat(3001) },
        "must be less than 3001 characters [json-pointer:/view/private_metadata]",
      ],
      ["inputs but nothing to submit them", { ...modal, submit: undefined }, "missing required field: submit [json-pointer:/view]"],
      [
        "too many blocks",
        { ...modal, blocks: Array.from({ length: 101 }, () => ({ type: "divider" })) },
        "no more than 100 items allowed [json-pointer:/view/blocks]",
      ],
      [
        "two blocks of one id",
        { ...modal, blocks: [input, input] },
        'block_id "reason" already exists [json-pointer:/view/blocks/1/block_id]',
      ],
      ["an unknown block", { ...modal, blocks: [{ type: "carousel" }] }, "unsupported type: carousel [json-pointer:/view/blocks/0/type]"],
      [
        "a button as an input",
        { ...modal, blocks: [{ ...input, element: { type: "button" } }] },
        "unsupported type: button [json-pointer:/view/blocks/0/element/type]",
      ],
      [
        "a menu without options",
        { ...modal, blocks: [{ ...input, element: { type: "static_select", options: [] } }] },
        "must have at least 1 item [json-pointer:/view/blocks/0/element/options]",
      ],
      ["a Home where a modal is wanted", home, "must be modal [json-pointer:/view/type]"],
    ] as const) {
      it(`with ${name} is refused with a message`, async () => {
        const answer = await errorOf(workspace.web().views.open({ trigger_id: await trigger(), view: view as ModalView }));
        expect(answer).to.deep.include({ error: "invalid_arguments" });
        expect(answer!.response_metadata!.messages).to.deep.equal([`[ERROR] ${message}`]);
      });
    }
  });
});
