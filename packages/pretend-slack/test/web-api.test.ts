import { ErrorCode, type WebClient } from "@slack/web-api";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { type Doors, startDoors } from "./doors";
import { buildManifest, errorOf, secrets, startWorkspace, type TestWorkspace } from "./workspace";

describe("slack web api", () => {
  let doors: Doors;
  let workspace: TestWorkspace;
  let web: WebClient;

  beforeEach(async () => {
    doors = await startDoors();
    workspace = await startWorkspace(doors);
    await eventually(async () => (await workspace.state()).app?.events.verified);
    web = workspace.web();
  });

  afterEach(async () => {
    await workspace.stop();
    await doors.stop();
  });

  describe("tokens and scopes", () => {
    it("identifies the bot by its token", async () => {
      expect(await web.auth.test()).to.include({ ok: true, team_id: "T0001", user_id: "UBOT01", bot_id: "BBOT01" });
      expect(await errorOf(workspace.web("xoxb-wrong").auth.test())).to.include({ error: "invalid_auth" });
      const response = await fetch(`${workspace.slackUrl}/api/auth.test`, { method: "POST" });
      expect(await response.json()).to.deep.equal({ ok: false, error: "not_authed" });
    });

    it("accepts the token in the form too", async () => {
      const body = new URLSearchParams({ token: secrets.bot });
      const response = await fetch(`${workspace.slackUrl}/api/auth.test`, { method: "POST", body });
      expect(await response.json()).to.include({ ok: true });
    });

    it("refuses an unknown method", async () => {
      expect(await errorOf(web.apiCall("chat.postTelegram"))).to.include({ error: "unknown_method" });
    });
  });

  it("accepts only POST for methods that change something, and GET too for reads", async () => {
    const get = (method: string, given: Record<string, string>) =>
      fetch(`${workspace.slackUrl}/api/${method}?${new URLSearchParams({ token: secrets.bot, channel: "C0001", ...given }).toString()}`);
    const { ts = "" } = await web.chat.postMessage({ channel: "C0001", text: "first" });
    const changes: Record<string, Record<string, string>> = {
      "chat.postMessage": { text: "by an image" },
      "chat.postEphemeral": { text: "by an image", user: "U0001" },
      "chat.update": { ts, text: "by an image" },
      "chat.delete": { ts },
      "chat.startStream": { thread_ts: ts },
      "chat.appendStream": { ts, markdown_text: "by an image" },
      "chat.stopStream": { ts },
      "agents.sessions.setStatus": { channel_id: "C0001", thread_ts: ts, status: "active" },
      "agents.sessions.rename": { channel_id: "C0001", thread_ts: ts, title: "by an image" },
      "reactions.add": { timestamp: ts, name: "eyes" },
      "reactions.remove": { timestamp: ts, name: "eyes" },
      "conversations.open": { users: "U0002" },
      "conversations.join": { channel: "C0002" },
      "conversations.leave": {},
      "canvases.create": {},
      "conversations.canvases.create": { channel_id: "C0001" },
      "canvases.access.set": { canvas_id: "F1", access_level: "read", channel_ids: '["C0001"]' },
      "files.getUploadURLExternal": { filename: "x.txt", length: "1" },
      "files.completeUploadExternal": { files: '[{"id":"F1"}]' },
    };
    for (const [method, given] of Object.entries(changes)) {
      const response = await get(method, given);
      expect([response.status, response.headers.get("allow")], method).to.deep.equal([405, "POST"]);
      expect(await response.json()).to.include({ ok: false, error: "method_not_allowed" });
    }
    const history = (await (await get("conversations.history", {})).json()) as { messages: { text: string; reactions?: unknown }[] };
    expect(history.messages.map(({ text, reactions }) => [text, reactions])).to.deep.equal([["first", undefined]]);
    for (const method of ["auth.test", "users.list", "conversations.list", "conversations.members"])
      expect(await (await get(method, {})).json(), method).to.include({ ok: true });
  });

  it("names a missing scope", async () => {
    const outputs = { slackManifest: buildManifest(doors.url, ["channels:history"]) };
    const other = await startWorkspace(doors, { program: { outputs } });
    try {
      expect(await errorOf(other.web().chat.postMessage({ channel: "C0001", text: "x" }))).to.include({
        error: "missing_scope",
        needed: "chat:write",
        provided: "channels:history",
      });
    } finally {
      await other.stop();
    }
  });

  describe("chat.postMessage", () => {
    it("sends the post as an event with a bot id, and not to the webhook", async () => {
      const posted = await web.chat.postMessage({ channel: "C0001", text: "awsadvent by a bot" });
      expect(posted.message).to.include({ text: "awsadvent by a bot", user: "UBOT01", bot_id: "BBOT01" });

      const [request] = await eventually(() => doors.at("/events").length === 1 && doors.at("/events"));
      expect((JSON.parse(request!.body) as { event: object }).event).to.include({ ts: posted.ts, bot_id: "BBOT01" });
      expect((await workspace.messages())[0]!.deliveries.map(({ door }) => door)).to.deep.equal(["events"]);
    });

    it("stores metadata, and returns it if requested", async () => {
      const metadata = { event_type: "notice", event_payload: { id: "N1" } };
      await web.chat.postMessage({ channel: "C0001", text: "x", metadata });
      const plain = await web.conversations.history({ channel: "C0001" });
      expect(plain.messages![0]).to.not.have.property("metadata");
      const full = await web.conversations.history({ channel: "C0001", include_all_metadata: true });
      expect(full.messages![0]!.metadata).to.deep.equal(metadata);
    });

    it("adds missing ids to blocks", async () => {
      const button = { type: "button" as const, text: { type: "plain_text" as const, text: "Go" } };
      const posted = await web.chat.postMessage({ channel: "C0001", text: "x", blocks: [{ type: "actions", elements: [button] }] });
      const [block] = posted.message!.blocks as { block_id: string; elements: { action_id: string }[] }[];
      expect(block!.block_id).to.be.a("string").and.not.equal("");
      expect(block!.elements[0]!.action_id).to.be.a("string").and.not.equal("");
    });

    it("opens direct messages for a member's id", async () => {
      const posted = await web.chat.postMessage({ channel: "U0002", text: "psst" });
      expect(posted.channel).to.match(/^D/);
      expect((await workspace.messages(posted.channel!, "U0002"))[0]).to.include({ text: "psst" });
    });

    it("accepts a burst, then about one message per second and channel", async () => {
      // Concurrently, and many more than the burst, because another post is accepted each second meanwhile.
      const posts = await Promise.allSettled(
        Array.from({ length: 30 }, (_, index) => web.chat.postMessage({ channel: "C0001", text: `${index}` })),
      );
      const refusals = posts.flatMap(post => (post.status === "rejected" ? [post.reason as { code: string; retryAfter: number }] : []));
      expect(posts.length - refusals.length).to.be.above(1);
      expect(refusals[0]).to.include({ code: ErrorCode.RateLimitedError, retryAfter: 1 });
      await web.chat.postMessage({ channel: "C0002", text: "another channel" });
      workspace.cloud.clock.advance(1);
      await web.chat.postMessage({ channel: "C0001", text: "a second later" });
    });

    const sectionOf = (text: string) => ({ type: "section", text: { type: "mrkdwn", text } });
    const buttonOf = (text: string) => ({ type: "actions", elements: [{ type: "button", text: { type: "plain_text", text } }] });
    for (const { name, input, error } of [
      { name: "an unknown channel", input: { channel: "C9999" }, error: "channel_not_found" },
      { name: "no text", input: { text: "" }, error: "no_text" },
      { name: "40,001 characters", input: { text: "x".repeat(40_001) }, error: "msg_too_long" },
      { name: "blocks that are not JSON", input: { blocks: "[{" }, error: "invalid_blocks_format" },
      { name: "a block without type", input: { blocks: [{}] }, error: "invalid_blocks" },
      { name: "a block of an unknown type", input: { blocks: [{ type: "chapter" }] }, error: "invalid_blocks" },
      { name: "a section of 3,001 characters", input: { blocks: [sectionOf("x".repeat(3001))] }, error: "invalid_blocks" },
      { name: "a button with a label of 76 characters", input: { blocks: [buttonOf("x".repeat(76))] }, error: "invalid_blocks" },
      { name: "51 blocks", input: { blocks: Array.from({ length: 51 }, () => ({ type: "divider" })) }, error: "invalid_blocks" },
      { name: "a thread that is not a timestamp", input: { thread_ts: "yesterday" }, error: "invalid_thread_ts" },
      { name: "metadata without a type", input: { metadata: { event_payload: {} } }, error: "invalid_metadata_format" },
    ]) {
      const usual = { channel: "C0001", text: "x" };
      it(`refuses ${name} as ${error}`, async () => {
        expect(await errorOf(web.apiCall("chat.postMessage", { ...usual, ...input }))).to.include({ error });
      });
    }
  });

  describe("threads", () => {
    it("accept a reply to a missing message, and show it in the channel", async () => {
      const ts = "1.000001";
      const before = await errorOf(web.conversations.replies({ channel: "C0001", ts }));
      expect(before).to.include({ error: "thread_not_found" });
      const posted = await web.chat.postMessage({ channel: "C0001", thread_ts: ts, text: "to whom?" });
      for (const { messages } of [
        await web.conversations.history({ channel: "C0001" }),
        await web.conversations.replies({ channel: "C0001", ts }),
      ])
        expect(messages!.map(message => message.ts)).to.deep.equal([posted.ts]);
    });

    it("keeps replies out of the channel's history unless they are broadcast", async () => {
      const parent = await workspace.say({ text: "parent" });
      await web.chat.postMessage({ channel: "C0001", thread_ts: parent, text: "reply" });
      await web.chat.postMessage({ channel: "C0001", thread_ts: parent, text: "broadcast", reply_broadcast: true });

      const history = await web.conversations.history({ channel: "C0001" });
      expect(history.messages!.map(({ text }) => text)).to.deep.equal(["broadcast", "parent"]);
      expect(history.messages![1]).to.include({ reply_count: 2, thread_ts: parent });
      const replies = await web.conversations.replies({ channel: "C0001", ts: parent });
      expect(replies.messages!.map(({ text }) => text)).to.deep.equal(["parent", "reply", "broadcast"]);
    });
  });

  describe("chat.update and chat.delete", () => {
    it("changes and deletes the bot's messages, and sends message_changed and message_deleted", async () => {
      const { ts } = await web.chat.postMessage({ channel: "C0001", text: "before" });
      await web.chat.update({ channel: "C0001", ts: ts!, text: "after" });
      expect((await workspace.messages())[0])
        .to.include({ text: "after" })
        .and.have.property("edited");
      await web.chat.delete({ channel: "C0001", ts: ts! });
      expect(await workspace.messages()).to.have.length(0);

      await eventually(() => doors.at("/events").length === 3);
      const events = doors
        .at("/events")
        .map(({ body }) => (JSON.parse(body) as { event: { subtype?: string; previous_message?: object } }).event);
      expect(events.map(({ subtype }) => subtype)).to.have.members([undefined, "message_changed", "message_deleted"]);
      expect(events.find(({ subtype }) => subtype === "message_deleted")!.previous_message).to.include({ text: "after", ts });
    });

    it("takes Markdown instead of text and blocks", async () => {
      const { ts, message } = await web.chat.postMessage({ channel: "C0001", markdown_text: "**first**" });
      expect(message).to.include({ text: "**first**" });
      const changed = await web.chat.update({ channel: "C0001", ts: ts!, markdown_text: "**second**" });
      expect(changed.message).to.deep.include({ text: "**second**" });
      expect((await workspace.messages()).at(-1)!.blocks)
        .to.have.length(1)
        .and.have.nested.property("[0].type", "markdown");
      const both = web.apiCall("chat.update", { channel: "C0001", ts, markdown_text: "x", text: "x" });
      expect(await errorOf(both)).to.include({ error: "markdown_text_conflict" });
    });

    it("refuses to change people's messages", async () => {
      const ts = await workspace.say({ text: "mine" });
      expect(await errorOf(web.chat.update({ channel: "C0001", ts, text: "x" }))).to.include({ error: "cant_update_message" });
      expect(await errorOf(web.chat.delete({ channel: "C0001", ts }))).to.include({ error: "cant_delete_message" });
      expect(await errorOf(web.chat.update({ channel: "C0001", ts: "1.000001", text: "x" }))).to.include({ error: "message_not_found" });
    });
  });

  it("shows an ephemeral message to one person only, and not in the history", async () => {
    await web.chat.postEphemeral({ channel: "C0001", user: "U0002", text: "for you" });
    expect((await workspace.messages("C0001", "U0002"))[0]).to.include({ text: "for you", ephemeral: true });
    expect(await workspace.messages("C0001", "U0001")).to.have.length(0);
    expect((await web.conversations.history({ channel: "C0001" })).messages).to.have.length(0);
  });

  describe("conversations", () => {
    it("lists channels and members", async () => {
      const { channels } = await web.conversations.list();
      expect(channels!.map(({ id, name }) => `${id} ${name}`)).to.deep.equal(["C0001 general", "C0002 random"]);
      expect((await web.conversations.info({ channel: "C0002" })).channel).to.include({ name: "random", is_member: true });
      expect((await web.conversations.members({ channel: "C0001" })).members).to.deep.equal(["U0001", "U0002", "U0003", "UBOT01"]);
    });

    it("distinguishes public channels, private channels and direct messages", async () => {
      const listed = async (types: string) => (await web.conversations.list({ types })).channels!.map(({ id }) => id);
      expect(await listed("private_channel")).to.deep.equal(["G0001"]);
      expect(await listed("im")).to.deep.equal(["D0001", "D0002", "D0003"]);
      expect(await listed("im,public_channel")).to.deep.equal(["C0001", "C0002", "D0001", "D0002", "D0003"]);
      const infoOf = async (channel: string) => (await web.conversations.info({ channel })).channel;
      expect(await infoOf("G0001")).to.include({ name: "leadership", is_private: true, is_group: true, is_channel: false, num_members: 3 });
      expect(await infoOf("D0002")).to.include({ user: "U0002", is_private: true, is_im: true, is_group: false });
      expect(await infoOf("C0001")).to.include({ is_private: false, is_group: false, is_channel: true });
      expect((await web.conversations.members({ channel: "G0001" })).members).to.deep.equal(["U0001", "U0002", "UBOT01"]);
    });

    it("requires a scope for each listed type", async () => {
      const outputs = { slackManifest: buildManifest(doors.url, ["channels:read", "im:read"]) };
      const other = await startWorkspace(doors, { program: { outputs } });
      try {
        const call = other.web().conversations.list({ types: "public_channel,private_channel" });
        expect(await errorOf(call)).to.include({ error: "missing_scope", needed: "groups:read" });
      } finally {
        await other.stop();
      }
    });

    it("hides a private channel that the bot has left", async () => {
      const outputs = { slackManifest: buildManifest(doors.url, ["chat:write", "groups:read", "groups:write"]) };
      const other = await startWorkspace(doors, { program: { outputs } });
      try {
        await other.web().conversations.leave({ channel: "G0001" });
        expect((await other.web().conversations.list({ types: "private_channel" })).channels).to.deep.equal([]);
        expect(await errorOf(other.web().conversations.info({ channel: "G0001" }))).to.include({ error: "channel_not_found" });
        expect(await errorOf(other.web().chat.postMessage({ channel: "G0001", text: "x" }))).to.include({ error: "channel_not_found" });
      } finally {
        await other.stop();
      }
    });

    it("opens direct messages once", async () => {
      const opened = await web.conversations.open({ users: "U0003" });
      expect((await web.conversations.open({ users: "U0003" })).channel!.id).to.equal(opened.channel!.id);
      expect(opened.channel!.id).to.equal("D0003");
    });

    it("pages through history, newest first, each message once", async () => {
      const said: string[] = [];
      for (let index = 0; index < 7; index += 1) said.push(await workspace.say({ text: `${index}` }));
      const pages: number[] = [];
      const found: string[] = [];
      for await (const page of web.paginate("conversations.history", { channel: "C0001", limit: 3 })) {
        const { messages } = page as unknown as { messages: { ts: string }[] };
        pages.push(messages.length);
        found.push(...messages.map(({ ts }) => ts));
      }
      expect(pages).to.deep.equal([3, 3, 1]);
      expect(found).to.deep.equal([...said].reverse());
    });

    it("reads a range, exclusive or inclusive", async () => {
      const [first, second, third] = [
        await workspace.say({ text: "1" }),
        await workspace.say({ text: "2" }),
        await workspace.say({ text: "3" }),
      ];
      const textsOf = async (range: object) =>
        (await web.conversations.history({ channel: "C0001", oldest: first, latest: third, ...range })).messages!.map(({ ts }) => ts);
      expect(await textsOf({})).to.deep.equal([second]);
      expect(await textsOf({ inclusive: true })).to.deep.equal([third, second, first]);
    });

    it("refuses a cursor that it did not issue", async () => {
      expect(await errorOf(web.conversations.history({ channel: "C0001", cursor: "bm9wZQ==" }))).to.include({ error: "invalid_cursor" });
    });
  });

  it("returns users with their time zones and whether they are admins", async () => {
    const { members } = await web.users.list({});
    expect(members!.map(({ id }) => id)).to.deep.equal(["U0001", "U0002", "U0003", "UBOT01", "USLACKBOT"]);
    const { user } = await web.users.info({ user: "U0001" });
    expect(user).to.include({ name: "ada", tz: "Europe/Helsinki", is_admin: true, is_bot: false });
    expect(user!.tz_offset).to.be.oneOf([7200, 10_800]);
    expect(await errorOf(web.users.info({ user: "U9" }))).to.include({ error: "user_not_found" });
  });

  it("accepts uploads of the stock client", async () => {
    await web.filesUploadV2({ channel_id: "C0001", filename: "report.csv", file: Buffer.from("a,b\n1,2\n"), initial_comment: "done" });
    const shared = (await workspace.messages())[0] as unknown as {
      text: string;
      files: { id: string; mimetype: string; url_private: string }[];
    };
    expect(shared.text).to.equal("done");
    const { file } = await web.files.info({ file: shared.files[0]!.id });
    expect(file).to.include({ name: "report.csv", mimetype: "text/csv", size: 8 });
    const download = await fetch(file!.url_private!, { headers: { authorization: `Bearer ${secrets.bot}` } });
    expect(await download.text()).to.equal("a,b\n1,2\n");
  });

  it("stores reactions, and sends them as events", async () => {
    const ts = await workspace.say({ text: "nice" });
    await web.reactions.add({ channel: "C0001", timestamp: ts, name: "tada" });
    expect(await errorOf(web.reactions.add({ channel: "C0001", timestamp: ts, name: "tada" }))).to.include({ error: "already_reacted" });
    const { message } = await web.reactions.get({ channel: "C0001", timestamp: ts });
    expect(message!.reactions).to.deep.equal([{ name: "tada", users: ["UBOT01"], count: 1 }]);
    await eventually(() => doors.at("/events").some(({ body }) => body.includes('"reaction_added"')));
    await web.reactions.remove({ channel: "C0001", timestamp: ts, name: "tada" });
    expect((await web.reactions.get({ channel: "C0001", timestamp: ts })).message).to.not.have.property("reactions");
  });

  it("returns permalinks to the page", async () => {
    const ts = await workspace.say({ text: "x" });
    const { permalink } = await web.chat.getPermalink({ channel: "C0001", message_ts: ts });
    expect(permalink).to.equal(`${workspace.slackUrl}/archives/C0001/p${ts.replace(".", "")}`);
    expect((await fetch(permalink!, { redirect: "manual" })).status).to.equal(302);
  });

  describe("weather", () => {
    it("answers 429 with Retry-After", async () => {
      workspace.cloud.weather.change({ slackStatus: 429 });
      const response = await fetch(`${workspace.slackUrl}/api/auth.test`, { method: "POST" });
      expect(response.status).to.equal(429);
      expect(response.headers.get("retry-after")).to.equal("1");
      expect(await response.json()).to.deep.equal({ ok: false, error: "ratelimited" });
    });

    it("refuses an invalid HTTP status", () => {
      expect(() => workspace.cloud.weather.change({ slackStatus: 42 })).to.throw("slackStatus is 42, but must be an HTTP status");
    });

    it("refuses the methods that the weather names, and no others", async () => {
      workspace.cloud.weather.change({ slackRefuses: ["chat.postMessage", "agents.sessions.setStatus"] });
      const refused = await web.chat.postMessage({ channel: "C0001", text: "x" }).catch((error: { data: object }) => error);
      expect(refused).to.have.nested.property("data.error", "not_allowed");
      expect(await workspace.messages()).to.have.length(0);
      expect(await web.apiCall("agents.sessions.setStatus").catch((error: { data: object }) => error)).to.have.nested.property(
        "data.error",
        "not_allowed",
      );
      expect(await web.auth.test()).to.have.property("ok", true);
      expect(() => workspace.cloud.weather.change({ slackRefuses: ["post"] })).to.throw(
        'slackRefuses is ["post"], but must be a list of Web API methods',
      );
    });

    it("limits how an app outside of the marketplace reads", async () => {
      const ts = await workspace.say({ text: "root" });
      for (let reply = 0; reply < 16; reply++) await workspace.say({ text: `reply ${reply}`, threadTs: ts });
      workspace.cloud.weather.change({ slackNonMarketplace: true });

      const page = await web.conversations.replies({ channel: "C0001", ts, limit: 100 });
      expect([page.messages?.length, page.has_more]).to.deep.equal([15, true]);
      const refused = await web.conversations.replies({ channel: "C0001", ts }).catch((error: { retryAfter: number }) => error);
      expect(refused).to.have.property("retryAfter").within(50, 60);
      expect((await web.conversations.history({ channel: "C0001" })).messages).to.have.length(1);
    });

    it("answers 503 and stores nothing", async () => {
      workspace.cloud.weather.change({ slackStatus: 503 });
      const refusal = await web.chat.postMessage({ channel: "C0001", text: "x" }).catch((error: { statusCode: number }) => error);
      expect(refusal).to.include({ statusCode: 503 });
      expect(await workspace.messages()).to.have.length(0);
    });
  });

  describe("click", () => {
    const blocks = [
      {
        type: "actions" as const,
        block_id: "choice",
        elements: ["yes", "no"].map(value => ({
          type: "button" as const,
          action_id: "answer",
          value,
          text: { type: "plain_text" as const, text: value },
        })),
      },
    ];
    const payloadOf = (body: string) => JSON.parse(new URLSearchParams(body).get("payload")!) as Record<string, unknown>;

    it("sends the pressed button as a signed block_actions payload", async () => {
      const { ts } = await web.chat.postMessage({ channel: "C0001", text: "well?", blocks });
      const clicked = await workspace.post("click", { user: "U0002", channel: "C0001", ts, actionId: "answer", value: "no" });
      expect(clicked.body).to.deep.equal({ ok: true, ts });

      const [request] = await eventually(() => doors.at("/interactions").length === 1 && doors.at("/interactions"));
      expect(request!.headers).to.have.property("x-slack-signature");
      const { actions, message, container, user, response_url: responseUrl, ...payload } = payloadOf(request!.body);
      expect(payload).to.include({ type: "block_actions", api_app_id: "A0001" });
      expect(user).to.include({ id: "U0002", username: "ben" });
      expect(container).to.include({ type: "message", message_ts: ts, channel_id: "C0001", is_ephemeral: false });
      expect(message).to.include({ ts, text: "well?" });
      expect((actions as object[])[0]).to.include({ action_id: "answer", block_id: "choice", type: "button", value: "no" });

      await fetch(String(responseUrl), { method: "POST", body: JSON.stringify({ replace_original: true, text: "answered" }) });
      expect((await workspace.messages())[0])
        .to.include({ text: "answered" })
        .and.not.have.property("blocks");
      await fetch(String(responseUrl), { method: "POST", body: JSON.stringify({ delete_original: true }) });
      expect(await workspace.messages()).to.have.length(0);
    });

    it("presses buttons of an ephemeral message only for the person who sees it", async () => {
      const { message_ts: ts } = await web.chat.postEphemeral({ channel: "C0001", user: "U0002", text: "well?", blocks });
      const click = (user: string) => workspace.post("click", { user, channel: "C0001", ts, actionId: "answer", value: "yes" });
      expect((await click("U0001")).body).to.include({ error: "message_not_found" });
      expect((await click("U0002")).status).to.equal(200);
      const [request] = await eventually(() => doors.at("/interactions").length === 1 && doors.at("/interactions"));
      expect(payloadOf(request!.body)["container"]).to.include({ is_ephemeral: true, message_ts: ts });
    });

    it("sends which of the two feedback buttons was pressed", async () => {
      const button = (text: string, value: string) => ({ text: { type: "plain_text" as const, text }, value });
      const [positive_button, negative_button] = [button("Good", "good"), button("Bad", "bad")];
      const feedback = { type: "feedback_buttons" as const, action_id: "feedback", positive_button, negative_button };
      const blocks = [{ type: "context_actions" as const, elements: [feedback] }];
      const { ts } = await web.chat.postMessage({ channel: "C0001", text: "an answer", blocks });

      await workspace.post("click", { user: "U0002", channel: "C0001", ts, actionId: "feedback", value: "bad" });

      const [request] = await eventually(() => doors.at("/interactions").length === 1 && doors.at("/interactions"));
      const { actions } = JSON.parse(new URLSearchParams(request!.body).get("payload")!) as { actions: object[] };
      expect(actions[0]).to.include({ type: "feedback_buttons", action_id: "feedback", value: "bad" });
      expect(actions[0]).to.have.deep.property("text", negative_button.text);
    });

    it("refuses an unknown button, and lists the existing ones", async () => {
      const { ts } = await web.chat.postMessage({ channel: "C0001", text: "well?", blocks });
      const { status, body } = await workspace.post("click", { user: "U0001", channel: "C0001", ts, actionId: "anser" });
      expect(status).to.equal(400);
      expect(body.message).to.contain('"anser"').and.contain('"answer" with value "yes"');
    });
  });
});
