import { expect } from "chai";
import sinon from "sinon";
import type { Task } from "#core/agent/task";
import type { AgentFollow } from "#core/agent/thread";
import { createLog } from "#core/log";
import type { EventEnvelope } from "#core/message/event";
import type { Envelope } from "#core/message/message";
import { DELETED } from "#core/message/version";
import { AgentGateway } from "#stores/agent/gateway";
import { AgentQueue } from "#stores/agent/queue";
import { Sessions } from "#stores/agent/sessions";
import { TasksTable } from "#stores/agent/tasks-table";
import { ThreadsTable } from "#stores/agent/threads-table";
import { Opener } from "#subscribers/opener";
import { buildDeletion, buildEdit } from "./envelopes";

const NOW_MS = 1_763_805_700_000;
const THREAD = "1763805500.000100";
const TS = "1763805600.000200";
const ID = `T0001-C0001-${TS}`;

describe("opener", () => {
  const stubs = () => ({
    tasks: sinon.createStubInstance(TasksTable),
    threads: sinon.createStubInstance(ThreadsTable),
    queue: sinon.createStubInstance(AgentQueue),
    sessions: sinon.createStubInstance(Sessions),
    gateway: sinon.createStubInstance(AgentGateway),
  });
  let parts: ReturnType<typeof stubs>;
  beforeEach(() => {
    parts = stubs();
    parts.tasks.accept.callsFake(async request => request as unknown as Task);
    sinon.stub(console, "error");
  });
  afterEach(() => sinon.restore());

  const withAgent = () => parts.threads.read.resolves({ asker: "U0001", title: "x", pending: [], queued: [], suspended: [] });
  const say = (
    data: Partial<Envelope["data"]>,
    { channelType = "channel", follow = "asker" as AgentFollow, type = "slack.message" } = {},
  ) => {
    const said = { team: "T0001", channel: "C0001", user: "U0001", text: "post hello", ts: TS, files: [], mentionsBot: false };
    const envelope = { specversion: "1.0", id: `${ID}-events`, source: "slack://T0001/events", type, time: "2025-11-22T10:00:00Z" };
    const settings = { follow, busy: "queue" as const, triggerWords: ["awsadvent"] };
    const opener = new Opener({ ...parts, settings, log: createLog("test", {}), nowMs: () => NOW_MS });
    return opener.handle({ ...envelope, data: { ...said, ...data } } as Envelope, { channelType: { Value: channelType } });
  };
  const started = () => parts.tasks.accept.args.map(([{ id }]) => id);
  const sent = () => parts.queue.send.callCount;
  const reply = { threadTs: THREAD };

  it("shows a mention at once. The queue gets it by itself", async () => {
    await say({ mentionsBot: true });
    expect([started(), sent()]).to.deep.equal([[ID], 0]);
    sinon.assert.calledOnceWithMatch(parts.sessions.show, { id: ID });
    sinon.assert.calledOnceWithExactly(parts.gateway.open, ID);
  });

  it("sends direct messages to the queue, as turns of their own threads", async () => {
    await say({ channel: "D0001" }, { channelType: "im" });
    expect([started(), sent()]).to.deep.equal([[`T0001-D0001-${TS}`], 1]);
    expect(parts.tasks.accept.firstCall.args[0]).to.include({ threadTs: TS });
  });

  it("makes one turn of both events of a mention", async () => {
    await say({ mentionsBot: true });
    await say({ mentionsBot: true }, { type: "slack.app_mention" });
    expect(new Set(started())).to.have.lengthOf(1);
  });

  for (const [what, data, options] of [
    ["a message in a channel", {}, {}],
    ["a reply in a thread without the agent", reply, {}],
    ["a direct message that begins with a trigger word", { text: "awsadvent lunch" }, { channelType: "im" }],
    ["`stop`", { mentionsBot: true, text: "<@UBOT01> stop" }, {}],
    ["somebody from another company", { external: true }, { channelType: "im" }],
  ] as const) {
    it(`starts no turn for ${what}`, async () => {
      await say(data, options);
      expect([started(), sent()]).to.deep.equal([[], 0]);
      sinon.assert.notCalled(parts.threads.keepSaid);
    });
  }

  for (const [follow, user, isTurn] of [
    ["asker", "U0001", true],
    ["asker", "U0002", false],
    ["everyone", "U0002", true],
    ["mentions", "U0001", false],
  ] as const) {
    it(`with agentFollow: ${follow}, ${isTurn ? "a turn" : "just words"} of ${user}'s reply in a thread that U0001 began`, async () => {
      withAgent();
      await say({ ...reply, user }, { follow });
      expect(started()).to.have.lengthOf(isTurn ? 1 : 0);
      expect(parts.threads.keepSaid.callCount).to.equal(isTurn ? 0 : 1);
    });
  }

  describe("edits and deletions", () => {
    const hear = (event: EventEnvelope) => {
      const settings = { follow: "asker" as const, busy: "queue" as const, triggerWords: [] };
      return new Opener({ ...parts, settings, log: createLog("test", {}), nowMs: () => NOW_MS }).handle(event, {});
    };
    const place = { team: "T0001", channel: "C0001", threadTs: THREAD };

    it("change what is kept of a thread with the agent", async () => {
      withAgent();
      await hear(buildEdit("new text", { ts: TS, threadTs: THREAD }));
      await hear(buildDeletion({ ts: TS, threadTs: THREAD }));
      const [edited, deleted] = parts.threads.reviseSaid.args;
      expect([edited![0], deleted![0]]).to.deep.equal([place, place]);
      expect(edited![1]).to.include({ ts: TS, text: "new text" });
      expect(deleted![1]).to.include({ ts: TS, order: DELETED });
    });

    it("that come before the message that begins a thread are kept, too", async () => {
      await hear(buildEdit("<@UBOT01> new text", { ts: TS }));
      sinon.assert.calledOnceWithMatch(parts.threads.reviseSaid, { ...place, threadTs: TS }, { ts: TS, text: "<@UBOT01> new text" });
    });

    it("of other threads leave nothing but that a message was deleted, which may come later, and none starts a turn", async () => {
      await hear(buildEdit("new text", { ts: TS, threadTs: THREAD }));
      sinon.assert.notCalled(parts.threads.reviseSaid);
      await hear(buildDeletion({ ts: TS, threadTs: THREAD }));
      sinon.assert.calledOnceWithMatch(parts.threads.reviseSaid, place, { ts: TS, order: DELETED, text: undefined });
      expect(started()).to.deep.equal([]);
    });
  });

  it("queues the task even if its status can't be shown", async () => {
    parts.sessions.show.rejects(new Error("down"));
    parts.gateway.open.rejects(new Error("down"));
    await say({}, { channelType: "im" });
    expect(sent()).to.equal(1);
  });
});
