import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { SlackBusy, SlackRefused, ToolBusy, ToolRefused } from "#core/errors";
import { buildHash } from "#core/ids";
import { Once, type OnceCall, type Work } from "#functions/gateway/once";
import { buildLimits } from "#stores/agent/tool-limits";
import { ToolReceipts } from "#stores/agent/tool-receipts";

const NOW_MS = 1_763_805_600_000;
const CLAIM_MS = 40_000;

describe("once", () => {
  const deadline = new Deadline(5000);
  const limits = buildLimits("agent-tasks", "t", { postsPerTask: 20, postsPerDay: 200 }, NOW_MS);
  const call: OnceCall = { task: "t", key: "step-0001", tool: "post_to_slack", fingerprint: "f", limits, requestedAtMs: NOW_MS };
  const id = buildHash("agent-call", "t", "step-0001");
  const done: Work = { result: { ts: "1" }, message: { channel: "C0001", ts: "1" } };
  let receipts: sinon.SinonStubbedInstance<ToolReceipts>;
  let work: sinon.SinonStub<unknown[], Promise<Work>>;
  let once: Once;
  let monotonicMs: number;
  beforeEach(() => {
    receipts = sinon.createStubInstance(ToolReceipts);
    receipts.claim.resolves({ state: "mine", first: true, sinceMs: NOW_MS });
    work = sinon.stub<unknown[], Promise<Work>>().resolves(done);
    monotonicMs = 0;
    once = new Once(
      receipts,
      () => NOW_MS,
      () => "claimant-1",
      () => monotonicMs,
    );
  });
  const run = (over: Partial<OnceCall> = {}) => once.run({ ...call, ...over }, deadline, work);
  const claimant = { tool: "post_to_slack", fingerprint: "f", claimant: "claimant-1", nowMs: NOW_MS, requestedAtMs: NOW_MS };

  it("claims, works and settles, in this order", async () => {
    work.callsFake(async () => {
      sinon.assert.calledOnce(receipts.claim);
      sinon.assert.notCalled(receipts.settle);
      return done;
    });
    expect(await run()).to.deep.equal({ result: { ts: "1" }, isRepeat: false });
    sinon.assert.calledOnceWithExactly(receipts.claim, call, claimant, limits, deadline);
    sinon.assert.calledOnceWithExactly(work, { id, sinceMs: undefined, draft: undefined });
    sinon.assert.calledOnceWithExactly(receipts.settle, call, { result: done.result, message: done.message, nowMs: NOW_MS }, deadline);
    sinon.assert.notCalled(receipts.release);
  });

  it("passes the work the time and the stored id of an earlier attempt", async () => {
    receipts.claim.resolves({ state: "mine", first: false, sinceMs: NOW_MS - 1, draft: { canvasId: "F1" } });
    await run();
    sinon.assert.calledOnceWithExactly(work, { id, sinceMs: NOW_MS - 1, draft: { canvasId: "F1" } });
  });

  it("answers a finished call with its first result, and does nothing", async () => {
    receipts.claim.resolves({ state: "done", tool: "post_to_slack", fingerprint: "f", result: { ts: "0" } });
    expect(await run()).to.deep.equal({ result: { ts: "0" }, isRepeat: true });
    sinon.assert.notCalled(work);
    sinon.assert.notCalled(receipts.settle);
  });

  const others = [
    { state: "done", tool: "post_to_slack", fingerprint: "g", result: {} },
    { state: "taken", tool: "post_to_slack", fingerprint: "g", claimant: "other", requestedAtMs: 0 },
  ] as const;
  for (const claim of others) {
    it(`refuses the key of another call, which is ${claim.state}`, async () => {
      receipts.claim.resolves(claim);
      expect(await rejectionOf(run())).to.include({ name: "ToolRefused", rule: "key" });
      sinon.assert.notCalled(work);
    });
  }

  describe("a call that another attempt has claimed", () => {
    const MINUTES_MS = 600_000;
    const take = (requestedAtMs: number | undefined) =>
      receipts.claim.resolves({ state: "taken", tool: "post_to_slack", fingerprint: "f", claimant: "other", requestedAtMs });
    beforeEach(() => receipts.takeOver.resolves({ state: "mine", first: false, sinceMs: NOW_MS - CLAIM_MS }));

    for (const [requestedAtMs, retryAfterMs] of [
      [NOW_MS - CLAIM_MS + 7000, 7000],
      [NOW_MS - CLAIM_MS + 1, 1],
      [NOW_MS + MINUTES_MS, 5000],
      [undefined, 5000],
    ] as const) {
      it(`is busy if that attempt's request arrived at ${requestedAtMs ?? "an unknown time"}`, async () => {
        take(requestedAtMs);
        expect(await rejectionOf(run())).to.include({ name: "ToolBusy", status: "being-done-already", retryAfterMs });
        sinon.assert.notCalled(receipts.takeOver);
        sinon.assert.notCalled(work);
      });
    }

    for (const skewMs of [-MINUTES_MS, MINUTES_MS]) {
      it(`is busy even if this host's clock is ${skewMs / 60_000} minutes off`, async () => {
        take(NOW_MS);
        const skewed = new Once(
          receipts,
          () => NOW_MS + skewMs,
          undefined,
          () => monotonicMs,
        );
        expect(await rejectionOf(skewed.run(call, deadline, work))).to.include({ status: "being-done-already" });
        sinon.assert.notCalled(receipts.takeOver);
      });
    }

    it("is taken over by a request that API Gateway received 40 s later, which looks for the result first", async () => {
      take(NOW_MS - CLAIM_MS);
      await run();
      sinon.assert.calledOnceWithExactly(receipts.takeOver, call, claimant, "other", deadline);
      sinon.assert.calledOnceWithExactly(work, { id, sinceMs: NOW_MS - CLAIM_MS, draft: undefined });
    });

    it("is taken over without a stamp once this process has seen the same claim for 40 s", async () => {
      const unstamped = { requestedAtMs: undefined };
      take(undefined);
      await rejectionOf(run(unstamped));
      monotonicMs += CLAIM_MS - 1;
      await rejectionOf(run(unstamped));
      receipts.claim.resolves({ state: "taken", tool: "post_to_slack", fingerprint: "f", claimant: "third", requestedAtMs: undefined });
      monotonicMs += 1;
      await rejectionOf(run(unstamped));
      sinon.assert.notCalled(receipts.takeOver);
      monotonicMs += CLAIM_MS;
      await run(unstamped);
      sinon.assert.calledOnceWithExactly(receipts.takeOver, { ...call, ...unstamped }, { ...claimant, ...unstamped }, "third", deadline);
    });

    it("is busy if a third attempt took it over first", async () => {
      take(NOW_MS - CLAIM_MS);
      receipts.takeOver.resolves({ state: "taken", tool: "post_to_slack", fingerprint: "f", claimant: "third", requestedAtMs: NOW_MS });
      expect(await rejectionOf(run())).to.include({ status: "being-done-already" });
      sinon.assert.notCalled(work);
    });
  });

  for (const [index, rule, sentence] of [
    [0, "task-limit", "this task has already posted 20 times, which is its limit."],
    [1, "day-limit", "agents have already posted 200 times today, which is their limit."],
  ] as const) {
    it(`refuses calls beyond the ${rule}, and names the limit`, async () => {
      receipts.claim.resolves({ state: "over", limit: limits[index]! });
      expect(await rejectionOf(run())).to.include({ name: "ToolRefused", rule, message: sentence });
      sinon.assert.notCalled(work);
    });
  }

  describe("work that fails", () => {
    const undone = [
      ["a rule refused", new ToolRefused("channel", "not there.")],
      ["Slack refused", new SlackRefused("Slack refuses it.")],
      ["Slack did not take", new SlackBusy("Slack asks to wait 7 s.", { retryAfterSeconds: 7 })],
    ] as const;
    for (const [what, error] of undone) {
      it(`gives the claim back and rethrows what ${what}`, async () => {
        work.rejects(error);
        expect(await rejectionOf(run())).to.equal(error);
        sinon.assert.calledOnceWithExactly(receipts.release, call, "claimant-1", deadline);
        sinon.assert.notCalled(receipts.settle);
      });
    }

    it("keeps the claim if Slack did not answer", async () => {
      const error = new SlackBusy("Slack did not answer.");
      work.rejects(error);
      const thrown = await rejectionOf(run());
      expect(thrown).to.be.instanceOf(ToolBusy).and.include({ status: "waiting-for-slack", retryAfterMs: CLAIM_MS, cause: error });
      sinon.assert.notCalled(receipts.release);
    });

    it("keeps the claim after any other failure, since the work may be done", async () => {
      const error = new Error("the process is tired");
      work.rejects(error);
      expect(await rejectionOf(run())).to.equal(error);
      sinon.assert.notCalled(receipts.release);
      sinon.assert.notCalled(receipts.settle);
    });
  });
});
