import { expect } from "chai";
import { serializeClaimId } from "#core/dibs/claim-id";
import { buildQueue, findTurn } from "#core/dibs/queue";
import { describeClaim, describePast, describeResource } from "#functions/api/shapes";
import { claimOf, MINUTE_MS, NOW_MS, queueOf } from "../../core/dibs/queues";

const isoAt = (minutes: number) => new Date(NOW_MS + minutes * MINUTE_MS).toISOString();
const idOf = (id: string) => serializeClaimId({ team: "T0001", name: "staging", id });

describe("api shapes", () => {
  describe("a resource", () => {
    it("that is free has no holder and an empty queue", () => {
      expect(describeResource(buildQueue("T0001", "staging"), NOW_MS)).to.deep.equal({ name: "staging", holder: null, queue: [] });
    });

    it("shows its holder, and the queue in order with the latest start of each turn", () => {
      const queue = queueOf(
        claimOf("U0001", { reason: "deploy <1>" }),
        claimOf("ci 7", { joinedAtMs: NOW_MS + MINUTE_MS, forSeconds: 600 }),
        claimOf("U0003", { joinedAtMs: NOW_MS + 2 * MINUTE_MS, reason: "test" }),
      );
      expect(describeResource({ ...queue, passed: 4 }, NOW_MS + 5 * MINUTE_MS)).to.deep.equal({
        name: "staging",
        holder: {
          claimId: idOf("claim of U0001"),
          owner: "U0001",
          since: isoAt(0),
          expiresAt: isoAt(60),
          fencing: 5,
          reason: "deploy <1>",
        },
        queue: [
          { claimId: idOf("claim of ci 7"), owner: "ci 7", position: 1, since: isoAt(1), forSeconds: 600, startsBy: isoAt(60) },
          {
            claimId: idOf("claim of U0003"),
            owner: "U0003",
            position: 2,
            since: isoAt(2),
            forSeconds: 3600,
            startsBy: isoAt(70),
            reason: "test",
          },
        ],
      });
    });

    it("shows no lease", () => {
      const shown = JSON.stringify(describeResource(queueOf(claimOf("U0001"), claimOf("U0002")), NOW_MS));
      expect(shown).to.contain("U0002").and.not.contain("lease");
    });
  });

  describe("a claim", () => {
    const queue = queueOf(claimOf("U0001"), claimOf("ci 7", { maker: "U0002" }));
    const [first, second] = [queue.claims[0]!, queue.claims[1]!];
    const holding = { is: "holding", claim: first, queue, turn: findTurn(queue)! } as const;

    it("that holds the turn shows its lease to its maker only", () => {
      const shown = { claimId: "c", status: "holding", fencing: 1, expiresAt: isoAt(60) };
      expect(describeClaim("c", holding, "U0001")).to.deep.equal({ ...shown, leaseId: "lease of U0001" });
      expect(describeClaim("c", holding, "U0002")).to.deep.equal(shown);
    });

    it("that waits shows its position, and no lease even to its maker", () => {
      const waiting = { is: "waiting", claim: second, queue, position: 1 } as const;
      expect(describeClaim("c", waiting, "U0002")).to.deep.equal({ claimId: "c", status: "waiting", position: 1 });
    });

    for (const how of ["released", "left", "expired", "dead", "kicked"] as const) {
      it(`that ended shows how and when (${how})`, () => {
        const ended = { claim: first, how, endedAtMs: NOW_MS + MINUTE_MS };
        expect(describeClaim("c", { is: "ended", ended }, "U0001")).to.deep.equal({ claimId: "c", status: how, endedAt: isoAt(1) });
      });
    }
  });

  describe("a claim of the past", () => {
    it("that had a turn shows it", () => {
      const ended = { claim: claimOf("U0001"), endedAtMs: NOW_MS + 3 * MINUTE_MS, sinceMs: NOW_MS + MINUTE_MS, fencing: 7 };
      expect(describePast("c", { ...ended, how: "released" })).to.deep.equal({
        claimId: "c",
        owner: "U0001",
        status: "released",
        joinedAt: isoAt(0),
        since: isoAt(1),
        fencing: 7,
        endedAt: isoAt(3),
      });
    });

    it("that never had a turn shows who ended it, and its reason", () => {
      const claim = claimOf("ci 7", { reason: "deploy" });
      expect(describePast("c", { claim, how: "kicked", endedAtMs: NOW_MS, by: "U0009" })).to.deep.equal({
        claimId: "c",
        owner: "ci 7",
        status: "kicked",
        joinedAt: isoAt(0),
        endedAt: isoAt(0),
        by: "U0009",
        reason: "deploy",
      });
    });
  });
});
