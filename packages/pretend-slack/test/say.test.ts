import { createHmac } from "node:crypto";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { type Doors, type Received, startDoors } from "./doors";
import { buildManifest, secrets, startWorkspace, type TestWorkspace } from "./workspace";

interface Envelope {
  token: string;
  team_id: string;
  api_app_id: string;
  type: string;
  event_id: string;
  event_time: number;
  authorizations: { user_id: string; is_bot: boolean }[];
  event: Record<string, unknown> & { type: string; ts: string; text: string; files: Record<string, unknown>[] };
}

const envelopeOf = (request: Received) => JSON.parse(request.body) as Envelope;
const formOf = (request: Received) => Object.fromEntries(new URLSearchParams(request.body));
const image = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

describe("slack", () => {
  let doors: Doors;
  let workspace: TestWorkspace;

  beforeEach(async () => {
    doors = await startDoors();
    workspace = await startWorkspace(doors);
    await eventually(async () => (await workspace.state()).app?.events.verified);
  });

  afterEach(async () => {
    await workspace.stop();
    await doors.stop();
  });

  describe("say", () => {
    it("sends a signed event callback, as the Events API does", async () => {
      const ts = await workspace.say({ text: "lunch #receipt" });

      const [request] = await eventually(() => doors.at("/events").length === 1 && doors.at("/events"));
      const timestamp = request!.headers["x-slack-request-timestamp"];
      const digest = createHmac("sha256", secrets.signing).update(`v0:${timestamp}:${request!.body}`).digest("hex");
      expect(request!.headers["x-slack-signature"]).to.equal(`v0=${digest}`);
      expect(request!.headers).to.not.have.property("x-slack-retry-num");
      expect(request!.headers["x-amzn-trace-id"]).to.match(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
      const { event, ...envelope } = envelopeOf(request!);
      expect(envelope).to.include({ token: secrets.verification, team_id: "T0001", api_app_id: "A0001", type: "event_callback" });
      expect(envelope.authorizations[0]).to.include({ user_id: "UBOT01", is_bot: true });
      expect(event).to.include({ type: "message", channel: "C0001", channel_type: "channel", user: "U0001", text: "lunch #receipt", ts });
      expect(event).to.include({ event_ts: ts }).and.have.property("client_msg_id");
      expect(event).to.not.have.property("subtype");
    });

    it("sends a mention of the bot as two events with the same timestamp", async () => {
      const ts = await workspace.say({ text: "<@UBOT01> help" });

      const envelopes = (await eventually(() => doors.at("/events").length === 2 && doors.at("/events"))).map(envelopeOf);
      expect(envelopes.map(({ event }) => event.type).sort()).to.deep.equal(["app_mention", "message"]);
      expect(envelopes.map(({ event }) => event.ts)).to.deep.equal([ts, ts]);
      expect(envelopes[0]!.event_id).to.not.equal(envelopes[1]!.event_id);
    });

    for (const { channel, kind } of [
      { channel: "G0001", kind: "group" },
      { channel: "D0002", kind: "im" },
    ]) {
      it(`sends a message in ${channel} as an event of a ${kind}, and not to the outgoing webhook`, async () => {
        const ts = await workspace.say({ user: "U0002", channel, text: "awsadvent #plan" });

        const [request] = await eventually(() => doors.at("/events").length === 1 && doors.at("/events"));
        expect(envelopeOf(request!).event).to.include({ type: "message", channel, channel_type: kind, ts });
        expect((await workspace.messages(channel, "U0002"))[0]!.deliveries.map(({ door }) => door)).to.deep.equal(["events"]);
      });
    }

    it("sends a mention in a private channel as two events; app_mention has no channel_type", async () => {
      await workspace.say({ channel: "G0001", text: "<@UBOT01> help" });

      const events = (await eventually(() => doors.at("/events").length === 2 && doors.at("/events"))).map(each => envelopeOf(each).event);
      expect(Object.fromEntries(events.map(event => [event.type, event["channel_type"]]))).to.deep.equal({
        message: "group",
        app_mention: undefined,
      });
    });

    it("refuses people who are not in the conversation, and hides its messages from them", async () => {
      for (const channel of ["G0001", "D0001"]) {
        const { status, body } = await workspace.post("say", { user: "U0003", channel, text: "let me in" });
        expect([status, body.error]).to.deep.equal([400, "channel_not_found"]);
        const shown = await fetch(`${workspace.slackUrl}/messages?channel=${channel}&user=U0003`);
        expect([shown.status, await shown.json()]).to.have.nested.property("[1].error", "channel_not_found");
      }
    });

    it("does not reveal a private channel's name in commands", async () => {
      await workspace.say({ channel: "G0001", text: "/dibs list" });
      const [command] = await eventually(() => doors.at("/commands").length === 1 && doors.at("/commands"));
      expect(formOf(command!)).to.include({ channel_id: "G0001", channel_name: "privategroup" });
    });

    it("calls the outgoing webhook for a trigger word, and posts the answer in the channel", async () => {
      doors.answer(({ path }) => (path === "/webhook" ? { body: JSON.stringify({ text: "`awsadvent` = 1" }) } : {}));
      const ts = await workspace.say({ text: "awsadvent some words" });

      const [, reply] = await eventually(async () => {
        const messages = await workspace.messages();
        return messages.length === 2 && messages;
      });
      expect(reply).to.include({ text: "`awsadvent` = 1", subtype: "bot_message", username: "fanout" });
      const [webhook] = doors.at("/webhook");
      expect(webhook!.headers["content-type"]).to.equal("application/x-www-form-urlencoded");
      expect(formOf(webhook!)).to.deep.equal({
        token: secrets.verification,
        team_id: "T0001",
        team_domain: "pretend",
        service_id: "900000000001",
        channel_id: "C0001",
        channel_name: "general",
        timestamp: ts,
        user_id: "U0001",
        user_name: "ada",
        text: "awsadvent some words",
        trigger_word: "awsadvent",
      });
      // The answer is sent as an event too, with the integration's bot id.
      await eventually(() => doors.at("/events").length === 2);
      expect(envelopeOf(doors.at("/events")[1]!).event).to.include({ subtype: "bot_message", bot_id: "B0001" });
      expect(doors.at("/webhook")).to.have.length(1);
    });

    for (const { text, triggered } of [
      { text: "AWSAdvent x", triggered: true },
      { text: "awsadvent", triggered: true },
      { text: "awsadvent: x", triggered: true },
      { text: "awsadventure", triggered: false },
      { text: "an awsadvent", triggered: false },
    ]) {
      it(`${triggered ? "triggers" : "does not trigger"} the webhook with ${JSON.stringify(text)}`, async () => {
        await workspace.say({ text });
        await eventually(() => doors.at("/events").length === 1);
        const [message] = await eventually(async () => {
          const messages = await workspace.messages();
          return messages[0]!.deliveries.every(({ state }) => state === "delivered") && messages;
        });
        expect(message!.deliveries.some(({ door }) => door === "webhook")).to.equal(triggered);
      });
    }

    it("posts the webhook's answer in the thread of the trigger word", async () => {
      doors.answer(({ path }) => (path === "/webhook" ? { body: JSON.stringify({ text: "counted" }) } : {}));
      const parent = await workspace.say({ text: "a thread" });
      await workspace.say({ text: "awsadvent", threadTs: parent });

      const reply = await eventually(async () => (await workspace.messages()).find(({ text }) => text === "counted"));
      expect(reply.thread_ts).to.equal(parent);
      expect(formOf(doors.at("/webhook")[0]!)).to.include({ thread_ts: parent });
    });

    it("shares files that only the bot's token can download", async () => {
      await workspace.say({ text: "receipt", files: [{ name: "../lunch ü.png", mimetype: "image/png", base64: image }] });

      const { event } = envelopeOf((await eventually(() => doors.at("/events")[0]))!);
      expect(event).to.include({ subtype: "file_share", text: "receipt" });
      const [file] = event.files;
      expect(file).to.include({ id: "F0001", mimetype: "image/png", filetype: "png", size: 70, mode: "hosted" });
      const url = String(file!["url_private"]);
      expect(url).to.match(new RegExp(`^${workspace.slackUrl}/files-pri/T0001-F0001/[a-z0-9._-]+\\.png$`));
      for (const address of [url, String(file!["url_private_download"])]) {
        const download = await fetch(address, { headers: { authorization: `Bearer ${secrets.bot}` } });
        expect(download.headers.get("content-type")).to.equal("image/png");
        expect(Buffer.from(await download.arrayBuffer()).toString("base64")).to.equal(image);
      }
      const refused = await fetch(url, { headers: { authorization: "Bearer xoxb-wrong" } });
      expect(refused.status).to.equal(200);
      expect(refused.headers.get("content-type")).to.match(/^text\/html/);
    });

    it("sends direct messages with the bot as message.im, and not to the webhook", async () => {
      await workspace.say({ channel: "UBOT01", text: "awsadvent in private" });
      const { event } = envelopeOf((await eventually(() => doors.at("/events")[0]))!);
      expect(event).to.include({ channel: "D0001", channel_type: "im" });
      expect((await workspace.messages("D0001"))[0]!.deliveries.map(({ door }) => door)).to.deep.equal(["events"]);
    });

    it("gives concurrent messages different, increasing timestamps", async () => {
      const said = await Promise.all(Array.from({ length: 20 }, (_, index) => workspace.say({ text: `message ${index}` })));
      expect(new Set(said).size).to.equal(20);
      const shown = (await workspace.messages()).map(({ ts }) => ts);
      expect(shown).to.deep.equal([...said].sort());
    });

    for (const { name, input, error, quotes } of [
      { name: "an unknown user", input: { user: "U9" }, error: "user_not_found", quotes: '"U9"' },
      { name: "a bot as user", input: { user: "UBOT01" }, error: "user_not_found", quotes: '"UBOT01"' },
      { name: "an unknown channel", input: { channel: "C9" }, error: "channel_not_found", quotes: '"C9"' },
      { name: "another team", input: { team: "T2" }, error: "team_not_found", quotes: '"T2"' },
      { name: "neither text nor file", input: { text: "" }, error: "no_text", quotes: "neither" },
      { name: "a text that is not a string", input: { text: 5 }, error: "invalid_arguments", quotes: "5" },
      { name: "40,001 characters", input: { text: "x".repeat(40_001) }, error: "msg_too_long", quotes: "40001" },
      { name: "an unknown field", input: { txt: "x" }, error: "invalid_arguments", quotes: '"txt"' },
      { name: "an unknown thread", input: { threadTs: "1.2" }, error: "thread_not_found", quotes: '"1.2"' },
      { name: "bad base64", input: { files: [{ name: "a", mimetype: "a/b", base64: "?" }] }, error: "invalid_arguments", quotes: '"?"' },
      { name: "a file without name", input: { files: [{ mimetype: "a/b", base64: "" }] }, error: "invalid_arguments", quotes: "name" },
    ]) {
      const saying = { user: "U0001", channel: "C0001", text: "x" };
      it(`refuses ${name} with a sentence that quotes it`, async () => {
        const { status, body } = await workspace.post("say", { ...saying, ...input });
        expect(status).to.equal(400);
        expect(body).to.include({ ok: false, error });
        expect(body.message).to.contain(quotes);
        expect(await workspace.messages()).to.have.length(0);
      });
    }

    it("refuses a body that is not a JSON object", async () => {
      for (const body of ["", "[]", "null", "{", "text"]) {
        const response = await fetch(`${workspace.slackUrl}/say`, { method: "POST", body });
        expect(response.status).to.equal(400);
      }
      expect((await fetch(`${workspace.slackUrl}/say`)).status).to.equal(405);
    });
  });

  describe("retries", () => {
    it("retries an event at once, after one minute and after five, with the same id and a new signature", async () => {
      doors.answer(() => ({ status: 500 }));
      await workspace.say({ text: "x" });

      await eventually(() => doors.at("/events").length === 2);
      for (const { seconds, requests } of [
        { seconds: 60, requests: 3 },
        { seconds: 300, requests: 4 },
      ]) {
        await eventually(async () => (await workspace.messages())[0]!.deliveries[0]!.retries === requests - 2);
        await eventually(async () => (await workspace.messages())[0]!.deliveries[0]!.state === "waiting");
        workspace.cloud.clock.advance(seconds);
        await eventually(() => doors.at("/events").length === requests);
      }
      const [delivery] = await eventually(async () => {
        const { deliveries } = (await workspace.messages())[0]!;
        return deliveries[0]!.state === "failed" && deliveries;
      });
      expect(delivery).to.include({ reason: "http_error", status: 500, retries: 3, signed: true });
      const requests = doors.at("/events");
      expect(requests.map(({ headers }) => headers["x-slack-retry-num"])).to.deep.equal([undefined, "1", "2", "3"]);
      expect(requests[1]!.headers["x-slack-retry-reason"]).to.equal("http_error");
      expect(new Set(requests.map(({ body }) => body)).size).to.equal(1);
      expect(new Set(requests.map(({ headers }) => headers["x-slack-signature"])).size).to.be.at.least(3);
    });

    it("does not retry if the answer has X-Slack-No-Retry", async () => {
      doors.answer(() => ({ status: 400, headers: { "x-slack-no-retry": "1" } }));
      await workspace.say({ text: "x" });
      await eventually(async () => (await workspace.messages())[0]!.deliveries[0]!.state === "failed");
      expect(doors.at("/events")).to.have.length(1);
    });

    it("times out after three seconds, and sends the reason with the retry", async () => {
      let release = () => {};
      const held = new Promise<void>(resolve => {
        release = resolve;
      });
      doors.answer(({ headers }) => (headers["x-slack-retry-num"] === undefined ? { until: held } : {}));
      await workspace.say({ text: "x" });
      await eventually(() => doors.at("/events").length === 2);
      release();
      expect(doors.at("/events")[1]!.headers["x-slack-retry-reason"]).to.equal("http_timeout");
    });
  });

  describe("slash commands", () => {
    it("sends a signed form, and shows the answer only to that person", async () => {
      doors.answer(() => ({ body: JSON.stringify({ response_type: "ephemeral", text: "You hold staging." }) }));
      await workspace.say({ text: "/dibs on staging  for 6 hours" });

      const answer = await eventually(async () => (await workspace.messages()).find(({ text }) => text === "You hold staging."));
      expect(answer).to.include({ ephemeral: true, user: "UBOT01" });
      expect(await workspace.messages("C0001", "U0002")).to.have.length(0);
      const [request] = doors.at("/commands");
      const { trigger_id: triggerId, response_url: responseUrl, ...form } = formOf(request!);
      expect(form).to.deep.equal({
        token: secrets.verification,
        team_id: "T0001",
        team_domain: "pretend",
        channel_id: "C0001",
        channel_name: "general",
        user_id: "U0001",
        user_name: "ada",
        command: "/dibs",
        text: "on staging  for 6 hours",
        api_app_id: "A0001",
        is_enterprise_install: "false",
      });
      expect(triggerId).to.match(/^\d+\.\d+\.[0-9a-f]{32}$/);
      expect(responseUrl).to.match(new RegExp(`^${workspace.slackUrl}/commands/T0001/`));
      expect(request!.headers).to.have.property("x-slack-signature");
      expect(doors.at("/events")).to.have.length(0);
    });

    it("shows an in_channel answer to everyone", async () => {
      doors.answer(({ path }) => (path === "/commands" ? { body: JSON.stringify({ response_type: "in_channel", text: "Taken." }) } : {}));
      await workspace.say({ text: "/dibs on staging" });
      await eventually(async () => (await workspace.messages("C0001", "U0002")).some(({ text }) => text === "Taken."));
    });

    for (const { name, reply, error } of [
      { name: "a 4xx", reply: { status: 401 }, error: "http_client_error" },
      { name: "a 5xx", reply: { status: 503 }, error: "http_service_error" },
    ]) {
      it(`shows the error of ${name}, and never retries`, async () => {
        doors.answer(() => reply);
        await workspace.say({ text: "/dibs" });
        await eventually(async () => (await workspace.messages()).some(({ text }) => text === `/dibs failed with the error "${error}"`));
        workspace.cloud.clock.advance(600);
        expect(doors.at("/commands")).to.have.length(1);
      });
    }

    it("lists the known commands for an unknown one", async () => {
      await workspace.say({ text: "/dips" });
      const messages = await workspace.messages();
      expect(messages.at(-1)!.text).to.match(/\/dips is not a valid command.*\/dibs/);
      expect(doors.received).to.have.length(0);
    });
  });

  describe("response_url", () => {
    const urlOf = async () => {
      await workspace.say({ text: "/dibs" });
      const [request] = await eventually(() => doors.at("/commands").length === 1 && doors.at("/commands"));
      return formOf(request!)["response_url"]!;
    };
    const post = (url: string, body: object) => fetch(url, { method: "POST", body: JSON.stringify(body) });

    it("can be used five times", async () => {
      const url = await urlOf();
      for (const number of [1, 2, 3, 4, 5]) expect((await post(url, { text: `answer ${number}` })).status).to.equal(200);
      const sixth = await post(url, { text: "too much" });
      expect(sixth.status).to.equal(404);
      expect(await sixth.json()).to.deep.equal({ ok: false, error: "used_url" });
      expect((await workspace.messages()).filter(({ text }) => text.startsWith("answer"))).to.have.length(5);
    });

    it("can be used for thirty minutes", async () => {
      const url = await urlOf();
      workspace.cloud.clock.advance(30 * 60);
      expect(await (await post(url, { text: "late" })).json()).to.deep.equal({ ok: false, error: "expired_url" });
    });

    it("refuses an empty message", async () => {
      expect(await (await post(await urlOf(), {})).json()).to.include({ ok: false, error: "no_text" });
    });
  });
});

describe("slack installation", () => {
  it("sends no events to a request URL that does not answer the challenge, and reports it", async () => {
    const doors = await startDoors();
    doors.answer(() => ({ status: 401 }));
    const workspace = await startWorkspace(doors);
    try {
      await workspace.say({ text: "x" });
      const { deliveries } = await eventually(async () => {
        const [message] = await workspace.messages();
        return message?.deliveries[0]?.state === "failed" && message;
      });
      expect(deliveries[0]).to.include({ reason: "url_not_verified" });
      const { app } = await workspace.state();
      expect(app!.events).to.include({ verified: false });
      expect(app!.events.problem).to.match(/status 401/);

      doors.answer(() => ({}));
      await workspace.say({ text: "pressing retry" });
      await eventually(() => doors.at("/events").length === 1);
    } finally {
      await workspace.stop();
      await doors.stop();
    }
  });

  it("asks a door again that is not ready, so that no event is lost", async () => {
    const doors = await startDoors();
    let said = () => {};
    const isSaid = new Promise<void>(resolve => {
      said = resolve;
    });
    let challenges = 0;
    doors.answer(({ body }) => (body.includes("challenge") && ++challenges < 4 ? { status: 503, until: isSaid } : {}));
    const workspace = await startWorkspace(doors);
    try {
      await workspace.say({ text: "x" });
      said();
      await eventually(() => doors.at("/events").length === 1);
    } finally {
      await workspace.stop();
      await doors.stop();
    }
  });

  it("works without an app if the program has no slackManifest", async () => {
    const doors = await startDoors();
    const workspace = await startWorkspace(doors, { program: { outputs: { slackManifest: undefined, webhookUrl: undefined } } });
    try {
      await workspace.say({ text: "awsadvent <@UBOT01>" });
      expect((await workspace.messages())[0]!.deliveries).to.have.length(0);
      const state = await workspace.state();
      expect(state.app).to.equal(null);
      expect(state.problems).to.have.length(0);
    } finally {
      await workspace.stop();
      await doors.stop();
    }
  });

  it("sends messages for trigger words to the app alone if the program has no webhook", async () => {
    const doors = await startDoors();
    const workspace = await startWorkspace(doors, {
      program: { outputs: { slackManifest: buildManifest(doors.url), webhookUrl: undefined } },
    });
    try {
      await workspace.say({ text: "awsadvent some words" });
      expect((await workspace.messages())[0]!.deliveries.map(({ door }) => door)).to.deep.equal(["events"]);
      expect((await workspace.state()).triggerWords).to.deep.equal(["awsadvent"]);
    } finally {
      await workspace.stop();
      await doors.stop();
    }
  });

  it("reports parts that it can't install, and installs the others", async () => {
    const doors = await startDoors();
    const manifest = buildManifest(doors.url, ["channels:history"]);
    manifest.settings.interactivity.request_url = "https://example.com/interactions";
    manifest.features.agent_view.suggested_prompts = [{ title: "Catch up", message: "" }];
    const workspace = await startWorkspace(doors, { program: { outputs: { slackManifest: manifest } } });
    try {
      const state = await workspace.state();
      expect(state.problems.join("\n"))
        .to.match(/interactivity\.request_url is "https:\/\/example\.com\/interactions"/)
        .and.match(/app_mention needs the scope app_mentions:read/)
        .and.contain('suggested_prompts is [{"title":"Catch up","message":""}], but must be at most 4 objects with a title and a message.');
      await workspace.say({ text: "<@UBOT01> x" });
      await eventually(() => doors.at("/events").length === 1);
      expect((await workspace.messages())[0]!.deliveries).to.have.length(1);
    } finally {
      await workspace.stop();
      await doors.stop();
    }
  });
});
