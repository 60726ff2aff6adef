import { expect } from "chai";
import sinon from "sinon";
import { NotDurable } from "#core/errors";
import { createLog } from "#core/log";
import { parseEnvelope } from "#core/message/message";
import type { TeamSettings } from "#core/slack/team-settings";
import { Accept } from "#functions/accept";
import { guard, type HttpRequest } from "#functions/door";
import { Events, type EventsSettings } from "#functions/events";
import { Top } from "#functions/top";
import { buildTeamSettings } from "../team-settings";
import { buildEventBody, buildEventRequest, NOW_MS, parseAnswer, SECRET, sign, TOKEN } from "./requests";

describe("events", () => {
  let accept: sinon.SinonStubbedInstance<Accept>;
  /** Undefined where an outgoing webhook counts and answers messages that begin with a trigger word. */
  let top: sinon.SinonStubbedInstance<Top> | undefined;
  beforeEach(() => {
    top = undefined;
    accept = sinon.createStubInstance(Accept);
    accept.accept.resolves("");
    sinon.stub(console, "log");
    sinon.stub(console, "error");
  });
  afterEach(() => sinon.restore());

  const send = (request: HttpRequest, over: Partial<EventsSettings> = {}, secrets = { signing: [SECRET], verificationTokens: [TOKEN] }) => {
    const events = new Events({
      accept,
      top,
      settings: { triggerWords: ["awsadvent"], split: "words", ignoreWords: [], externalUsers: "refuse", ...over },
      secrets,
      nowMs: () => NOW_MS,
    });
    return guard(createLog("test", {}), each => events.handle(each))(request);
  };
  const sendEvent = (event: object = {}, over: object = {}, settings: Partial<EventsSettings> = {}) =>
    send(buildEventRequest(buildEventBody(event, over)), settings);
  const accepted = () => accept.accept.firstCall.args[0];
  const data = () => parseEnvelope(accepted().envelope).data;

  it("accepts a message under its event id", async () => {
    expect(await sendEvent()).to.deep.equal({ statusCode: 200, headers: {}, body: "" });
    expect(accepted()).to.deep.include({
      id: "T0001-C0001-1763805600.000200-events",
      tokens: [["#receipt", 1]],
      type: "slack.message",
      door: "events",
      hasFiles: false,
      mentionsBot: false,
      private: false,
      threaded: false,
      channelType: "channel",
    });
    expect(accept.accept.firstCall.args[2]).to.deep.equal({ team: "T0001", eventId: "Ev0001" });
  });

  it("answers the challenge", async () => {
    const response = await send(buildEventRequest({ token: TOKEN, type: "url_verification", challenge: "3eZbrw1a" }));
    expect(response.statusCode).to.equal(200);
    expect(parseAnswer(response)).to.deep.equal({ challenge: "3eZbrw1a" });
  });

  describe("authentication", () => {
    const body = JSON.stringify(buildEventBody());
    const refused: [title: string, request: HttpRequest][] = [
      ["no signature", { headers: { "content-type": "application/json" }, body }],
      ["another secret", buildEventRequest(body, { secret: "other" })],
      ["a stale timestamp", buildEventRequest(body, { timestamp: String(NOW_MS / 1000 - 301) })],
      ["a future timestamp", buildEventRequest(body, { timestamp: String(NOW_MS / 1000 + 301) })],
      ["a changed body", { ...buildEventRequest(body), body: body.replace("lunch", "launch") }],
      [
        "a challenge without a signature",
        { headers: { "content-type": "application/json" }, body: '{"type":"url_verification","challenge":"x"}' },
      ],
      ["nothing at all", { headers: { "content-type": "application/json" } }],
    ];
    for (const [title, request] of refused) {
      it(`refuses ${title}`, async () => {
        const response = await send(request);
        expect(response).to.deep.include({ statusCode: 401, body: '{"error":"Unauthorized"}' });
        sinon.assert.notCalled(accept.accept);
      });
    }

    it("refuses every request if no secret is configured", async () => {
      expect(await send(buildEventRequest(), {}, { signing: [], verificationTokens: [] })).to.have.property("statusCode", 401);
      expect(await send(buildEventRequest(body, { secret: "" }), {}, { signing: [], verificationTokens: [] })).to.have.property(
        "statusCode",
        401,
      );
    });

    it("takes headers in any case, and a base64-encoded body", async () => {
      const { headers, body: text = "" } = buildEventRequest();
      const request = {
        headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value])),
        body: Buffer.from(text).toString("base64"),
        isBase64Encoded: true,
      };
      expect(await send(request)).to.have.property("statusCode", 200);
      sinon.assert.calledOnce(accept.accept);
    });

    describe("with the older token, without a signing secret", () => {
      const secrets = { signing: [], verificationTokens: [TOKEN] };
      const plain = (each: string): HttpRequest => ({ headers: { "content-type": "application/json" }, body: each });

      it("accepts the token", async () => expect(await send(plain(body), {}, secrets)).to.have.property("statusCode", 200));

      for (const each of [body.replace(TOKEN, "wrong"), "{}", "null", "[", '{"token":["XXYYZZ"]}']) {
        it(`refuses ${each.slice(0, 20)}`, async () => expect(await send(plain(each), {}, secrets)).to.have.property("statusCode", 401));
      }

      it("ignores the token if there is a signing secret", async () => expect(await send(plain(body))).to.have.property("statusCode", 401));
    });
  });

  const malformed: [title: string, body: object | string][] = [
    ...["null", "[]", "5", '"x"', "{}", '{"type": "event_', "\ufeff{}", "[".repeat(100_000)].map((body): [string, string] => [
      body.slice(0, 20),
      body,
    ]),
    ["a type that is no string", { type: 5 }],
    ["a challenge that is no string", { type: "url_verification" }],
    ["no event", buildEventBody({}, { event: undefined })],
    ["an event that is a string", buildEventBody({}, { event: "message" })],
    ["no event id", buildEventBody({}, { event_id: undefined })],
    ["an event id that is a number", buildEventBody({}, { event_id: 1 })],
    ["an event id of 10 KB", buildEventBody({}, { event_id: "E".repeat(10_000) })],
    ["no team", buildEventBody({}, { team_id: undefined, context_team_id: undefined, authorizations: undefined })],
    ["no channel", buildEventBody({ channel: undefined })],
    ["a channel that is no id", buildEventBody({ channel: "C0001#x" })],
    ["a user that is an object", buildEventBody({ user: {} })],
    ["a ts that is a number", buildEventBody({ ts: 1_763_805_600 })],
    ["a ts beyond the year 9999", buildEventBody({ ts: "999999999999.000100" })],
    ["a text that is a number", buildEventBody({ text: 5 })],
    ["a thread that is not a timestamp", buildEventBody({ thread_ts: "x" })],
    ["files that are no list", buildEventBody({ files: "F0001" })],
    ["a file without an id", buildEventBody({ files: [{}] })],
  ];
  for (const [title, body] of malformed) {
    it(`refuses ${title}`, async () => {
      const response = await send(buildEventRequest(body));
      expect(response.statusCode).to.equal(400);
      expect(parseAnswer(response)).to.have.property("error", "BadRequest");
      expect(response.body.length).to.be.below(200);
      sinon.assert.notCalled(accept.accept);
    });
  }

  it("refuses more than 1 MB and other content types", async () => {
    expect(await send(buildEventRequest(JSON.stringify(buildEventBody({ x: "x".repeat(1024 * 1024) }))))).to.have.property(
      "statusCode",
      413,
    );
    expect(await send(sign("a=b", "application/x-www-form-urlencoded"))).to.have.property("statusCode", 415);
    expect(await send(buildEventRequest("{}", { headers: { "content-encoding": "gzip" } }))).to.have.property("statusCode", 415);
  });

  const ignored: [title: string, event: object, over?: object, settings?: Partial<EventsSettings>][] = [
    ["our own message", { user: "UBOT01" }],
    ["a bot's message", { bot_id: "B0001" }],
    ["Slackbot's message", { user: "USLACKBOT" }],
    ...["bot_message", "message_changed", "message_deleted", "channel_join", "unknown"].map((subtype): [string, object] => [
      subtype,
      { subtype },
    ]),
    ["another type of event", { type: "reaction_added", channel: undefined, ts: undefined }],
    ["another type of delivery", {}, { type: "app_rate_limited", event: undefined, event_id: undefined }],
    ["empty text", { text: "" }],
    ["blank text", { text: " \n" }],
    ["no text", { text: null }],
    ["text that belongs to the webhook", { text: "AWSadvent some words" }],
    ["another team", {}, {}, { teamId: "T0002" }],
    ["a mention by nobody in particular of another team", { type: "app_mention" }, {}, { teamId: "T0002" }],
    ["another app", {}, {}, { appId: "A0002" }],
  ];
  for (const [title, event, over, settings] of ignored) {
    it(`ignores ${title}`, async () => {
      expect(await sendEvent(event, over, settings)).to.deep.equal({ statusCode: 200, headers: {}, body: "" });
      sinon.assert.notCalled(accept.accept);
    });
  }

  it("takes the configured team and app", async () => {
    await sendEvent({}, {}, { teamId: "T0001", appId: "A0001" });
    sinon.assert.calledOnce(accept.accept);
  });

  for (const subtype of [null, "file_share", "thread_broadcast", "me_message"]) {
    it(`takes the subtype ${subtype}`, async () => {
      await sendEvent({ subtype });
      sinon.assert.calledOnce(accept.accept);
    });
  }

  it("accepts a message without a user, even if the app's bot has no id", async () => {
    await sendEvent({ user: undefined, text: "<@undefined> hi" }, { authorizations: [{ team_id: "T0001", is_bot: true }] });
    expect(data()).to.include({ user: "", mentionsBot: false });
  });

  describe("mentions", () => {
    it("are published separately from their message, with another id, private and without tokens", async () => {
      const text = "<@UBOT01> lunch #receipt";
      await sendEvent({ text });
      await sendEvent({ type: "app_mention", text, channel_type: undefined }, { event_id: "Ev0002" });
      const [message, mention] = accept.accept.args.map(([each]) => each);
      expect(message).to.deep.include({ id: "T0001-C0001-1763805600.000200-events", tokens: [["#receipt", 1]] });
      expect(message!).to.include({ type: "slack.message", mentionsBot: true, private: false });
      expect(mention).to.deep.include({ id: "T0001-C0001-1763805600.000200-mention", tokens: [] });
      expect(mention!).to.include({ type: "slack.app_mention", mentionsBot: true, private: true });
      expect(parseEnvelope(mention!.envelope).data).to.deep.include({ tokens: {}, private: true, mentionsBot: true, text });
    });

    it("keep their ids after an edit, as messages do", async () => {
      const edited = { edited: { user: "U0001", ts: "1763805700.000000" } };
      for (const type of ["message", "app_mention"]) for (const each of [{}, edited]) await sendEvent({ type, ...each });
      expect(accept.accept.args.map(([{ id }]) => id.split("-").at(-1))).to.deep.equal(["events", "events", "mention", "mention"]);
    });

    const rows: [text: string, mentions: boolean][] = [
      ["<@UBOT01|bot> hi", true],
      ["<@UBOT010> hi", false],
      ["<@U0002> hi", false],
    ];
    for (const [text, mentions] of rows) {
      it(`${mentions ? "are" : "are not"} in ${text}`, async () => {
        await sendEvent({ text });
        expect(data().mentionsBot).to.equal(mentions);
      });
    }
  });

  describe("files", () => {
    const file = {
      id: "F0001",
      name: "lunch.png",
      mimetype: "image/png",
      filetype: "png",
      size: 70,
      mode: "hosted",
      url_private: "https://files.slack.com/files-pri/T0001-F0001/lunch.png",
      url_private_download: "https://files.slack.com/files-pri/T0001-F0001/download/lunch.png",
    };
    const kept = { id: "F0001", name: "lunch.png", mimetype: "image/png", size: 70, url: file.url_private };

    it("come with their message", async () => {
      await sendEvent({ subtype: "file_share", files: [file, { ...file, id: "F0002" }] });
      expect(data().files).to.deep.equal([kept, { ...kept, id: "F0002" }]);
      expect(accepted().hasFiles).to.equal(true);
    });

    it("of a forwarded message are included like the message's own, each once", async () => {
      const attachments = [
        {
          is_share: true,
          files: [
            { ...file, id: "F0002" },
            { id: "F0001", file_access: "check_file_info" },
          ],
        },
        { is_share: true, files: "F0003" },
        { is_share: true, files: [{}, null] },
        { files: [{ ...file, id: "F0004" }] },
        "odd",
      ];
      await sendEvent({ files: [file], attachments });
      expect(data().files).to.deep.equal([kept, { ...kept, id: "F0002" }]);
    });

    it("don't include linked canvases and lists", async () => {
      const linked = [{ mode: "quip" }, { mode: "list" }, { filetype: "canvas" }, { mimetype: "application/vnd.slack-docs" }];
      await sendEvent({ files: linked.map((each, index) => ({ ...file, id: `F001${index}`, ...each })) });
      expect(data().files).to.deep.equal([]);
      expect(accepted().hasFiles).to.equal(false);
    });

    it("may be shared without text", async () => {
      await sendEvent({ subtype: "file_share", text: null, files: [file] });
      expect(data().text).to.equal("");
    });

    it("of Slack Connect have only an id", async () => {
      await sendEvent({ subtype: "file_share", files: [{ ...file, file_access: "check_file_info" }] });
      expect(data().files).to.deep.equal([{ id: "F0001" }]);
    });

    it("have no size if it is not finite", async () => {
      const event = JSON.stringify(buildEventBody({ subtype: "file_share", files: [file] })).replace('"size":70', '"size":1e999');
      await send(sign(event, "application/json"));
      expect(data().files).to.deep.equal([{ id: "F0001", name: "lunch.png", mimetype: "image/png", url: file.url_private }]);
    });

    it("of the older format provide their comment as text", async () => {
      await sendEvent({ subtype: "file_share", text: "", file: { ...file, initial_comment: { comment: "test photo #event" } } });
      expect(data()).to.deep.include({ text: "test photo #event", files: [kept], tokens: { "#event": 1 } });
    });

    it("of a message for the webhook are published without tokens", async () => {
      await sendEvent({ subtype: "file_share", text: "awsadvent #receipt", files: [file] });
      expect(accepted().tokens).to.deep.equal([]);
      expect(data().tokens).to.deep.equal({});
    });
  });

  describe("without an outgoing webhook", () => {
    beforeEach(() => {
      top = sinon.createStubInstance(Top);
      top.answer.resolves("*Top words*");
    });
    const tokens = [
      ["awsadvent", 1],
      ["some", 1],
      ["words", 1],
    ];

    for (const [type, isPrivate] of [
      ["channel", false],
      ["group", true],
      ["mpim", true],
      ["im", true],
    ] as const) {
      it(`counts and answers a message that begins with a trigger word, in a conversation of type ${type}`, async () => {
        await sendEvent({ text: "awsadvent some words", channel_type: type });
        expect(accepted()).to.deep.include({ tokens, expectsAnswer: true, private: isPrivate });
        expect(accepted().version).to.include({ private: isPrivate });
        sinon.assert.notCalled(top!.answer);
      });
    }

    it("needs no verification token", async () => {
      await send(buildEventRequest(buildEventBody({ text: "awsadvent some words" })), {}, { signing: [SECRET], verificationTokens: [] });
      expect(accepted()).to.deep.include({ tokens });
    });

    it("counts hashtags only where the setting says so, and leaves out ignored words", async () => {
      await sendEvent({ text: "awsadvent some #words" }, {}, { split: "annotations" });
      await sendEvent({ text: "awsadvent some #words" }, {}, { ignoreWords: ["some"] });
      expect(accept.accept.args.map(([each]) => each.tokens.map(([token]) => token))).to.deep.equal([["#words"], ["awsadvent"]]);
    });

    it("answers nothing else", async () => {
      await sendEvent({ text: "some #words" });
      expect(accepted()).to.deep.include({ tokens: [["#words", 1]] });
      expect(accepted()).not.to.have.any.keys("expectsAnswer", "answer");
    });

    it("publishes a message with a file or a mention once, with its tokens", async () => {
      const file = { id: "F0001", name: "lunch.png" };
      await sendEvent({ subtype: "file_share", text: "awsadvent some words", files: [file] });
      await sendEvent({ text: "awsadvent some words <@UBOT01>" });
      for (const [each] of accept.accept.args) expect(each).to.deep.include({ tokens, expectsAnswer: true });
      expect(accept.accept.args.map(([{ hasFiles, mentionsBot }]) => [hasFiles, mentionsBot])).to.deep.equal([
        [true, false],
        [false, true],
      ]);
    });

    it("gives agents nothing of what it answers in a direct message", async () => {
      await sendEvent({ text: "awsadvent hello <@UBOT01>", channel_type: "im" });
      await sendEvent({ text: "hello <@UBOT01>", channel_type: "im" });
      expect(accept.accept.args.map(([{ mentionsBot }]) => mentionsBot)).to.deep.equal([false, true]);
    });

    it("answers a question for the leaderboard, which counts nothing, where it was asked", async () => {
      await sendEvent({ text: "awsadvent top 3 here", channel: "G0001", channel_type: "group", thread_ts: "1763805500.000100" });
      expect(top!.answer.firstCall.args[0]).to.deep.equal({ limit: 3, window: "ever", here: true, mine: false });
      expect(top!.answer.firstCall.args[1]).to.include({ team: "T0001", channel: "G0001", user: "U0001" });
      expect(accepted()).to.deep.include({ tokens: [], answer: "*Top words*", private: true, threaded: true });
      expect(accepted()).not.to.have.property("version");
    });

    it("lets Slack repeat a question that can't be answered in time", async () => {
      top!.answer.rejects(new NotDurable("The time was up."));
      expect(await sendEvent({ text: "awsadvent top" })).to.have.property("statusCode", 503);
      sinon.assert.notCalled(accept.accept);
    });

    it("ignores its own answers", async () => {
      await sendEvent({ text: "`awsadvent` = 1\n`some` = 1", user: "UBOT01", bot_id: "BBOT01" });
      await sendEvent({ text: "awsadvent some words", user: "UBOT01", bot_id: "BBOT01" });
      sinon.assert.notCalled(accept.accept);
    });
  });

  it("publishes a mention that begins with a trigger word, without tokens", async () => {
    await sendEvent({ text: "awsadvent <@UBOT01> #receipt" });
    expect(accepted()).to.deep.include({ tokens: [] });
    expect(accepted().mentionsBot).to.equal(true);
  });

  it("tells the thread of a message", async () => {
    await sendEvent({ thread_ts: "1763805500.000100" });
    expect(data().threadTs).to.equal("1763805500.000100");
    expect(accepted().threaded).to.equal(true);
  });

  describe("where many workspaces install the app", () => {
    const installed = () => ({
      findOfEvent: sinon.stub().resolves({ installation: "T0001", bot_user: "UBOT07" }),
      takeLeave: sinon.stub().resolves(false),
    });
    let found: ReturnType<typeof installed>;
    const sendTo = (event: object, over: object = {}) => {
      const settings = { triggerWords: ["awsadvent"], split: "words" as const, ignoreWords: [], externalUsers: "refuse" as const };
      const secrets = { signing: [SECRET], verificationTokens: [] };
      const events = new Events({ accept, top, installed: found, settings, secrets, nowMs: () => NOW_MS });
      return events.handle(buildEventRequest(buildEventBody(event, over)));
    };
    beforeEach(() => {
      found = installed();
    });

    it("ignores what is said without the app", async () => {
      found.findOfEvent.resolves(undefined);
      expect(await sendTo({})).to.deep.equal({ statusCode: 200, headers: {}, body: "" });
      sinon.assert.notCalled(accept.accept);
    });

    it("asks for the installation of the event's workspace", async () => {
      await sendTo({});
      expect(found.findOfEvent.firstCall.args[1]).to.equal("T0001");
      sinon.assert.calledOnce(accept.accept);
    });

    it("knows the stored bot if Slack lists the authorization of a person", async () => {
      await sendTo({ text: "<@UBOT07> hi" }, { authorizations: [{ team_id: "T0001", user_id: "U0001", is_bot: false }] });
      expect(accepted()).to.include({ mentionsBot: true });
      await sendTo({ user: "UBOT07", text: "from the bot itself" });
      sinon.assert.calledOnce(accept.accept);
    });

    describe("with settings of its own", () => {
      const choose = (chosen: Partial<TeamSettings>) =>
        found.findOfEvent.resolves({ installation: "T0001", chosen: { settings: buildTeamSettings(chosen), version: "2" } });
      beforeEach(() => {
        top = sinon.createStubInstance(Top);
      });

      it("counts under them, and names their version", async () => {
        choose({ triggerWords: ["robot"], split: "annotations", ignoreWords: ["#skip"] });
        await sendTo({ text: "robot take #lunch and #skip this" });
        expect(accepted()).to.deep.include({ tokens: [["#lunch", 1]], expectsAnswer: true });
        expect(data()).to.include({ settingsVersion: "2" });
      });

      it("counts an edit under them, and names their version", async () => {
        choose({ triggerWords: ["robot"], split: "words", ignoreWords: ["skip"] });
        const message = {
          type: "message",
          user: "U0001",
          text: "robot skip this",
          ts: "1763805600.000200",
          edited: { ts: "1763805660.000000" },
        };
        await sendTo({ type: "message", subtype: "message_changed", user: undefined, text: undefined, message });
        expect(accepted().tokens).to.deep.equal([
          ["robot", 1],
          ["this", 1],
        ]);
        expect(JSON.parse(accepted().envelope)).to.include({ settingsversion: "2", split: "words" });
      });

      it("mentions nobody where agents are off", async () => {
        choose({ agents: false });
        const authorizations = [{ team_id: "T0001", user_id: "UBOT01", is_bot: true }];
        await sendTo({ text: "<@UBOT01> post hello" }, { authorizations });
        expect(accepted()).to.include({ mentionsBot: false });
        await sendTo({ type: "app_mention", text: "<@UBOT01> post hello", channel_type: undefined }, { authorizations });
        sinon.assert.calledOnce(accept.accept);
      });
    });

    it("has no version under the stack's settings", async () => {
      found.findOfEvent.resolves({ installation: "T0001", chosen: { settings: buildTeamSettings() } });
      await sendTo({});
      expect(data()).not.to.have.property("settingsVersion");
    });

    it("accepts nothing of an event that ends an installation", async () => {
      found.takeLeave.resolves(true);
      await sendTo({ type: "app_uninstalled" });
      sinon.assert.notCalled(found.findOfEvent);
      sinon.assert.notCalled(accept.accept);
    });
  });

  describe("privacy", () => {
    const rows: [channel: string, type: unknown, isPrivate: boolean, channelType: string | undefined][] = [
      ["C0001", "channel", false, "channel"],
      ["C0001", "group", true, "group"],
      ["C0MPIM1", "mpim", true, "mpim"],
      ["D0001", "im", true, "im"],
      ["C0001", "huddle", true, "huddle"],
      ["C0001", undefined, true, undefined],
      ["C0001", null, true, undefined],
      ["C0001", 5, true, undefined],
      ["C0001", "", true, undefined],
    ];
    for (const [channel, type, isPrivate, channelType] of rows) {
      it(`of ${channel} as a ${JSON.stringify(type) ?? "conversation of no kind"} is ${isPrivate}`, async () => {
        await sendEvent({ channel, channel_type: type });
        expect(data().private).to.equal(isPrivate);
        expect(accepted().private).to.equal(isPrivate);
        expect(accepted().channelType).to.equal(channelType);
      });
    }
  });

  describe("whose event it is", () => {
    const ours = { team_id: "T0001", user_id: "UBOT01", is_bot: true };
    const rows: [title: string, wrapper: object, team: string | undefined][] = [
      ["the team of the context, whatever the actor's team", { team_id: "T0999", authorizations: [] }, "T0001"],
      [
        "the team of an authorization, whatever the actor's team",
        { team_id: "T0999", context_team_id: null, authorizations: [ours] },
        "T0001",
      ],
      ["the team of any authorization", { context_team_id: "T0999", authorizations: [{ team_id: "T0999" }, ours] }, "T0001"],
      [
        "the wrapper's team if an authorization names only an organisation",
        { context_team_id: null, authorizations: [{ enterprise_id: "E0001", team_id: null, is_enterprise_install: true }] },
        "T0001",
      ],
      [
        "the wrapper's team if an authorization names an organisation as its team",
        { context_team_id: null, authorizations: [{ enterprise_id: "E0001", team_id: "E0001" }] },
        "T0001",
      ],
      ["the wrapper's team if nothing else names one", { context_team_id: undefined, authorizations: undefined }, "T0001"],
      ["not ours if only the actor is", { context_team_id: "T0999", authorizations: [{ team_id: "T0999" }] }, undefined],
      [
        "not ours if another team is authorized",
        { team_id: "T0001", context_team_id: null, authorizations: [{ team_id: "T0999" }] },
        undefined,
      ],
    ];
    for (const [title, wrapper, team] of rows) {
      it(`is ${title}`, async () => {
        expect(await sendEvent({}, wrapper, { teamId: "T0001" })).to.have.property("statusCode", 200);
        if (team === undefined) sinon.assert.notCalled(accept.accept);
        else expect(data().team).to.equal(team);
      });
    }

    it("belongs to the configured organisation, and the message to its workspace", async () => {
      const authorizations = [{ enterprise_id: "E0001", team_id: null, is_enterprise_install: true }];
      await sendEvent({}, { team_id: "T0999", authorizations }, { teamId: "E0001" });
      expect(data().team).to.equal("T0001");
    });

    it("belongs to the context's team if no team is configured", async () => {
      await sendEvent({}, { team_id: "T0999" });
      expect(data().team).to.equal("T0001");
    });
  });

  describe("people of other companies", () => {
    for (const stranger of [{ user_team: "T0999" }, { source_team: "T0999" }]) {
      it(`are counted, but can't ask agents: ${Object.keys(stranger).join()}`, async () => {
        await sendEvent({ text: "<@UBOT01> #lunch", ...stranger });
        expect(accepted()).to.deep.include({ tokens: [["#lunch", 1]] });
        expect(accepted().mentionsBot).to.equal(false);
      });

      it(`can neither start nor stop agents: ${Object.keys(stranger).join()}`, async () => {
        await sendEvent({ type: "app_mention", text: "<@UBOT01> hi", ...stranger });
        sinon.assert.notCalled(accept.accept);
        await sendEvent({ text: "stop", thread_ts: "1763805500.000100", ...stranger });
        expect(accepted()).not.to.have.property("intent");
      });
    }

    it("can't press Slack's stop button, unless the setting allows it", async () => {
      const stop = { type: "agent_session_stopped", user: "U0999", thread_ts: "1763805500.000100", event_ts: "1763805700.000100" };
      const theirs = { team_id: "T0999", context_team_id: "T0001" };
      await sendEvent(stop, theirs);
      await sendEvent({ ...stop, user_team: "T0999" });
      sinon.assert.notCalled(accept.accept);
      await sendEvent(stop, theirs, { externalUsers: "allow" });
      await sendEvent(stop, { ...theirs, enterprise_id: "E0001", context_enterprise_id: "E0001" });
      sinon.assert.calledTwice(accept.accept);
    });

    it("can do everything if the setting allows it", async () => {
      await sendEvent({ text: "<@UBOT01> stop", user_team: "T0999" }, {}, { externalUsers: "allow" });
      expect(accepted()).to.include({ mentionsBot: true, intent: "stop" });
    });

    it("don't include colleagues from another workspace of the organisation", async () => {
      await sendEvent({ text: "<@UBOT01> hi", user_team: "E0001" }, { context_enterprise_id: "E0001" });
      expect(accepted().mentionsBot).to.equal(true);
    });

    it("don't include people of our team", async () => {
      await sendEvent({ text: "<@UBOT01> hi", user_team: "T0001", source_team: "T0001" });
      expect(accepted().mentionsBot).to.equal(true);
    });
  });

  it("leaves ignored annotations out", async () => {
    await sendEvent({ text: "#a #b" }, {}, { ignoreWords: ["#A"] });
    expect(accepted().tokens).to.deep.equal([["#b", 1]]);
  });

  const odd: [title: string, text: string, tokens: number][] = [
    ["40,000 characters", "a #b ".repeat(8000), 1],
    ["10,000 different annotations", Array.from({ length: 10_000 }, (_, index) => `#${index.toString(36)}`).join(" "), 10_000],
    ["an annotation of 39,999 characters", `#${"é".repeat(39_999)}`, 1],
    ["__proto__ and constructor", "#__proto__ #proto #constructor", 2],
    ["a lone surrogate, NUL and RTL marks", "#a\ud800 #b\0 #c\u200f", 3],
  ];
  for (const [title, text, tokens] of odd) {
    it(`takes ${title} literally`, async () => {
      expect(await sendEvent({ text })).to.have.property("statusCode", 200);
      expect(accepted().tokens).to.have.length(tokens);
      expect(data().text).to.equal(text);
    });
  }

  it("answers 503 if the message can't be stored", async () => {
    accept.accept.rejects(new NotDurable("The time was up."));
    const response = await sendEvent();
    expect(response.statusCode).to.equal(503);
    expect(response.headers).not.to.have.property("X-Slack-No-Retry");
  });
});
