import { WebAPIPlatformError, WebAPIRateLimitedError } from "@slack/web-api";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { Gaps } from "../../scripts/gaps";
import { SlackHistory } from "../../scripts/gaps/history";
import type { StackOutputs } from "../../scripts/stack-outputs";

describe("gaps", () => {
  const range = { fromMs: 1_763_805_000_000, untilMs: 1_763_809_000_000 };
  const place = { team: "T0001", channel: "C0001", channelType: "channel" };
  const said = (ts: string, more: object = {}) => ({ type: "message", user: "U0001", text: "hello", ts, ...more });

  const make = ({ messages = [said("1.1")], known = [] as string[], archived = [] as string[], hasWebhook = true } = {}) => {
    const senders: object[] = [];
    const answer = () => new Response("", { status: 200 });
    const sender = { event: sinon.stub().callsFake(async () => answer()), webhook: sinon.stub().callsFake(async () => answer()) };
    const gaps = new Gaps({
      outputs: (hasWebhook ? { webhookUrl: "https://x/webhook" } : {}) as StackOutputs,
      seen: { findExisting: async ids => new Set(ids.filter(id => known.includes(id))) },
      archive: {
        list: async () => [{ key: "messages/2025/11/22/a.gz", sizeBytes: 1 }],
        read: async function* () {
          for (const id of archived) yield { id, envelope: "{}", attributes: {} };
        },
      },
      history: {
        read: async function* () {
          yield* messages;
        },
      },
      triggerWords: ["awsadvent"],
      createSender: who => {
        senders.push(who);
        return sender;
      },
      app: "A0001",
    });
    return { gaps, sender, senders };
  };
  const findTs = async (made: ReturnType<typeof make>, conversation = place, older = false) =>
    (await made.gaps.find(conversation, { range, archived: older ? range : undefined })).missing.map(({ ts }) => ts);

  it("finds messages that neither a marker, nor a counted version, nor the archive has, oldest first", async () => {
    const messages = ["6.6", "5.5", "4.4", "3.3", "2.2", "1.1"].map(ts => said(ts));
    const known = ["T0001-C0001-2.2-events", "T0001-C0001-3.3-webhook", "T0001-C0001-4.4#counter"];
    const made = () => make({ messages, known, archived: ["T0001-C0001-5.5-events", "T0001-C0002-6.6-events"] });

    expect(await findTs(made())).to.deep.equal(["1.1", "5.5", "6.6"]);
    expect(await findTs(made(), place, true)).to.deep.equal(["1.1", "6.6"]);
  });

  for (const [what, message, isExpected] of [
    ["a file without text", { text: "", files: [{ id: "F1" }], subtype: "file_share" }, true],
    ["a message of a bot", { bot_id: "B1" }, false],
    ["a join", { subtype: "channel_join" }, false],
    ["nothing", { text: " " }, false],
    ["Slackbot", { user: "USLACKBOT" }, false],
    ["a question for the leaderboard, which the webhook answers", { text: "awsadvent top 5" }, false],
    ["a trigger word", { text: "awsadvent some words" }, true],
  ] as const) {
    it(`${isExpected ? "expects" : "does not expect"} ${what}`, async () =>
      expect(await findTs(make({ messages: [said("1.1", message)] }))).to.have.lengthOf(isExpected ? 1 : 0));
  }

  it("knows that the webhook hears public channels only, and that without it the app hears all", async () => {
    const messages = [said("1.1", { text: "awsadvent words" })];
    expect(await findTs(make({ messages }), { ...place, channelType: "group" })).to.deep.equal([]);
    expect(await findTs(make({ messages, hasWebhook: false }), { ...place, channelType: "group" })).to.deep.equal(["1.1"]);
  });

  describe("send", () => {
    it("sends an event as its person, with the same id each time", async () => {
      const { gaps, sender, senders } = make();
      for (const _time of [1, 2]) await gaps.send(place, said("1.1", { thread_ts: "1.0" }));

      expect(senders[0]).to.deep.equal({ team: "T0001", channel: "C0001", user: "U0001", app: "A0001" });
      const [first, second] = sender.event.args;
      expect(first).to.deep.equal(second);
      expect(first![0]).to.deep.equal({
        user: "U0001",
        text: "hello",
        ts: "1.1",
        thread_ts: "1.0",
        channel_type: "channel",
        event_ts: "1.1",
      });
      expect(first![1]).to.match(/^Gap[0-9a-f]{20}$/);
    });

    it("sends a trigger word to the webhook, and its files to the events door", async () => {
      const { gaps, sender } = make();
      await gaps.send(place, said("1.1", { text: "AWSadvent words" }));
      expect(sender.webhook.args).to.deep.equal([["awsadvent", "AWSadvent words", "1.1", undefined]]);
      sinon.assert.notCalled(sender.event);

      await gaps.send(place, said("1.2", { text: "awsadvent words", files: [{ id: "F1" }] }));
      sinon.assert.calledOnce(sender.event);
    });

    it("says what a door answers if it refuses", async () => {
      const { gaps, sender } = make();
      sender.event.resolves(new Response("no", { status: 401 }));
      expect(await rejectionOf(gaps.send(place, said("1.1")))).to.have.property("message", "the door answers 401: no");
    });
  });

  describe("history", () => {
    const page = (ts: string, next_cursor = "") => ({ ok: true, messages: [said(ts)], response_metadata: { next_cursor } });

    it("reads all pages, and waits as long as Slack asks", async () => {
      const apiCall = sinon.stub();
      apiCall.onCall(0).resolves(page("1763806002.000000", "next"));
      apiCall.onCall(1).rejects(new WebAPIRateLimitedError(60));
      apiCall.onCall(2).resolves(page("1763806001.000000"));
      const [report, wait] = [sinon.stub(), sinon.stub().resolves()];

      const found: string[] = [];
      for await (const { ts } of new SlackHistory({ apiCall }, report, wait).read("C0001", range)) found.push(ts);

      expect(found).to.deep.equal(["1763806002.000000", "1763806001.000000"]);
      expect(wait.args).to.deep.equal([[60_000]]);
      expect(report.args).to.deep.equal([["Slack asks to wait 60 s before conversations.history."]]);
      expect(apiCall.args[2]).to.deep.equal([
        "conversations.history",
        { channel: "C0001", oldest: "1763805000.000000", latest: "1763809000.000000", inclusive: true, limit: 200, cursor: "next" },
      ]);
    });

    it("reads the replies of the range, also in earlier threads, and goes on where Slack refuses", async () => {
      const [before, within] = ["1763800000.000000", "1763806000.000000"];
      const reply = (ts: string, more = {}) => said(ts, { thread_ts: before, ...more });
      const apiCall = sinon.stub();
      const threads = [
        said(within, { latest_reply: "1763807000.000000" }),
        said(before, { latest_reply: within }),
        said("1.1", { latest_reply: "2.2" }),
      ];
      apiCall.withArgs("conversations.history").resolves({ ok: true, messages: threads });
      apiCall
        .withArgs("conversations.replies", sinon.match({ ts: within }))
        .rejects(new WebAPIPlatformError({ ok: false, error: "missing_scope" }));
      const replies = [said(before), reply("1763806500.000000"), reply("1763806600.000000", { subtype: "thread_broadcast" })];
      apiCall
        .withArgs("conversations.replies", sinon.match({ ts: before, oldest: "1763805000.000000" }))
        .resolves({ ok: true, messages: replies });
      const report = sinon.stub();

      const found: string[] = [];
      for await (const { ts } of new SlackHistory({ apiCall }, report).read("C0001", range, 1_763_800_000_000)) found.push(ts);

      expect(found).to.deep.equal([within, "1763806500.000000"]);
      expect(report.args.flat()).to.deep.equal([
        `Slack does not tell the replies below ${within}, so they are not compared: missing_scope.`,
      ]);
      sinon.assert.calledWithMatch(apiCall, "conversations.history", { oldest: before });
    });

    for (const [channel, type] of [
      [{ is_channel: true, is_private: false }, "channel"],
      [{ is_channel: true, is_private: true }, "group"],
      [{ is_im: true, is_private: true }, "im"],
      [{ is_mpim: true, is_private: true }, "mpim"],
      [{}, "group"],
    ] as const) {
      it(`tells that ${JSON.stringify(channel)} is ${type}`, async () => {
        const history = new SlackHistory({ apiCall: sinon.stub().resolves({ ok: true, channel }) }, sinon.stub());
        expect(await history.readChannelType("C0001")).to.equal(type);
      });
    }
  });
});
