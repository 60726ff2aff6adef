import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { serializeClaimId } from "#core/dibs/claim-id";
import { buildHash } from "#core/ids";
import { Dibs } from "#functions/dibs/dibs";
import type { Caller } from "#functions/gateway/caller";
import { DibsTools } from "#functions/gateway/dibs-tools";
import { claimOf, NOW_MS, queueOf } from "../../core/dibs/queues";
import { buildTask } from "./tasks";

describe("dibs tools", () => {
  const deadline = new Deadline(5000);
  const task = buildTask();
  const caller: Caller = { task, partition: task.id, key: "step-0001" };
  const maker = `agent/${task.id}`;
  const id = buildHash("agent", task.id, "staging", "step-0001");
  const claimId = serializeClaimId({ team: "T0001", name: "staging", id });
  const own = claimOf("U0001", { id, maker });
  let dibs: sinon.SinonStubbedInstance<Dibs>;
  let tools: DibsTools;
  beforeEach(() => {
    dibs = sinon.createStubInstance(Dibs);
    dibs.isApproveOnly.resolves(false);
    tools = new DibsTools(dibs, { teamId: "T0009", dibsDefault: 3600 });
  });
  const refusalOf = async (called: Promise<unknown>): Promise<string> => {
    const error = await rejectionOf(called);
    expect(error).to.include({ name: "ToolRefused", rule: "dibs" });
    return (error as Error).message;
  };

  describe("claim", () => {
    const join = (queue = queueOf(own)) => dibs.claim.resolves({ is: "in", claim: own, queue, isNew: true, isFirst: true });
    const claim = (args: { resource?: string; for?: string; reason?: string } = {}, by = caller) =>
      tools.claim({ resource: "Staging", ...args }, by, deadline);

    it("claims in the requester's name, for the default time", async () => {
      join();
      expect(await claim()).to.deep.equal({
        claimId,
        status: "holding",
        leaseId: own.leaseId,
        fencing: 1,
        expiresAt: new Date(NOW_MS + 3_600_000).toISOString(),
      });
      const request = { team: "T0001", name: "staging", id, owner: "U0001", isPersonal: false, maker, forSeconds: 3600 };
      sinon.assert.calledOnceWithExactly(dibs.claim, { ...request, reason: undefined }, false, deadline);
      sinon.assert.calledOnceWithExactly(dibs.isApproveOnly, "T0001", deadline);
    });

    it("makes one claim per key", async () => {
      join();
      await claim();
      await claim();
      dibs.findStatus.resolves({ is: "waiting", claim: own, queue: queueOf(own), position: 1 });
      await claim({}, { ...caller, key: "step-0002" });
      const [first, second, third] = dibs.claim.args.map(([request]) => request.id);
      expect([first, second]).to.deep.equal([id, id]);
      expect(third).not.to.equal(id);
    });

    it("uses the given time and reason, and returns the place in line", async () => {
      join(queueOf(claimOf("U0002"), own));
      expect(await claim({ for: "2h", reason: "deploy" })).to.deep.equal({ claimId, status: "waiting", position: 1 });
      expect(dibs.claim.firstCall.args[0]).to.include({ forSeconds: 7200, reason: "deploy" });
    });

    it("belongs to the agent, in the configured team, without a task", async () => {
      join();
      dibs.findStatus.resolves({ is: "waiting", claim: own, queue: queueOf(own), position: 1 });
      await claim({}, { task: undefined, partition: "gateway", key: "k" });
      expect(dibs.claim.firstCall.args[0]).to.include({ team: "T0009", owner: "agent", maker: "agent/gateway" });
    });

    it("returns the status of an earlier claim that has left its queue", async () => {
      dibs.claim.resolves({ is: "over", queue: queueOf() });
      dibs.findStatus.resolves({ is: "ended", ended: { claim: own, how: "expired", endedAtMs: NOW_MS } });
      expect(await claim()).to.deep.equal({ claimId, status: "expired", endedAt: new Date(NOW_MS).toISOString() });
      sinon.assert.calledOnceWithExactly(dibs.findStatus, { team: "T0001", name: "staging", id }, deadline);
    });

    it("refuses a claim that ended too long ago, a full queue and an unknown resource", async () => {
      dibs.claim.resolves({ is: "over", queue: queueOf() });
      dibs.findStatus.resolves(undefined);
      expect(await refusalOf(claim())).to.equal("the claim has ended.");
      dibs.claim.resolves({ is: "full" });
      expect(await refusalOf(claim())).to.equal("the queue for staging is full.");
      dibs.isApproveOnly.resolves(true);
      dibs.claim.resolves({ is: "unapproved" });
      expect(await refusalOf(claim())).to.equal("there is no staging, and only an admin may add one.");
      expect(dibs.claim.lastCall.args[1]).to.equal(true);
    });

    it("quotes an invalid name or time, and claims nothing", async () => {
      expect(await refusalOf(claim({ resource: "@ann" }))).to.contain('"@ann"');
      expect(await refusalOf(claim({ for: "soon" }))).to.contain('"soon"');
      sinon.assert.notCalled(dibs.claim);
    });
  });

  describe("release", () => {
    const release = (args: { claimId?: string } = {}) => tools.release({ resource: "staging", ...args }, caller, deadline);
    const move = { do: "release", whose: { claimId: id }, leaseId: undefined } as const;

    it("releases the task's only claim, or the named one", async () => {
      const queue = queueOf(own, claimOf("U0002"));
      dibs.look.resolves(queue);
      dibs.move.resolves({ queue, outcome: { is: "released", owner: "U0001", held: true } });
      expect(await release()).to.deep.equal({ released: true });
      expect(await release({ claimId })).to.deep.equal({ released: true });
      sinon.assert.calledTwice(dibs.move);
      sinon.assert.alwaysCalledWithExactly(dibs.move, queue, move, deadline, { known: queue });
    });

    it("returns false if the claim has ended in the meantime", async () => {
      const queue = queueOf(own);
      dibs.look.resolves(queue);
      dibs.move.resolves({ queue, outcome: { is: "refused", why: "absent" } });
      expect(await release()).to.deep.equal({ released: false });
    });

    it("never releases other claims, by any id", async () => {
      const others = claimOf("U0002", { id: "another-claim-16" });
      dibs.look.resolves(queueOf(others));
      expect(await release()).to.deep.equal({ released: false });
      const named = serializeClaimId({ team: "T0001", name: "staging", id: others.id });
      expect(await release({ claimId: named })).to.deep.equal({ released: false });
      sinon.assert.notCalled(dibs.move);
    });

    it("asks which claim to release if there are several", async () => {
      dibs.look.resolves(queueOf(own, { ...own, id: "another" }));
      expect(await refusalOf(release())).to.contain("several claims of staging");
      sinon.assert.notCalled(dibs.move);
    });

    it("refuses an unknown resource, and quotes an invalid claim id or another team's", async () => {
      dibs.look.resolves(undefined);
      expect(await refusalOf(release())).to.equal("there is no staging.");
      expect(await refusalOf(release({ claimId: "y" }))).to.equal('"y" is not a claim.');
      const foreign = serializeClaimId({ team: "T0002", name: "staging", id });
      expect(await refusalOf(release({ claimId: foreign }))).to.match(/^".*" is not a claim\.$/);
    });
  });
});
