import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import type { Task } from "#core/agent/task";
import type { Thread } from "#core/agent/thread";
import { SlackBusy, SlackRefused } from "#core/errors";
import { Sessions } from "#stores/agent/sessions";
import { ThreadsTable } from "#stores/agent/threads-table";

const NOW_MS = 1_763_805_600_000;
const task = { id: "T0001-C0001-1.000100", team: "T0001", channel: "C0001", threadTs: "1.000100" } as Task;

describe("sessions", () => {
  let threads: sinon.SinonStubbedInstance<ThreadsTable>;
  let call: sinon.SinonStub;
  beforeEach(() => {
    threads = sinon.createStubInstance(ThreadsTable);
    threads.readDue.resolves({ item: task.id, turn: task.id, atMs: 1 });
    call = sinon.stub().resolves({ ok: true });
  });
  const buildThread = (over: Partial<Thread> = {}): Thread => ({
    asker: "U0001",
    title: "post hello",
    pending: ["1.000100#a"],
    queued: [],
    suspended: [],
    ...over,
  });
  const show = () => {
    const names = { writeInto: async (text: string) => text };
    return new Sessions({ slack: { call }, threads, names, nowMs: () => NOW_MS, newId: () => "call" }).show(task);
  };
  const statuses = () => call.args.map(([, { status }]) => status);
  const removed = () => threads.removeDue.args.map(([{ item }]) => item);

  for (const [status, over] of [
    ["processing", {}],
    ["suspended", { suspended: ["1.000100#a"] }],
    ["active", { pending: [], suspended: ["1.000100#a"] }],
  ] as const) {
    it(`are ${status} with ${JSON.stringify(over)}`, async () => {
      threads.read.resolves(buildThread(over));
      expect(await show()).to.equal(status);
      sinon.assert.calledOnceWithExactly(call, "agents.sessions.setStatus", {
        channel_id: "C0001",
        thread_ts: "1.000100",
        status,
        title: "post hello",
        initiator_user_id: "U0001",
      });
      expect(removed()).to.deep.equal([`${task.id}#call`, task.id]);
    });
  }

  it("are set again if the thread has changed meanwhile", async () => {
    threads.read.resolves(buildThread({ pending: [] }));
    threads.read.onFirstCall().resolves(buildThread());
    expect(await show()).to.equal("active");
    expect(statuses()).to.deep.equal(["processing", "active"]);
  });

  it("are left alone where Slack refuses the method", async () => {
    threads.read.resolves(buildThread());
    call.rejects(new SlackRefused("not_allowed"));
    expect(await show()).to.equal(undefined);
    expect(removed()).to.have.lengthOf(2);
  });

  it("are left to the relay while Slack is busy", async () => {
    threads.read.resolves(buildThread());
    call.rejects(new SlackBusy("later"));
    expect(await rejectionOf(show())).to.be.instanceOf(SlackBusy);
    sinon.assert.calledOnce(threads.putDue);
    expect(removed()).to.deep.equal([]);
  });
});
