import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import type { ToolCall } from "#core/agent/tools";
import { Deadline } from "#core/deadline";
import { Approvals } from "#functions/gateway/approvals";
import type { KnownCaller } from "#functions/gateway/caller";
import { Cards } from "#functions/gateway/cards";
import { Once, type OnceCall } from "#functions/gateway/once";
import { type ToolApproval, ToolApprovals } from "#stores/agent/tool-approvals";
import { Slack } from "#stores/slack/web-api";
import { NOW_MS } from "../requests";
import { buildTask } from "./tasks";
import { THREAD } from "./world";

const TS = "1763805700.000001";

describe("approvals", () => {
  const deadline = new Deadline(5000);
  const task = { ...buildTask({ threadTs: THREAD }), threadTs: THREAD };
  const mine: KnownCaller = { task, partition: task.id, key: "step-0001", fingerprint: "f", requestedAtMs: NOW_MS };
  const call: ToolCall = { name: "post_to_slack", args: { text: "hello" } };
  const asked: ToolApproval = { state: "asked", tool: "post_to_slack", summary: "> hello", fingerprint: "f", channel: "C0001" };
  let store: sinon.SinonStubbedInstance<ToolApprovals>;
  let once: sinon.SinonStubbedInstance<Once>;
  let cards: sinon.SinonStubbedInstance<Cards>;
  let slack: sinon.SinonStubbedInstance<Slack>;
  beforeEach(() => {
    store = sinon.createStubInstance(ToolApprovals);
    once = sinon.createStubInstance(Once);
    cards = sinon.createStubInstance(Cards);
    slack = sinon.createStubInstance(Slack);
    cards.ensureThread.resolves(task);
    slack.post.resolves(TS);
    attemptSince(undefined);
  });
  const attemptSince = (sinceMs: number | undefined) =>
    once.run.callsFake(async (_, __, work) => ({
      result: (await work({ id: "ask-1", sinceMs, draft: undefined })).result,
      isRepeat: false,
    }));
  const verify = (caller: KnownCaller = mine) =>
    new Approvals({ approvals: store, once, cards, slack, channels: ["C0002"], nowMs: () => NOW_MS }).verify(
      call,
      caller,
      "C0001",
      deadline,
    );
  const expectToWait = async (verified: Promise<void>) =>
    expect(await rejectionOf(verified)).to.include({ name: "ToolBusy", status: "waiting-for-approval", retryAfterMs: 5000 });

  it("lets an approved call pass without asking", async () => {
    store.read.resolves({ ...asked, state: "approved", ts: TS });
    await verify();
    sinon.assert.calledOnceWithExactly(store.read, { task: task.id, key: "step-0001" }, deadline);
    sinon.assert.notCalled(once.run);
  });

  for (const [by, who] of [
    ["U0002", "<@U0002>"],
    [undefined, "Somebody"],
  ] as const) {
    it(`refuses a declined call in the name of ${who}`, async () => {
      store.read.resolves({ ...asked, state: "declined", ts: TS, ...(by === undefined ? {} : { by }) });
      expect(await rejectionOf(verify())).to.include({
        name: "ToolRefused",
        rule: "approval",
        message: `${who} declined this call.`,
      });
    });
  }

  for (const state of ["asked", "approved", "declined"] as const) {
    it(`refuses another call under the key of one that is ${state}`, async () => {
      store.read.resolves({ ...asked, state, fingerprint: "g", ts: TS });
      expect(await rejectionOf(verify())).to.include({ name: "ToolRefused", rule: "key" });
      sinon.assert.notCalled(once.run);
    });
  }

  it("stores the request before anybody can press a button, then asks in the task's thread", async () => {
    await expectToWait(verify());
    const item = { tool: "post_to_slack", summary: "In <#C0001>:\n> hello", fingerprint: "f", channel: "C0001" };
    sinon.assert.calledOnceWithExactly(store.ask, { task: task.id, key: "step-0001" }, item, NOW_MS, deadline);
    const asking: OnceCall = {
      task: task.id,
      key: "approval-step-0001",
      tool: "post_to_slack",
      fingerprint: "f",
      limits: [],
      requestedAtMs: NOW_MS,
    };
    sinon.assert.calledOnceWithExactly(once.run, asking, deadline, sinon.match.func);
    expect(slack.post.firstCall.args[0]).to.include({ channel: "C0001", threadTs: THREAD, id: "ask-1" });
    sinon.assert.calledOnceWithExactly(store.keepMessage, { task: task.id, key: "step-0001" }, TS, deadline);
    sinon.assert.callOrder(store.ask, slack.post, store.keepMessage);
  });

  it("asks in the first configured channel for a call without a task", async () => {
    await expectToWait(verify({ task: undefined, partition: "gateway", key: "k", fingerprint: "f" }));
    expect(slack.post.firstCall.args[0]).to.include({ channel: "C0002" }).and.not.have.property("threadTs");
    sinon.assert.notCalled(cards.ensureThread);
  });

  it("waits silently if it has asked already", async () => {
    store.read.resolves({ ...asked, ts: TS });
    await expectToWait(verify());
    for (const untouched of [store.ask, once.run, store.keepMessage]) sinon.assert.notCalled(untouched);
  });

  it("posts a stored request that was not posted yet, after looking for it", async () => {
    store.read.resolves(asked);
    attemptSince(NOW_MS - 1);
    slack.findPosted.resolves(TS);
    await expectToWait(verify());
    sinon.assert.calledOnceWithExactly(slack.findPosted, { channel: "C0001", threadTs: THREAD, id: "ask-1" }, NOW_MS - 1);
    sinon.assert.notCalled(store.ask);
    sinon.assert.notCalled(slack.post);
    sinon.assert.calledOnceWithExactly(store.keepMessage, { task: task.id, key: "step-0001" }, TS, deadline);
  });
});
