import { expect } from "chai";
import sinon from "sinon";
import { createLog } from "#core/log";
import { isEventEnvelope, parseAnyEnvelope } from "#core/message/event";
import { Accept } from "#functions/accept";
import { guard } from "#functions/door";
import { Events } from "#functions/events";
import { Top } from "#functions/top";
import { buildEventBody, buildEventRequest, NOW_MS, SECRET, TOKEN } from "../requests";

const TS = "1763805600.000200";
const EDITED_TS = "1763805660.000000";
const EVENT_TS = "1763805660.000400";

const written = { type: "message", user: "U0001", text: "lunch #receipt", ts: TS };
const edited = { ...written, text: "dinner", edited: { user: "U0001", ts: EDITED_TS } };
const tombstone = { type: "message", subtype: "tombstone", user: "USLACKBOT", text: "This message was deleted.", hidden: true, ts: TS };
const change = (message: object, previous: object = written, over: object = {}) => ({
  ...{ type: "message", subtype: "message_changed", hidden: true, channel: "C0001", channel_type: "channel" },
  ...{ message, previous_message: previous, ts: EVENT_TS, event_ts: EVENT_TS },
  ...over,
});
const deletion = (previous: object | undefined = written, over: object = {}) => ({
  ...{ type: "message", subtype: "message_deleted", hidden: true, channel: "C0001", channel_type: "channel" },
  ...{ deleted_ts: TS, previous_message: previous, ts: EVENT_TS, event_ts: EVENT_TS },
  ...over,
});
const reaction = (over: object = {}) => ({
  ...{ type: "reaction_added", user: "U0001", reaction: "tada", item: { type: "message", channel: "C0001", ts: TS } },
  ...{ item_user: "U0002", event_ts: EVENT_TS },
  ...over,
});
const teamJoin = (user: object = {}) => ({ type: "team_join", user: { id: "U0009", name: "dora", is_bot: false, ...user } });
const memberJoined = (over: object = {}) => ({
  ...{ type: "member_joined_channel", user: "U0009", channel: "C0001", channel_type: "C", team: "T0001", event_ts: EVENT_TS },
  ...over,
});

const homeOpened = (over: object = {}) => ({
  ...{ type: "app_home_opened", user: "U0001", channel: "D0001", tab: "home", event_ts: EVENT_TS, view: { blocks: [{}] } },
  ...over,
});

describe("other events", () => {
  let accept: sinon.SinonStubbedInstance<Accept>;
  /** Undefined where an outgoing webhook counts messages that begin with a trigger word. */
  let top: sinon.SinonStubbedInstance<Top> | undefined;
  beforeEach(() => {
    top = undefined;
    accept = sinon.createStubInstance(Accept);
    accept.accept.resolves("");
    sinon.stub(console, "log");
    sinon.stub(console, "error");
  });
  afterEach(() => sinon.restore());

  const send = (event: object, over: object = {}, verificationTokens = [TOKEN]) => {
    const settings = { triggerWords: ["awsadvent"], split: "words" as const, ignoreWords: ["#ignored"], externalUsers: "refuse" as const };
    const events = new Events({ accept, top, settings, secrets: { signing: [SECRET], verificationTokens }, nowMs: () => NOW_MS });
    const body = { ...(buildEventBody({}, over) as object), event };
    return guard(createLog("test", {}), each => events.handle(each))(buildEventRequest(body));
  };
  const accepted = () => {
    const message = accept.accept.firstCall.args[0];
    const envelope = parseAnyEnvelope(message.envelope);
    if (!isEventEnvelope(envelope)) throw new Error(`${message.envelope} is no event`);
    return { message, envelope };
  };

  const published: [event: { type: string; subtype?: string }, id: string, subject: string, time: string, isPrivate: boolean][] = [
    [teamJoin(), "T0001-U0009-team_join", "U0009", "2025-11-22T10:00:00.000Z", false],
    [memberJoined(), `T0001-C0001-U0009-${EVENT_TS}-member_joined_channel`, "C0001/U0009", "2025-11-22T10:01:00.000Z", true],
    [reaction(), `T0001-C0001-${TS}-U0001-tada-${EVENT_TS}-reaction_added`, `C0001/${TS}`, "2025-11-22T10:01:00.000Z", true],
    [
      reaction({ type: "reaction_removed" }),
      `T0001-C0001-${TS}-U0001-tada-${EVENT_TS}-reaction_removed`,
      `C0001/${TS}`,
      "2025-11-22T10:01:00.000Z",
      true,
    ],
    [change(edited), `T0001-C0001-${TS}-${EVENT_TS}-message_changed`, `C0001/${TS}`, "2025-11-22T10:01:00.000Z", false],
    [deletion(), `T0001-C0001-${TS}-message_deleted`, `C0001/${TS}`, "2025-11-22T10:01:00.000Z", false],
  ];
  for (const [event, id, subject, time, isPrivate] of published) {
    const name = event.subtype ?? event.type;
    it(`publishes ${name} with Slack's event as its data`, async () => {
      expect(await send(event)).to.have.property("statusCode", 200);
      const { message, envelope } = accepted();
      const { split: _, ...event_ } = envelope;
      expect(event_).to.deep.equal({
        specversion: "1.0",
        id,
        source: "slack://T0001/events",
        type: `slack.${name}`,
        subject,
        time,
        datacontenttype: "application/json",
        data: event,
      });
      expect(message).to.deep.include({ id, type: `slack.${name}`, door: "events", private: isPrivate, tokens: [] });
      expect(accept.accept.firstCall.args[2]).to.deep.equal({ team: "T0001", eventId: "Ev0001" });
    });
  }

  it("publishes that a Home is opened, without the view that was there, and without a note", async () => {
    await send(homeOpened({ note: "not ours" }));
    const { message, envelope } = accepted();
    expect(message).to.include({ id: `T0001-U0001-${EVENT_TS}-app_home_opened`, private: true });
    expect(envelope.data).to.deep.equal({ type: "app_home_opened", user: "U0001", tab: "home", event_ts: EVENT_TS });
  });

  it("is private unless the event tells that the conversation is public", async () => {
    for (const type of ["group", "im", "mpim", undefined]) {
      accept.accept.resetHistory();
      await send(change(edited, written, { channel_type: type }));
      expect(accepted().message.private, String(type)).to.equal(true);
    }
  });

  it("distinguishes two edits in one second", async () => {
    await send(change(edited));
    await send(change({ ...edited, text: "supper" }, edited, { ts: "1763805660.000500", event_ts: "1763805660.000500" }));
    const [first, second] = accept.accept.args.map(([{ id }]) => id);
    expect(first).not.to.equal(second);
  });

  it("publishes a deletion that leaves a tombstone as the change that Slack sends", async () => {
    await send(change(tombstone));
    expect(accepted().envelope.data["message"]).to.have.property("subtype", "tombstone");
  });

  it("takes nothing from a message that a deletion can't have", async () => {
    for (const message of [null, "awsadvent lunch", { text: "awsadvent lunch" }]) await send(deletion(written, { message }));
    expect(accept.accept.args.map(([{ tokens, version }]) => [tokens, version?.ts])).to.deep.equal([
      [[], TS],
      [[], TS],
      [[], TS],
    ]);
  });

  it("marks edits and deletions in a thread as threaded", async () => {
    const thread = { thread_ts: "1763805500.000100" };
    await send(change({ ...edited, ...thread }));
    await send(deletion({ ...written, ...thread }));
    await send(change(edited));
    expect(accept.accept.args.map(([{ threaded }]) => threaded)).to.deep.equal([true, true, undefined]);
  });

  const bot = { ...edited, bot_id: "BBOT01" };
  const ignored: [title: string, event: object][] = [
    ["an unfurl", change({ ...written, attachments: [{}] })],
    ["an unfurl of an edited message", change({ ...edited, attachments: [{}] }, edited)],
    ["an edit of blocks alone", change({ ...edited, text: written.text, blocks: [{}] })],
    ["a bot's edit", change(bot, { ...bot, text: "before" })],
    ["our own edit", change({ ...edited, user: "UBOT01" })],
    ["a changed bot message", change({ ...edited, subtype: "bot_message" })],
    ["the deletion of a bot's message", deletion(bot)],
    ["the tombstone of a bot's message", change(tombstone, bot)],
    ["the deletion of a tombstone", deletion(tombstone)],
    ["a reaction on a file", reaction({ item: { type: "file", file: "F0001" } })],
    ["our own reaction", reaction({ user: "UBOT01" })],
    ["the opening of the tab with messages", homeOpened({ tab: "messages" })],
    ["a bot that joins the team", teamJoin({ is_bot: true })],
    ["our own bot in a channel", memberJoined({ user: "UBOT01" })],
    ["an event that nobody knows", { type: "channel_created", channel: { id: "C0009" } }],
    ["an edit without a message", change(undefined as unknown as object)],
    ["a deletion of nothing", deletion(written, { deleted_ts: undefined })],
    ["a reaction on nothing", reaction({ item: null })],
    ["a subtype in the place of a type", { type: "message_changed", channel: "C0001", message: edited }],
    ["a type in the place of a subtype", { type: "message", subtype: "team_join", user: { id: "U0009" } }],
  ];
  for (const [title, event] of ignored) {
    it(`ignores ${title}`, async () => {
      expect(await send(event)).to.deep.include({ statusCode: 200, body: "" });
      sinon.assert.notCalled(accept.accept);
    });
  }

  it("ignores events of other teams", async () => {
    const settings = { triggerWords: [], split: "words" as const, ignoreWords: [], externalUsers: "refuse" as const, teamId: "T0002" };
    const events = new Events({ accept, settings, secrets: { signing: [SECRET], verificationTokens: [] }, nowMs: () => NOW_MS });
    await events.handle(buildEventRequest({ ...(buildEventBody() as object), event: teamJoin() }));
    sinon.assert.notCalled(accept.accept);
  });

  const refused: [title: string, event: object, reason: string][] = [
    ["an edit without a timestamp", change({ ...edited, ts: 5 }), "message.ts is 5, not a Slack timestamp."],
    ["a malformed time of an edit", change({ ...edited, edited: { ts: "x" } }), 'message.edited.ts is "x", not a Slack timestamp.'],
    ["a text that is none", change({ ...edited, text: 5 }), "message.text is 5, not a string."],
    ["a deletion of nothing", deletion(written, { deleted_ts: "" }), 'deleted_ts is "", not a Slack timestamp.'],
    ["a channel that is none", deletion(written, { channel: "C 1" }), 'channel is "C 1", not a Slack id.'],
    ["an endless reaction", reaction({ reaction: "x".repeat(256) }), "reaction is"],
    ["a person without an id", teamJoin({ id: "" }), 'user.id is "", not a Slack id.'],
    ["a malformed event_ts", reaction({ event_ts: "later" }), 'event_ts is "later", not a Slack timestamp.'],
  ];
  for (const [title, event, reason] of refused) {
    it(`refuses ${title}`, async () => {
      const response = await send(event);
      expect(response.statusCode).to.equal(400);
      expect((JSON.parse(response.body) as { message: string }).message).to.include(reason);
      sinon.assert.notCalled(accept.accept);
    });
  }

  it("takes the time of the request if the event tells none", async () => {
    await send(reaction({ event_ts: undefined }), { event_time: 1_763_805_700 });
    expect(accepted().envelope.time).to.equal("2025-11-22T10:01:40.000Z");
  });

  describe("the tokens of an edit", () => {
    const rows: [title: string, text: string, channelType: string, split: string | undefined, tokens: [string, number][]][] = [
      ["are its hashtags", "tea #a #a #ignored", "channel", "annotations", [["#a", 2]]],
      [
        "are its words after a trigger word",
        "awsadvent tea #a",
        "channel",
        "words",
        [
          ["awsadvent", 1],
          ["tea", 1],
        ],
      ],
      ["are none in a private channel, where no webhook is called", "awsadvent tea #a", "group", undefined, []],
      ["are none in a question for the leaderboard", "awsadvent top 5", "channel", undefined, []],
    ];
    for (const [title, text, channel_type, split, tokens] of rows) {
      it(title, async () => {
        await send(change({ ...edited, text }, written, { channel_type }));
        expect(accepted().envelope.split).to.equal(split);
        expect(accepted().message.tokens).to.deep.equal(tokens);
      });
    }

    it("are none after a trigger word if there is no outgoing webhook", async () => {
      await send(change({ ...edited, text: "awsadvent tea" }), {}, []);
      expect(accepted().message.tokens).to.deep.equal([]);
    });

    it("are its words after a trigger word in any conversation, without an answer, if the events door counts them", async () => {
      top = sinon.createStubInstance(Top);
      await send(change({ ...edited, text: "awsadvent tea" }, written, { channel_type: "im" }), {}, []);
      await send(change({ ...edited, text: "awsadvent top" }), {}, []);
      expect(accept.accept.args.map(([{ tokens }]) => tokens.map(([token]) => token))).to.deep.equal([["awsadvent", "tea"], []]);
      for (const [message] of accept.accept.args) expect(message).not.to.have.any.keys("expectsAnswer", "answer");
      sinon.assert.notCalled(top.answer);
    });

    it("are none after a deletion", async () => {
      await send(change(tombstone));
      await send(deletion());
      expect(accept.accept.args.map(([{ tokens, version }]) => [tokens, version?.order])).to.deep.equal([
        [[], "deleted"],
        [[], "deleted"],
      ]);
    });
  });

  it("leaves out what does not fit into a notification, and keeps the new text", async () => {
    const text = "\u5b57".repeat(40_000);
    const blocks = [{ type: "rich_text", elements: [{ type: "text", text }] }];
    await send(change({ ...edited, text, blocks }, { ...written, text: text.replace("\u5b57", "x"), blocks }));
    const { message, envelope } = accepted();
    expect(Buffer.byteLength(message.envelope)).to.be.at.most(250 * 1024);
    expect(envelope.data["message"]).to.deep.equal({ ...edited, text });
  });
});
