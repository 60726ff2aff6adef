import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import type { Task } from "#core/agent/task";
import type { EventEnvelope } from "#core/message/event";
import { TasksTable } from "#stores/agent/tasks-table";
import { ThreadsTable } from "#stores/agent/threads-table";
import { Stopper } from "#subscribers/stopper";
import { buildEnvelope } from "./envelopes";

const NOW_MS = 1_763_805_700_000;
const THREAD = "1763805500.000100";

const buildTask = (over: Partial<Task> = {}): Task => ({
  id: "T0001-C0001-1763805500.000100",
  state: "processing",
  team: "T0001",
  channel: "C0001",
  user: "U0002",
  text: "post hello",
  threadTs: THREAD,
  createdAtMs: 1_763_805_500_000,
  attempts: 1,
  ...over,
});

describe("stopper", () => {
  let tasks: sinon.SinonStubbedInstance<TasksTable>;
  let threads: sinon.SinonStubbedInstance<ThreadsTable>;
  beforeEach(() => {
    tasks = sinon.createStubInstance(TasksTable);
    tasks.requestStop.resolves(true);
    threads = sinon.createStubInstance(ThreadsTable);
    threads.listSaid.resolves([]);
  });

  const create = () => new Stopper(tasks, threads, { info: sinon.stub() }, () => NOW_MS);
  const say = (over: { threadTs?: string }) => create().handle(buildEnvelope({ door: "events", text: "stop", tokens: [], ...over }));

  it("asks every unfinished task of the thread to stop, in the speaker's name", async () => {
    tasks.findActive.resolves([buildTask(), buildTask({ id: "second", state: "waiting" })]);

    await say({ threadTs: THREAD });

    const place = { team: "T0001", channel: "C0001", threadTs: THREAD };
    expect(tasks.recordStop.args).to.deep.equal([[place, { by: "U0001", atMs: 1_763_805_600_000 }, NOW_MS]]);
    sinon.assert.callOrder(tasks.recordStop, tasks.findActive);
    expect(tasks.findActive.args).to.deep.equal([["T0001", "C0001"]]);
    expect(tasks.requestStop.args).to.deep.equal([
      ["T0001-C0001-1763805500.000100", "U0001", NOW_MS],
      ["second", "U0001", NOW_MS],
    ]);
  });

  it("ignores other threads, tasks without one, and later tasks", async () => {
    const { threadTs: _, ...waiting } = buildTask({ id: "waits for its card" });
    tasks.findActive.resolves([buildTask({ threadTs: "1763805500.000200" }), waiting, buildTask({ createdAtMs: 1_763_805_600_001 })]);

    await say({ threadTs: THREAD });

    sinon.assert.notCalled(tasks.requestStop);
  });

  it("does nothing outside a thread", async () => {
    await say({});

    sinon.assert.notCalled(tasks.recordStop);
    sinon.assert.notCalled(tasks.findActive);
  });

  it("takes Slack's own stop button for the same, and lets the relay set the session's status even if no task is left", async () => {
    tasks.findActive.resolves([]);
    const said = { user: "U0001", text: "sleep 2h", files: [] };
    threads.listSaid.resolves([
      { ...said, ts: THREAD, task: "first" },
      { ...said, ts: "1763805500.000200" },
    ]);
    const data = { type: "agent_session_stopped", channel: "C0001", thread_ts: THREAD, user: "U0003", event_ts: "1763805600.000100" };
    const envelope = { ...buildEnvelope({}), type: "slack.agent_session_stopped", source: "slack://T0001/events", data };

    await create().handle(envelope as EventEnvelope);

    const place = { team: "T0001", channel: "C0001", threadTs: THREAD };
    expect(tasks.recordStop.args).to.deep.equal([[place, { by: "U0003", atMs: 1_763_805_600_000 }, NOW_MS]]);
    sinon.assert.calledOnceWithExactly(threads.putDue, { item: "first#stop#1763805600.000100", turn: "first", atMs: NOW_MS });
  });

  it("throws failures, so that Lambda retries", async () => {
    tasks.findActive.rejects(new Error("down"));

    expect(await rejectionOf(say({ threadTs: THREAD }))).to.have.property("message", "down");
  });
});
