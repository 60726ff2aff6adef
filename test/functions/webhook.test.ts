import { expect } from "chai";
import sinon from "sinon";
import { NotDurable } from "#core/errors";
import { createLog } from "#core/log";
import { PLAIN_LAYOUT } from "#core/message/count-keys";
import { parseEnvelope } from "#core/message/message";
import { Accept } from "#functions/accept";
import { guard, type HttpRequest } from "#functions/door";
import { Top } from "#functions/top";
import { create, Webhook, type WebhookSettings } from "#functions/webhook";
import { buildFormRequest, buildWebhookForm, buildWebhookRequest, parseAnswer, TOKEN } from "./requests";

describe("webhook", () => {
  let accept: sinon.SinonStubbedInstance<Accept>;
  let top: sinon.SinonStubbedInstance<Top>;
  beforeEach(() => {
    accept = sinon.createStubInstance(Accept);
    accept.accept.resolves("`awsadvent` = 1");
    top = sinon.createStubInstance(Top);
    top.answer.resolves("*Top words*");
    sinon.stub(console, "log");
    sinon.stub(console, "error");
  });
  afterEach(() => sinon.restore());

  const send = (request: HttpRequest, over: Partial<WebhookSettings> = {}, tokens = [TOKEN]) => {
    const settings = { split: "words" as const, ignoreWords: [], triggerWords: ["awsadvent"], ...over };
    const webhook = new Webhook(accept, top, settings, tokens);
    return guard(createLog("test", {}), each => webhook.handle(each))(request);
  };
  const accepted = () => accept.accept.firstCall.args[0];

  it("accepts a message and answers with the counts", async () => {
    const response = await send(buildWebhookRequest());
    expect(response).to.deep.include({ statusCode: 200, body: '{"text":"`awsadvent` = 1"}' });
    expect(accepted()).to.deep.include({
      id: "T0001-C0001-1763805600.000200-webhook",
      door: "webhook",
      hasFiles: false,
      mentionsBot: false,
      tokens: [
        ["awsadvent", 1],
        ["some", 1],
        ["words", 1],
      ],
    });
    expect(parseEnvelope(accepted().envelope)).to.have.property("source", "slack://T0001/webhook");
  });

  const conversations: [name: string | undefined, isPrivate: boolean][] = [
    ["general", false],
    ["privategroups", false],
    [undefined, false],
    ["privategroup", true],
    ["directmessage", true],
    ["mpdm-ann--ben--cem-1", true],
  ];
  for (const [name, isPrivate] of conversations) {
    it(`treats ${name} as ${isPrivate ? "private" : "public"}`, async () => {
      await send(buildWebhookRequest({ channel_name: name }));
      expect(accepted()).to.include({ private: isPrivate, threaded: false });
    });
  }

  it("counts only annotations if configured so", async () => {
    await send(buildWebhookRequest({ text: "awsadvent some #words" }), { split: "annotations" });
    expect(accepted().tokens).to.deep.equal([["#words", 1]]);
  });

  const uncounted: [title: string, settings: Partial<WebhookSettings>][] = [
    ["only words, where annotations count", { split: "annotations" }],
    ["only ignored words", { ignoreWords: ["awsadvent", "hello"] }],
  ];
  for (const [title, settings] of uncounted) {
    it(`accepts ${title}, without tokens, and says nothing`, async () => {
      accept.accept.resolves("");
      const response = await send(buildWebhookRequest({ text: "awsadvent hello" }), settings);
      expect(response).to.deep.include({ statusCode: 200, body: "{}" });
      expect(accepted().tokens).to.deep.equal([]);
    });
  }

  it("accepts a webhook that is bound to a channel, in a thread", async () => {
    await send(buildWebhookRequest({ text: "hello", trigger_word: undefined, thread_ts: "1763805500.000100" }));
    expect(parseEnvelope(accepted().envelope).data).to.include({ text: "hello", threadTs: "1763805500.000100" });
  });

  it("accepts either token during rotation", async () => {
    expect(await send(buildWebhookRequest(), {}, ["new", TOKEN])).to.have.property("statusCode", 200);
  });

  const refused: [title: string, statusCode: number, request: HttpRequest, tokens?: string[]][] = [
    ["a wrong token", 401, buildWebhookRequest({ token: "wrong" })],
    ["a missing token", 401, buildWebhookRequest({ token: undefined })],
    ["a repeated token", 401, buildFormRequest(`${buildWebhookForm()}&token=${TOKEN}`)],
    ["any token when none is configured", 401, buildWebhookRequest(), []],
    ["ssl_check without the token", 401, buildFormRequest("ssl_check=1")],
    ["an empty body", 400, buildFormRequest("")],
    ["text twice", 400, buildFormRequest(`${buildWebhookForm()}&text=b`)],
    ["text as a list", 400, buildFormRequest(`${buildWebhookForm({ text: undefined })}&text[]=a`)],
    ["no team", 400, buildWebhookRequest({ team_id: undefined })],
    ["no channel", 400, buildWebhookRequest({ channel_id: "" })],
    ["a channel that is no id", 400, buildWebhookRequest({ channel_id: "C-1" })],
    ["a user that is no id", 400, buildWebhookRequest({ user_id: "<@U0001>" })],
    ["no timestamp", 400, buildWebhookRequest({ timestamp: undefined })],
    ["a timestamp that is no number", 400, buildWebhookRequest({ timestamp: "now" })],
    ["a thread that is not a timestamp", 400, buildWebhookRequest({ thread_ts: "1e3" })],
    ["10,000 parameters", 413, buildFormRequest(`${buildWebhookForm()}${"&a=b".repeat(10_000)}`)],
    ["over 1 MB", 413, buildFormRequest(`${buildWebhookForm()}&x=${"x".repeat(1024 * 1024)}`)],
    ["text that no envelope holds", 413, buildWebhookRequest({ text: "x".repeat(260_000) })],
    ["JSON", 415, buildFormRequest("{}", { headers: { "content-type": "application/json" } })],
  ];
  for (const [title, statusCode, request, tokens] of refused) {
    it(`refuses ${title}`, async () => {
      const response = await send(request, {}, tokens);
      expect(response).to.have.property("statusCode", statusCode);
      expect(response.headers).to.include({ "X-Slack-No-Retry": "1" });
      expect(response.body).not.to.include(TOKEN);
      if (statusCode === 401) expect(parseAnswer(response)).to.deep.equal({ error: "Unauthorized" });
      sinon.assert.notCalled(accept.accept);
    });
  }

  it("quotes the invalid value", async () => {
    const response = await send(buildWebhookRequest({ channel_id: "C-1" }));
    expect(parseAnswer(response)).to.deep.equal({ error: "BadRequest", message: 'channel_id is "C-1", not a Slack id.' });
  });

  const ignored: [title: string, request: HttpRequest, settings?: Partial<WebhookSettings>][] = [
    ["Slackbot", buildWebhookRequest({ user_id: "USLACKBOT" })],
    ["a bot", buildWebhookRequest({ bot_id: "B0001" })],
    ["another team", buildWebhookRequest(), { teamId: "T0002" }],
    ["no text", buildWebhookRequest({ text: undefined })],
    ["text without a token", buildWebhookRequest({ text: " <@U0001> https://example.com `code` 🎉 " })],
  ];
  for (const [title, request, settings] of ignored) {
    it(`ignores ${title}`, async () => {
      expect(await send(request, settings)).to.deep.include({ statusCode: 200, body: "{}" });
      sinon.assert.notCalled(accept.accept);
    });
  }

  const literal: [title: string, body: string, tokens: string[]][] = [
    ["a malformed escape", `${buildWebhookForm({ text: undefined })}&text=a%ZZb`, ["a", "zzb"]],
    ["invalid UTF-8", `${buildWebhookForm({ text: undefined })}&text=a%FFb`, ["a", "b"]],
    ["__proto__ as a key", `${buildWebhookForm({ text: "a" })}&__proto__=x`, ["a"]],
    ["ü and emoji", buildWebhookForm({ text: "über 🎉" }), ["über"]],
  ];
  for (const [title, body, tokens] of literal) {
    it(`takes ${title} literally`, async () => {
      expect(await send(buildFormRequest(body))).to.have.property("statusCode", 200);
      expect(accepted().tokens.map(([token]) => token)).to.deep.equal(tokens);
    });
  }

  it("answers ssl_check with nothing", async () => {
    expect(await send(buildFormRequest(`ssl_check=1&token=${TOKEN}`))).to.deep.equal({ statusCode: 200, headers: {}, body: "" });
  });

  describe("leaderboard", () => {
    const rows: [text: string, trigger: string | undefined, question: object][] = [
      ["awsadvent top", "awsadvent", { limit: 10, window: "ever", here: false, mine: false }],
      ["AWSADVENT top today 3", undefined, { limit: 3, window: "today", here: false, mine: false }],
      ["other: top here", "other:", { limit: 10, window: "ever", here: true, mine: false }],
    ];
    for (const [text, trigger_word, question] of rows) {
      it(`answers ${text} and counts nothing`, async () => {
        expect(parseAnswer(await send(buildWebhookRequest({ text, trigger_word })))).to.deep.equal({ text: "*Top words*" });
        expect(top.answer.firstCall.args.slice(0, 2)).to.deep.equal([question, { team: "T0001", channel: "C0001", user: "U0001" }]);
        sinon.assert.notCalled(accept.accept);
      });
    }

    it("counts a message that only begins like a question", async () => {
      await send(buildWebhookRequest({ text: "awsadvent top songs" }));
      sinon.assert.notCalled(top.answer);
      sinon.assert.calledOnce(accept.accept);
    });
  });

  it("answers 503 if the message can't be stored", async () => {
    accept.accept.rejects(new NotDurable("The time was up."));
    expect(await send(buildWebhookRequest())).to.have.property("statusCode", 503);
  });

  it("never logs the text or the token", async () => {
    accept.accept.rejects(new Error("unknown"));
    await send(buildWebhookRequest());
    await send(buildWebhookRequest({ token: "wrong-token" }));
    const logged = [...(console.log as sinon.SinonStub).args, ...(console.error as sinon.SinonStub).args].join("\n");
    expect(logged).to.include("unknown");
    for (const secret of [TOKEN, "wrong-token", "some words"]) expect(logged).not.to.include(secret);
  });

  describe("created", () => {
    const before = { ...process.env };
    afterEach(() => {
      process.env = { ...before };
    });

    it("refuses every request without a secret", async () => {
      delete process.env["VERIFICATION_TOKEN"];
      process.env["AWS_REGION"] = "us-east-1";
      const words = { wordsTable: "w", layout: PLAIN_LAYOUT };
      const names = { ...words, seenTable: "s", topicArn: "t", top: { ...words, boardsTable: "l" } };
      const handle = create({ ...names, split: "words", ignoreWords: [], triggerWords: [], archiveDays: 90, dedupHours: 48 });
      expect(await handle(buildWebhookRequest({ token: "" }))).to.have.property("statusCode", 401);
      expect(await handle(buildWebhookRequest({ token: "undefined" }))).to.have.property("statusCode", 401);
    });
  });
});
