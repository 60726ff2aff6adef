import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WebClient } from "@slack/web-api";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { type Doors, startDoors } from "./doors";
import { errorOf, startWorkspace, type TestWorkspace } from "./workspace";

describe("streams", () => {
  let doors: Doors;
  let directory: string;
  let workspace: TestWorkspace;
  let web: WebClient;

  beforeEach(async () => {
    doors = await startDoors();
    directory = await mkdtemp(join(tmpdir(), "streams-"));
    workspace = await startWorkspace(doors, { directory });
    await eventually(async () => (await workspace.state()).app?.events.verified);
    web = workspace.web();
  });

  afterEach(async () => {
    await workspace.stop();
    await doors.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const start = async (content: { markdown_text?: string; task_display_mode?: string } = {}) => {
    const thread_ts = await workspace.say({ channel: "D0001", text: "say it" });
    const { ts } = await web.chat.startStream({ channel: "D0001", thread_ts, ...content });
    return { thread_ts, stream: { channel: "D0001", ts: ts! } };
  };

  /** The events of one type, as the app got them. */
  const eventsOf = (subtype: string | undefined) =>
    doors
      .at("/events")
      .map(({ body }) => (JSON.parse(body) as { event: { subtype?: string; message?: object; bot_id?: string } }).event)
      .filter(event => event.subtype === subtype);

  it("grow a message, which is an ordinary one once they end", async () => {
    const { thread_ts, stream } = await start({ markdown_text: "Hello" });
    await web.chat.appendStream({ ...stream, markdown_text: ", **wo" });
    await web.chat.appendStream({ ...stream, chunks: [{ type: "markdown_text", text: "rld**" }] });

    expect(await workspace.streams()).to.deep.equal([
      {
        channel: "D0001",
        threadTs: thread_ts,
        ts: stream.ts,
        open: true,
        text: "Hello, **world**",
        chunks: [
          { type: "markdown_text", text: "Hello" },
          { type: "markdown_text", text: ", **wo" },
          { type: "markdown_text", text: "rld**" },
        ],
      },
    ]);
    expect(await errorOf(web.chat.update({ ...stream, text: "no" }))).to.include({ error: "streaming_state_conflict" });
    expect(await errorOf(web.chat.delete(stream))).to.include({ error: "cant_delete_message" });

    const metadata = { event_type: "answer", event_payload: { id: "1" } };
    const { message } = await web.chat.stopStream({ ...stream, markdown_text: "!", blocks: [{ type: "divider" }], metadata });

    expect(message).to.include({ text: "Hello, **world**!", streaming_state: "completed" });
    const { messages = [] } = await web.conversations.replies({ channel: "D0001", ts: thread_ts, include_all_metadata: true });
    expect(messages).to.have.length(2);
    expect(messages[1]).to.deep.include({ ts: stream.ts, text: "Hello, **world**!", metadata });
    expect(messages[1]).not.to.have.property("edited");
    expect(messages[1]!.blocks!.map(({ type }) => type)).to.deep.equal(["markdown", "divider"]);
    await web.chat.update({ ...stream, text: "whole" });
    expect(await workspace.streams()).to.have.nested.property("[0].text", "whole");
    expect(await errorOf(web.chat.stopStream(stream))).to.include({ error: "message_not_in_streaming_state" });
  });

  it("send the app an event at their start and their end, and none for what they append", async () => {
    const { stream } = await start({ markdown_text: "a" });
    for (const text of ["b", "c"]) await web.chat.appendStream({ ...stream, markdown_text: text });
    await web.chat.stopStream(stream);

    await eventually(() => eventsOf("message_changed").length > 0);
    expect(eventsOf("message_changed").map(({ message }) => message)).to.have.length(1);
    expect(eventsOf("message_changed")[0]!.message).to.include({ text: "abc", streaming_state: "completed" });
    expect(eventsOf(undefined).filter(({ bot_id: bot }) => bot !== undefined)).to.have.length(1);
  });

  it("work with the client's own helper, in channels", async () => {
    const thread_ts = await workspace.say({ text: "say it" });
    const place = { channel: "C0001", thread_ts, recipient_user_id: "U0001", recipient_team_id: "T0001" };
    const streamer = web.chatStream({ ...place, buffer_size: 4 });
    for (const word of ["one ", "two ", "three"]) await streamer.append({ markdown_text: word });
    await streamer.stop({ session_status: "suspended" });

    expect((await workspace.streams()).map(({ text, open }) => [text, open])).to.deep.equal([["one two three", false]]);
    expect(await workspace.sessions()).to.deep.equal([{ channel: "C0001", threadTs: thread_ts, status: "suspended", title: null }]);
  });

  const CHANNEL_STREAM = { channel: "C0001", recipient_user_id: "U0001", recipient_team_id: "T0001" };
  const BAD_STARTS: [string, Record<string, unknown>][] = [
    ["missing_recipient_user_id", { ...CHANNEL_STREAM, recipient_user_id: "" }],
    ["missing_recipient_team_id", { ...CHANNEL_STREAM, recipient_team_id: "" }],
    ["user_not_found", { ...CHANNEL_STREAM, recipient_user_id: "U9999" }],
    ["team_not_found", { ...CHANNEL_STREAM, recipient_team_id: "T9999" }],
    ["invalid_thread_ts", { ...CHANNEL_STREAM, thread_ts: "yesterday" }],
    ["channel_not_found", { ...CHANNEL_STREAM, channel: "C9999" }],
    ["invalid_arguments", { channel: "D0001" }],
    ["invalid_arguments", { ...CHANNEL_STREAM, task_display_mode: "pie" }],
    ["msg_too_long", { ...CHANNEL_STREAM, markdown_text: "x".repeat(12_001) }],
  ];

  it("refuse what Slack refuses", async () => {
    for (const [error, given] of BAD_STARTS)
      expect(await errorOf(web.apiCall("chat.startStream", given)), JSON.stringify(given).slice(0, 100)).to.include({ error });
    expect(await workspace.streams()).to.deep.equal([]);

    const { ts = "" } = await web.chat.postMessage({ channel: "D0001", text: "not a stream" });
    const said = await workspace.say({ channel: "D0001", text: "of a person" });
    const append = (at: string, content: object = { markdown_text: "x" }) =>
      web.apiCall("chat.appendStream", { channel: "D0001", ts: at, ...content });
    expect(await errorOf(append(ts))).to.include({ error: "message_not_in_streaming_state" });
    expect(await errorOf(append(said))).to.include({ error: "message_not_owned_by_app" });
    expect(await errorOf(append("1.000001"))).to.include({ error: "message_not_found" });
    const { stream } = await start();
    expect(await errorOf(append(stream.ts, {}))).to.include({ error: "no_text" });
    expect(await errorOf(web.apiCall("chat.stopStream", { ...stream, session_status: "done" }))).to.include({ error: "invalid_arguments" });
  });

  it("end by themselves after five minutes, however busy, and make the session active", async () => {
    const { stream } = await start({ markdown_text: "a" });
    workspace.cloud.clock.advance(200);
    await web.chat.appendStream({ ...stream, markdown_text: "b" });
    await workspace.stop();
    workspace = await startWorkspace(doors, { directory });
    web = workspace.web();
    await web.chat.appendStream({ ...stream, markdown_text: "c" });
    expect(await workspace.sessions()).to.have.nested.property("[0].status", "processing");

    workspace.cloud.clock.advance(101);

    await eventually(async () => (await workspace.streams())[0]?.open === false);
    expect(await errorOf(web.chat.appendStream({ ...stream, markdown_text: "d" }))).to.include({ error: "message_not_in_streaming_state" });
    expect((await workspace.messages("D0001")).at(-1)).to.include({ text: "abc", streaming_state: "errored" });
    expect(await workspace.sessions()).to.have.nested.property("[0].status", "active");
    await web.chat.update({ ...stream, text: "goes on" });
  });

  it("have Slack's rate limits for the whole workspace", async () => {
    const { stream } = await start();
    const burst = (count: number, call: () => Promise<unknown>) =>
      Promise.allSettled(Array.from({ length: count }, call)).then(all =>
        all.flatMap(each => (each.status === "rejected" ? [each.reason] : [])),
      );

    // More than the limit, since a slow machine needs time to call, in which the limit grows.
    const starts = await burst(30, () => web.chat.startStream({ channel: "D0001", thread_ts: stream.ts }));
    const appends = await burst(150, () => web.chat.appendStream({ ...stream, markdown_text: "x" }));

    expect(starts.length).to.be.within(1, 11);
    expect(starts[0]).to.have.property("retryAfter").within(1, 3);
    expect(appends.length).to.be.within(1, 50);
    workspace.cloud.clock.advance(3);
    await web.chat.startStream({ channel: "D0001", thread_ts: stream.ts });
  });

  it("obey the weather", async () => {
    const { stream } = await start();
    workspace.cloud.weather.change({ slackRefuses: ["chat.appendStream"] });
    expect(await errorOf(web.chat.appendStream({ ...stream, markdown_text: "x" }))).to.include({ error: "not_allowed" });
    await web.chat.stopStream(stream);
  });
});
