import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { SessionRepair } from "#functions/agent/session-repair";
import { AgentGateway } from "#stores/agent/gateway";
import { ThreadsTable } from "#stores/agent/threads-table";

const NOW_MS = 1_763_805_600_000;

describe("session-repair", () => {
  let threads: sinon.SinonStubbedInstance<ThreadsTable>;
  let gateway: sinon.SinonStubbedInstance<AgentGateway>;
  beforeEach(() => {
    threads = sinon.createStubInstance(ThreadsTable);
    threads.listDue.resolves([{ item: "task#call", turn: "task", atMs: 1 }]);
    gateway = sinon.createStubInstance(AgentGateway);
  });
  const repair = () => new SessionRepair(threads, gateway, { info: () => {} }, () => NOW_MS).handle();

  it("shows the sessions whose change is older than half a minute", async () => {
    await repair();
    sinon.assert.calledOnceWithExactly(threads.listDue, NOW_MS - 30_000);
    sinon.assert.calledOnceWithExactly(gateway.showSession, "task");
    sinon.assert.calledOnceWithExactly(threads.removeDue, { item: "task#call", turn: "task", atMs: 1 });
  });

  it("leaves a session that can't be shown now to the next run", async () => {
    gateway.showSession.rejects(new Error("busy"));
    expect(await rejectionOf(repair())).to.be.instanceOf(Error);
    sinon.assert.notCalled(threads.removeDue);
  });
});
