import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { type Doors, startDoors } from "./doors";
import { startWorkspace, type TestWorkspace } from "./workspace";

interface SentEvent {
  type: string;
  subtype?: string;
  ts: string;
  message: Record<string, unknown>;
  previous_message: Record<string, unknown>;
  [name: string]: unknown;
}

describe("slack", () => {
  let doors: Doors;
  let workspace: TestWorkspace;

  before(async () => {
    doors = await startDoors();
    workspace = await startWorkspace(doors);
    await eventually(async () => (await workspace.state()).app?.events.verified);
  });

  after(async () => {
    await workspace.stop();
    await doors.stop();
  });

  beforeEach(() => {
    doors.received.length = 0;
  });

  const events = () => doors.at("/events").map(({ body }) => (JSON.parse(body) as { event: SentEvent }).event);
  const waitFor = (type: string) => eventually(() => events().find(event => (event.subtype ?? event.type) === type));
  const find = async (ts: string, channel = "C0001") => (await workspace.messages(channel)).find(message => message.ts === ts);
  const act = (path: string, body: object) => workspace.post(path, { user: "U0001", channel: "C0001", ...body });

  describe("edit", () => {
    it("changes the text, and sends message_changed with both versions", async () => {
      const ts = await workspace.say({ text: "#lunch" });
      expect(await act("edit", { ts, text: "#dinner" })).to.deep.equal({ status: 200, body: { ok: true, ts } });

      const event = await waitFor("message_changed");
      expect(event).to.include({ channel: "C0001", channel_type: "channel", hidden: true, event_ts: event.ts });
      expect(event.ts > ts).to.equal(true);
      expect(event.message).to.include({ text: "#dinner", user: "U0001", ts });
      expect(event.message["edited"]).to.have.property("user", "U0001");
      expect(event.message["edited"])
        .to.have.property("ts")
        .that.matches(/^\d+\.000000$/);
      expect(event.previous_message).to.include({ text: "#lunch", ts }).and.not.have.property("edited");
      expect(await find(ts)).to.deep.include({ text: "#dinner", edited: event.message["edited"] });
    });

    it("sends app_mention again when the text mentions the bot", async () => {
      const ts = await workspace.say({ text: "help" });
      await act("edit", { ts, text: "<@UBOT01> help" });

      const mention = await waitFor("app_mention");
      expect(mention).to.include({ text: "<@UBOT01> help", ts }).and.not.have.property("channel_type");
      expect(mention["event_ts"]).to.not.equal(ts);
      expect(mention).to.have.property("edited");
    });

    it("does not send the same text again", async () => {
      const ts = await workspace.say({ text: "same" });
      expect(await act("edit", { ts, text: "same" })).to.have.property("status", 200);
      expect(await find(ts)).to.not.have.property("edited");
    });

    it("refuses others' messages, missing ones and empty texts", async () => {
      const ts = await workspace.say({ text: "mine" });
      const refusals = [
        await act("edit", { ts, text: "x", user: "U0002" }),
        await act("edit", { ts: "1.000000", text: "x" }),
        await act("edit", { ts, text: "" }),
        await act("edit", { ts, text: 5 }),
        await act("edit", { ts, text: "x", reason: "y" }),
      ];
      expect(refusals.map(({ status }) => status)).to.deep.equal([400, 400, 400, 400, 400]);
      expect(refusals.slice(0, 4).map(({ body }) => body.message)).to.deep.equal([
        `ts is "${ts}", but must be a message that U0002 wrote.`,
        'ts is "1.000000", but must be a message that U0001 sees in C0001.',
        "text is empty, but must have characters, since the message has no files.",
        "text is 5, but must be a string.",
      ]);
      expect(await find(ts)).to.have.property("text", "mine");
    });
  });

  describe("delete", () => {
    it("removes the message, and sends message_deleted", async () => {
      const ts = await workspace.say({ text: "#gone" });
      expect(await act("delete", { ts })).to.have.property("status", 200);

      const event = await waitFor("message_deleted");
      expect(event).to.include({ channel: "C0001", channel_type: "channel", deleted_ts: ts });
      expect(event.previous_message).to.include({ text: "#gone", user: "U0001", ts });
      expect(await find(ts)).to.equal(undefined);
    });

    it("leaves a tombstone while there are replies", async () => {
      const ts = await workspace.say({ text: "#parent" });
      const reply = await workspace.say({ text: "reply", threadTs: ts });
      await act("delete", { ts });

      const event = await waitFor("message_changed");
      expect(event.message).to.include({ subtype: "tombstone", text: "This message was deleted.", user: "USLACKBOT", hidden: true, ts });
      expect(await find(ts)).to.deep.include({ subtype: "tombstone", text: "This message was deleted." });
      expect((await act("delete", { ts })).body.message).to.equal(`ts is "${ts}", but must be a message that was not deleted.`);

      await act("delete", { ts: reply });
      await eventually(() => events().filter(({ subtype }) => subtype === "message_deleted").length === 2);
      expect(await find(ts)).to.equal(undefined);
    });

    it("lets only the author and admins delete", async () => {
      const ts = await workspace.say({ user: "U0002", text: "hers" });
      expect(await act("delete", { ts, user: "U0003" })).to.have.property("status", 400);
      expect(await act("delete", { ts, user: "U0001" })).to.have.property("status", 200);
    });
  });

  describe("react", () => {
    it("adds and removes a reaction, each with its event", async () => {
      const ts = await workspace.say({ text: "done" });
      await act("react", { ts, reaction: ":tada:", user: "U0002" });
      const added = await waitFor("reaction_added");
      expect(added).to.deep.include({
        user: "U0002",
        reaction: "tada",
        item: { type: "message", channel: "C0001", ts },
        item_user: "U0001",
      });
      expect((await find(ts))?.reactions).to.deep.equal([{ name: "tada", users: ["U0002"], count: 1 }]);
      expect((await act("react", { ts, reaction: "tada", user: "U0002" })).body).to.have.property("error", "already_reacted");

      await act("react", { ts, reaction: "tada", user: "U0002", remove: true });
      expect(await waitFor("reaction_removed")).to.include({ user: "U0002", reaction: "tada" });
      expect(await find(ts)).to.not.have.property("reactions");
    });

    it("refuses what is no emoji, and removing what is not there", async () => {
      const ts = await workspace.say({ text: "done" });
      expect((await act("react", { ts, reaction: "no emoji" })).body).to.have.property("error", "invalid_name");
      expect((await act("react", { ts, reaction: "tada", remove: "yes" })).body).to.have.property("error", "invalid_arguments");
      expect((await act("react", { ts, reaction: "tada", remove: true })).body).to.have.property("error", "no_reaction");
    });
  });

  describe("join", () => {
    it("adds a person to the workspace and its general channel, with both events", async () => {
      const { status, body } = await workspace.post("join", { name: "Dora Novak" });
      expect(status).to.equal(200);
      const user = body.user!;

      expect((await waitFor("team_join"))["user"]).to.include({ id: user, name: "dora.novak", real_name: "Dora Novak", is_bot: false });
      expect(await waitFor("member_joined_channel")).to.include({ user, channel: "C0001", channel_type: "C", team: "T0001" });
      const { people, channels } = await workspace.state();
      expect(people).to.include(user);
      expect(channels.filter(({ members }) => members.includes(user)).map(({ kind }) => kind)).to.deep.equal(["channel", "im"]);
      expect((await workspace.messages()).at(-1)).to.deep.include({ subtype: "channel_join", user });

      const ts = await workspace.say({ user, text: "hello" });
      expect(await find(ts)).to.include({ user });
    });

    it("refuses a name that is empty or taken, and another team", async () => {
      expect((await workspace.post("join", { name: " " })).body.message).to.equal(
        'name is " ", but must be a name of at most 80 characters.',
      );
      expect((await workspace.post("join", { name: "Ada" })).body).to.have.property("error", "name_taken");
      expect((await workspace.post("join", { team: "T0009", name: "Eve" })).body).to.have.property("error", "team_not_found");
    });
  });

  describe("create", () => {
    it("makes a public channel, of which the app learns nothing until it joins", async () => {
      const { status, body } = await workspace.post("create", { user: "U0002", name: "lunch" });
      expect(status).to.equal(200);
      const channel = body.channel!;
      const web = workspace.web();
      const { channels } = await web.conversations.list({ types: "public_channel" });
      expect(channels!.find(({ id }) => id === channel)).to.include({ name: "lunch", is_member: false });

      await workspace.say({ user: "U0002", channel, text: "unheard" });
      await web.conversations.join({ channel });
      const ts = await workspace.say({ user: "U0002", channel, text: "heard" });
      await eventually(() => events().some(event => event.ts === ts));
      expect(events().filter(event => event["channel"] === channel && event["user"] === "U0002")).to.have.length(1);
    });

    it("refuses a name that is taken or not Slack's, and a stranger", async () => {
      expect((await workspace.post("create", { user: "U0001", name: "general" })).body).to.have.property("error", "name_taken");
      expect((await workspace.post("create", { user: "U0001", name: "Big Lunch" })).body.message).to.match(
        /^name is "Big Lunch", but must be/,
      );
      expect((await workspace.post("create", { user: "U0999", name: "x" })).body).to.have.property("error", "user_not_found");
    });
  });
});
