import { expect } from "chai";
import { move } from "#core/dibs/moves";
import { buildQueue, computeDueMs, estimateStartMs, findTurn, isPerson, settle, takenKeys } from "#core/dibs/queue";
import { at, claimOf, endingsOf, MINUTE_MS, NOW_MS, newsOf, ownersOf, queueOf } from "./queues";

describe("dibs-queue", () => {
  const two = () => queueOf(claimOf("U0001"), claimOf("U0002"));

  it("the first to join holds from the moment it joined", () => {
    expect(findTurn(two())).to.deep.include({ sinceMs: NOW_MS, expiresAtMs: NOW_MS + 60 * MINUTE_MS, fencing: 1 });
  });

  it("does not change while nothing is due", () => {
    const queue = two();
    expect(settle(queue, at(49))).to.equal(queue);
  });

  describe("time", () => {
    it("warns ten minutes before the end, once", () => {
      const warned = settle(two(), at(50));
      expect(newsOf(warned)).to.deep.equal(["warning U0001"]);
      expect(settle(warned, at(51))).to.equal(warned);
    });

    it("warns of a short turn a quarter before its end, and of a very short one not at all", () => {
      expect(newsOf(settle(queueOf(claimOf("U0001", { forSeconds: 1200 })), at(15)))).to.deep.equal(["warning U0001"]);
      expect(newsOf(settle(queueOf(claimOf("U0001", { forSeconds: 300 })), at(4.5)))).to.deep.equal([]);
    });

    it("warns again of a turn that was extended", () => {
      const extended = move(settle(two(), at(50)), at(50), { do: "extend", owner: "U0001", byMs: 60 * MINUTE_MS }).queue;
      expect(newsOf(settle(extended, at(111)))).to.deep.equal(["warning U0001", "warning U0001"]);
    });

    it("ends a turn, and begins the next with another lease and a higher fencing number", () => {
      const queue = settle(two(), at(60));
      expect(ownersOf(queue)).to.deep.equal(["U0002"]);
      expect(findTurn(queue)).to.deep.include({ sinceMs: at(60).nowMs, expiresAtMs: at(120).nowMs, fencing: 2 });
      expect(queue.claims[0]?.leaseId).not.to.equal("lease of U0002");
      expect(newsOf(queue)).to.have.members(["expired U0001", "turn U0002"]);
      expect(endingsOf(queue)).to.deep.equal(["U0001 expired"]);
    });

    it("gives no turn to a claim whose time of day has passed", () => {
      const queue = settle(queueOf(claimOf("U0001"), claimOf("U0002", { untilMs: at(30).nowMs }), claimOf("U0003")), at(60));
      expect(ownersOf(queue)).to.deep.equal(["U0003"]);
      expect(newsOf(queue)).to.have.members(["expired U0001", "missed U0002", "turn U0003"]);
    });

    it("ends at the time of day that was asked for, however late the turn began", () => {
      const queue = settle(queueOf(claimOf("U0001"), claimOf("U0002", { untilMs: at(75).nowMs })), at(60));
      expect(findTurn(queue)?.expiresAtMs).to.equal(at(75).nowMs);
    });

    it("drops claims without heartbeats, and gives none of them a turn", () => {
      const dead = { deadAfterSeconds: 60 };
      const queue = settle(queueOf(claimOf("ci 1", dead), claimOf("ci 2", dead), claimOf("U0003")), at(1));
      expect(ownersOf(queue)).to.deep.equal(["U0003"]);
      expect(findTurn(queue)?.fencing).to.equal(2);
      expect(endingsOf(queue)).to.have.members(["ci 1 dead", "ci 2 dead"]);
    });

    it("notifies watchers once when the resource is free", () => {
      const watched = move(queueOf(claimOf("U0001")), at(), { do: "watch", user: "U0002" }).queue;
      const free = settle(watched, at(60));
      expect(newsOf(free)).to.have.members(["free U0002", "expired U0001"]);
      expect(free.watchers).to.deep.equal([]);
    });
  });

  describe("due", () => {
    it("is the earliest of all times", () => {
      expect(computeDueMs(buildQueue("T0001", "x"))).to.equal(undefined);
      expect(computeDueMs(two())).to.equal(at(50).nowMs);
      expect(computeDueMs(queueOf(claimOf("ci 1")))).to.equal(at(60).nowMs);
      expect(computeDueMs(queueOf(claimOf("U0001"), claimOf("ci 1", { deadAfterSeconds: 120 })))).to.equal(at(2).nowMs);
      expect(computeDueMs(settle(two(), at(60)))).to.equal(at(60).nowMs + 10_000);
    });
  });

  it("estimates the wait from the full turns of the claims before", () => {
    const queue = queueOf(claimOf("U0001"), claimOf("U0002", { forSeconds: 1800 }), claimOf("U0003"));
    expect(estimateStartMs(queue, "claim of U0002", NOW_MS)).to.equal(at(60).nowMs);
    expect(estimateStartMs(queue, "claim of U0003", NOW_MS)).to.equal(at(90).nowMs);
  });

  it("distinguishes people from pipelines", () => {
    expect(["U0001", "W012A3CDE", "USLACKBOT", "UPDATE", "ci 7", "u0001", "U1"].map(isPerson)).to.deep.equal([
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  it("keeps the key of an ended claim for a while, but lets its owner claim again", () => {
    const { queue } = move(two(), at(), { do: "release", whose: { owner: "U0001" } });
    expect(takenKeys({ ...queue, outbox: {} })).to.have.members(["claim of U0001", "claim of U0002", "person#U0002"]);
    const later = move({ ...queue, outbox: {} }, at(6), { do: "watch", user: "U0003" }).queue;
    expect(takenKeys(later)).to.have.members(["claim of U0002", "person#U0002"]);
  });
});
