import { expect } from "chai";
import { type Move, move } from "#core/dibs/moves";
import { findTurn, MAX_CLAIMS, type Queue } from "#core/dibs/queue";
import { at, claimOf, endingsOf, MINUTE_MS, newsOf, ownersOf, queueOf } from "./queues";

describe("dibs-moves", () => {
  const three = () => queueOf(claimOf("U0001"), claimOf("U0002"), claimOf("U0003"));
  const refused: [title: string, queue: () => Queue, asked: Move, why: string][] = [
    ["releasing what another holds", three, { do: "release", whose: { owner: "U0009" } }, "absent"],
    ["releasing with a stale lease", three, { do: "release", whose: { claimId: "claim of U0001" }, leaseId: "old" }, "stale"],
    [
      "releasing a waiting claim with a lease",
      three,
      { do: "release", whose: { claimId: "claim of U0002" }, leaseId: "lease of U0002" },
      "stale",
    ],
    ["releasing an earlier turn", three, { do: "release", whose: { owner: "U0001" }, fencing: 2 }, "stale"],
    ["releasing a turn that is somebody else's", three, { do: "release", whose: { owner: "U0002" }, fencing: 1 }, "waiting"],
    ["extending while waiting", three, { do: "extend", owner: "U0002", byMs: 1 }, "waiting"],
    ["extending what one is not in", three, { do: "extend", owner: "U0009", byMs: 1 }, "absent"],
    ["extending beyond 30 days", three, { do: "extend", owner: "U0001", byMs: 31 * 86_400_000 }, "too-long"],
    ["bumping as the last", three, { do: "bump", owner: "U0003" }, "last"],
    ["bumping what one is not in", three, { do: "bump", owner: "U0009" }, "absent"],
    ["jumping as the holder", three, { do: "jump", claim: claimOf("U0001", { id: "other" }) }, "holding"],
    ["kicking who is not there", three, { do: "kick", owner: "U0009", by: "U0001" }, "owner-absent"],
    ["removing what is in use", three, { do: "remove" }, "in-use"],
  ];
  for (const [title, queue, asked, why] of refused) {
    it(`refuses ${title}, and changes nothing`, () => {
      const before = queue();
      const { queue: after, outcome } = move(before, at(), asked);
      expect(outcome).to.include({ is: "refused", why });
      expect(after).to.equal(before);
    });
  }

  it("swaps a claim with the next one, and keeps the rest of its turn", () => {
    const { queue } = move(three(), at(20), { do: "bump", owner: "U0001" });
    expect(ownersOf(queue)).to.deep.equal(["U0002", "U0001", "U0003"]);
    expect(findTurn(queue)).to.deep.include({ fencing: 2, expiresAtMs: at(80).nowMs });
    expect(queue.claims[1]).to.include({ forSeconds: 2400 });
  });

  it("puts a claim first, and notifies those who wait longer", () => {
    const jumper = claimOf("U0003", { id: "other", reason: "production is down" });
    const { queue, outcome } = move(three(), at(), { do: "jump", claim: jumper });
    expect(ownersOf(queue)).to.deep.equal(["U0001", "U0003", "U0002"]);
    expect(queue.claims[1]?.id).to.equal("claim of U0003");
    expect([outcome, newsOf(queue)]).to.deep.equal([{ is: "jumped", overtaken: 1 }, ["overtaken U0002"]]);
  });

  it("refuses to jump into a full queue", () => {
    const full = queueOf(...Array.from({ length: MAX_CLAIMS }, (_, index) => claimOf(`ci ${index}`)));
    expect(move(full, at(), { do: "jump", claim: claimOf("U0009") }).outcome).to.include({ why: "full" });
  });

  it("removes all claims of an owner, and gives none of them a turn", () => {
    const queue = queueOf(claimOf("ci 1"), claimOf("ci 1", { id: "second" }), claimOf("U0002"));
    const kicked = move(queue, at(), { do: "kick", owner: "ci 1", by: "U0001" }).queue;
    expect(ownersOf(kicked)).to.deep.equal(["U0002"]);
    expect(findTurn(kicked)?.fencing).to.equal(2);
    expect(endingsOf(kicked)).to.deep.equal(["ci 1 kicked", "ci 1 kicked"]);
  });

  it("applies a move once per key, and repeats its outcome", () => {
    const asked: Move = { do: "extend", owner: "U0001", byMs: MINUTE_MS };
    const once = move(three(), at(), asked, "request");
    const twice = move(once.queue, at(1), asked, "request");
    expect(twice).to.deep.equal({ queue: once.queue, outcome: once.outcome });
  });

  it("extends to the end that a button asks for, however often it is pressed", () => {
    const press: Move = { do: "extend", owner: "U0001", byMs: 60 * MINUTE_MS, fencing: 1, fromMs: at(60).nowMs };
    const once = move(three(), at(), press, "first");
    expect(move(once.queue, at(), press, "second")).to.deep.equal({
      queue: once.queue,
      outcome: { is: "extended", expiresAtMs: at(120).nowMs, wasOpen: false },
    });
  });
});
