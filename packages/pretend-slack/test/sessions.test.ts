import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WebClient } from "@slack/web-api";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { type Doors, startDoors } from "./doors";
import { buildManifest, errorOf, startWorkspace, type TestWorkspace } from "./workspace";

describe("agent sessions", () => {
  let doors: Doors;
  let directory: string;
  let workspace: TestWorkspace;
  let web: WebClient;

  beforeEach(async () => {
    doors = await startDoors();
    directory = await mkdtemp(join(tmpdir(), "sessions-"));
    workspace = await startWorkspace(doors, { directory });
    web = workspace.web();
  });

  afterEach(async () => {
    await workspace.stop();
    await doors.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it("are created with a title by the first status, and renamed by a method of their own", async () => {
    const thread = { channel_id: "C0001", thread_ts: await workspace.say({ text: "<@UBOT01> dive" }) };

    const created = await web.agents.sessions.setStatus({ ...thread, status: "processing", title: "Dive", initiator_user_id: "U0001" });
    expect(created).to.include({ ok: true, status: "processing", agent_status: "processing", title: "Dive" });
    expect(created).not.to.have.property("warning");
    await web.agents.sessions.setStatus({ ...thread, status: "suspended", title: "ignored" });
    expect(await workspace.sessions()).to.deep.equal([
      { channel: "C0001", threadTs: thread.thread_ts, status: "suspended", title: "Dive" },
    ]);

    expect(await web.agents.sessions.rename({ ...thread, title: "Deep dive" })).to.include({ title: "Deep dive" });
    expect(await workspace.sessions()).to.have.nested.property("[0].title", "Deep dive");
  });

  const BAD_CALLS: [string, string, Record<string, string>][] = [
    ["thread_ts_required", "agents.sessions.setStatus", { status: "active", thread_ts: "" }],
    ["invalid_arguments", "agents.sessions.setStatus", { status: "active", thread_ts: "yesterday" }],
    ["invalid_arguments", "agents.sessions.setStatus", { status: "active", channel_id: "" }],
    ["channel_not_found", "agents.sessions.setStatus", { status: "active", channel_id: "C9999" }],
    ["invalid_status", "agents.sessions.setStatus", { status: "busy" }],
    ["invalid_arguments", "agents.sessions.setStatus", { status: "active", title: "x".repeat(201) }],
    ["user_not_found", "agents.sessions.setStatus", { status: "active", initiator_user_id: "U9999" }],
    ["session_not_found", "agents.sessions.rename", { title: "x" }],
    ["invalid_arguments", "agents.sessions.rename", { title: "" }],
  ];

  it("refuse what Slack refuses", async () => {
    for (const [error, method, changes] of BAD_CALLS) {
      const call = web.apiCall(method, { channel_id: "C0001", thread_ts: "1700000000.000100", ...changes });
      expect(await errorOf(call), `${method} ${JSON.stringify(changes)}`).to.include({ error });
    }
    expect(await workspace.sessions()).to.deep.equal([]);
  });

  it("are for apps that are agents; an app that doesn't hear of the stop button is warned", async () => {
    const startWith = (change: (manifest: ReturnType<typeof buildManifest>) => void) => {
      const manifest = buildManifest(doors.url);
      change(manifest);
      return startWorkspace(doors, { program: { outputs: { slackManifest: manifest } } });
    };
    const call = { channel_id: "C0001", thread_ts: "1700000000.000100", status: "processing" };
    const unsubscribed = await startWith(({ settings: { event_subscriptions: events } }) => {
      events.bot_events = events.bot_events.filter(event => event !== "agent_session_stopped");
    });
    const ordinary = await startWith(({ oauth_config: { scopes } }) => {
      scopes.bot = scopes.bot.filter(scope => scope !== "assistant:write");
    });
    try {
      const warning = "missing_agent_session_stopped_event_subscription";
      expect(await unsubscribed.web().agents.sessions.setStatus(call)).to.include({ ok: true, warning });
      const stopped = await unsubscribed.post("stop", { user: "U0001", channel: "C0001", threadTs: call.thread_ts });
      expect(stopped).to.have.nested.property("body.error", "not_stoppable");
      expect(await errorOf(ordinary.web().agents.sessions.setStatus(call))).to.include({ error: "not_authorized" });
    } finally {
      await unsubscribed.stop();
      await ordinary.stop();
    }
  });

  it("stop processing an hour after the app said so for the last time, also after a restart", async () => {
    const thread = { channel_id: "D0001", thread_ts: await workspace.say({ channel: "D0001", text: "work" }) };
    await web.agents.sessions.setStatus({ ...thread, status: "processing", title: "Work" });
    workspace.cloud.clock.advance(3_000);
    await web.agents.sessions.setStatus({ ...thread, status: "processing" });
    workspace.cloud.clock.advance(3_000);
    await workspace.stop();
    workspace = await startWorkspace(doors, { directory });
    expect(await workspace.sessions()).to.have.nested.property("[0].status", "processing");

    workspace.cloud.clock.advance(700);

    const [session] = await eventually(async () => {
      const sessions = await workspace.sessions();
      return sessions[0]?.status === "active" && sessions;
    });
    expect(session).to.deep.equal({ channel: "D0001", threadTs: thread.thread_ts, status: "active", title: "Work" });
  });

  it("begin in direct messages: the app hears that they were opened, and its prompts are shown", async () => {
    expect((await workspace.state()).app?.suggestedPrompts).to.deep.equal([{ title: "Catch up", message: "What is new?" }]);
    await workspace.post("open", { user: "U0002", channel: "D0002" });

    const request = await eventually(() => doors.at("/events").find(({ body }) => body.includes("app_home_opened")));
    const { event } = JSON.parse(request.body) as { event: object };
    expect(event).to.include({ type: "app_home_opened", user: "U0002", channel: "D0002", tab: "messages" });
    const elsewhere = await workspace.post("open", { user: "U0002", channel: "C0001" });
    expect([elsewhere.status, elsewhere.body.error]).to.deep.equal([400, "channel_not_found"]);
  });

  describe("the stop button", () => {
    const press = (threadTs: string) => workspace.post("stop", { user: "U0002", channel: "C0001", threadTs });

    it("ends the streams of the thread, tells the app, and leaves the status to it", async () => {
      await eventually(async () => (await workspace.state()).app?.events.verified);
      const [thread, other] = [await workspace.say({ text: "one" }), await workspace.say({ text: "other" })];
      const start = (thread_ts: string) =>
        web.chat.startStream({ channel: "C0001", thread_ts, recipient_user_id: "U0001", recipient_team_id: "T0001", markdown_text: "I " });
      const { ts } = await start(thread);
      await start(other);

      expect(await press(thread)).to.have.nested.property("body.ok", true);

      const request = await eventually(() => doors.at("/events").find(({ body }) => body.includes("agent_session_stopped")));
      expect(request.headers).to.have.property("x-slack-signature");
      const { event } = JSON.parse(request.body) as { event: { event_ts: string } };
      expect(event).to.deep.equal({
        type: "agent_session_stopped",
        channel: "C0001",
        thread_ts: thread,
        user: "U0002",
        streaming_message_ts: [ts],
        event_ts: event.event_ts,
      });
      expect((await workspace.streams()).map(({ threadTs, open }) => [threadTs, open])).to.deep.equal([
        [thread, false],
        [other, true],
      ]);
      expect((await workspace.sessions()).map(({ status }) => status)).to.deep.equal(["processing", "processing"]);
      const append = web.chat.appendStream({ channel: "C0001", ts: ts!, markdown_text: "go on" });
      expect(await errorOf(append)).to.include({ error: "message_not_in_streaming_state" });
    });

    it("is there only while the session is processing", async () => {
      const thread_ts = await workspace.say({ text: "one" });
      await web.agents.sessions.setStatus({ channel_id: "C0001", thread_ts, status: "suspended" });

      const { status, body } = await press(thread_ts);

      expect([status, body.error]).to.deep.equal([400, "session_not_processing"]);
      expect(body.message).to.equal(`threadTs is "${thread_ts}", but must be a thread whose session is processing.`);
    });
  });
});
