import { expect } from "chai";
import { type Move, move } from "#core/dibs-moves";
import {
  buildQueue,
  type Claim,
  computeDueMs,
  estimateStartMs,
  findTurn,
  isPerson,
  join,
  MAX_CLAIMS,
  type Queue,
  settle,
  takenKeys,
} from "#core/dibs-queue";

const NOW_MS = 1_763_805_600_000;
const MINUTE_MS = 60_000;

let ids = 0;
const at = (minutes = 0) => ({
  nowMs: NOW_MS + minutes * MINUTE_MS,
  newId: () => {
    ids += 1;
    return `id-${ids}`;
  },
});

const claimOf = (owner: string, over: Partial<Claim> = {}): Claim => ({
  id: `claim of ${owner}`,
  owner,
  isPersonal: true,
  maker: owner,
  joinedAtMs: NOW_MS,
  forSeconds: 3600,
  leaseId: `lease of ${owner}`,
  ...over,
});

const queueOf = (...claims: Claim[]): Queue => claims.reduce(join, buildQueue("T0001", "staging"));
const ownersOf = ({ claims }: Queue) => claims.map(({ owner }) => owner);
const newsOf = ({ outbox }: Queue) =>
  Object.values(outbox).flatMap(entry => (entry.kind === "news" ? [`${entry.news} ${entry.user}`] : []));
const endingsOf = ({ outbox }: Queue) =>
  Object.values(outbox).flatMap(entry => (entry.kind === "ended" ? [`${entry.ended.claim.owner} ${entry.ended.how}`] : []));

describe("dibs-queue", () => {
  const two = () => queueOf(claimOf("U0001"), claimOf("U0002"));

  it("the first to join holds from the moment it joined", () => {
    expect(findTurn(two())).to.deep.include({ sinceMs: NOW_MS, expiresAtMs: NOW_MS + 60 * MINUTE_MS, fencing: 1 });
  });

  it("is left as it is while nothing is due", () => {
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

    it("gives no turn to a wish for a time of day that has passed", () => {
      const queue = settle(queueOf(claimOf("U0001"), claimOf("U0002", { untilMs: at(30).nowMs }), claimOf("U0003")), at(60));
      expect(ownersOf(queue)).to.deep.equal(["U0003"]);
      expect(newsOf(queue)).to.have.members(["expired U0001", "missed U0002", "turn U0003"]);
    });

    it("ends at the time of day that was asked for, however late the turn began", () => {
      const queue = settle(queueOf(claimOf("U0001"), claimOf("U0002", { untilMs: at(75).nowMs })), at(60));
      expect(findTurn(queue)?.expiresAtMs).to.equal(at(75).nowMs);
    });

    it("drops those whose heartbeats stopped, and gives none of them a turn", () => {
      const dead = { deadAfterSeconds: 60 };
      const queue = settle(queueOf(claimOf("ci 1", dead), claimOf("ci 2", dead), claimOf("U0003")), at(1));
      expect(ownersOf(queue)).to.deep.equal(["U0003"]);
      expect(findTurn(queue)?.fencing).to.equal(2);
      expect(endingsOf(queue)).to.have.members(["ci 1 dead", "ci 2 dead"]);
    });

    it("tells watchers when nobody holds it, once", () => {
      const watched = move(queueOf(claimOf("U0001")), at(), { do: "watch", user: "U0002" }).queue;
      const free = settle(watched, at(60));
      expect(newsOf(free)).to.have.members(["free U0002", "expired U0001"]);
      expect(free.watchers).to.deep.equal([]);
    });
  });

  describe("due", () => {
    it("is what comes first", () => {
      expect(computeDueMs(buildQueue("T0001", "x"))).to.equal(undefined);
      expect(computeDueMs(two())).to.equal(at(50).nowMs);
      expect(computeDueMs(queueOf(claimOf("ci 1")))).to.equal(at(60).nowMs);
      expect(computeDueMs(queueOf(claimOf("U0001"), claimOf("ci 1", { deadAfterSeconds: 120 })))).to.equal(at(2).nowMs);
      expect(computeDueMs(settle(two(), at(60)))).to.equal(at(60).nowMs + 10_000);
    });
  });

  it("estimates the wait by what everybody before may use", () => {
    const queue = queueOf(claimOf("U0001"), claimOf("U0002", { forSeconds: 1800 }), claimOf("U0003"));
    expect(estimateStartMs(queue, "claim of U0002", NOW_MS)).to.equal(at(60).nowMs);
    expect(estimateStartMs(queue, "claim of U0003", NOW_MS)).to.equal(at(90).nowMs);
  });

  it("tells people from pipelines", () => {
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

  it("remembers a claim's key for a while after it has ended, but lets its person come again", () => {
    const { queue } = move(two(), at(), { do: "release", whose: { owner: "U0001" } });
    expect(takenKeys({ ...queue, outbox: {} })).to.have.members(["claim of U0001", "claim of U0002", "person#U0002"]);
    const later = move({ ...queue, outbox: {} }, at(6), { do: "watch", user: "U0003" }).queue;
    expect(takenKeys(later)).to.have.members(["claim of U0002", "person#U0002"]);
  });
});

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
    ["kicking who is not there", three, { do: "kick", owner: "U0009", by: "U0001" }, "absent"],
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

  it("lets the next go first, and keeps what is left of the turn", () => {
    const { queue } = move(three(), at(20), { do: "bump", owner: "U0001" });
    expect(ownersOf(queue)).to.deep.equal(["U0002", "U0001", "U0003"]);
    expect(findTurn(queue)).to.deep.include({ fencing: 2, expiresAtMs: at(80).nowMs });
    expect(queue.claims[1]).to.include({ forSeconds: 2400 });
  });

  it("lets somebody go first in line, and tells those who wait longer", () => {
    const jumper = claimOf("U0003", { id: "other", reason: "production is down" });
    const { queue, outcome } = move(three(), at(), { do: "jump", claim: jumper });
    expect(ownersOf(queue)).to.deep.equal(["U0001", "U0003", "U0002"]);
    expect(queue.claims[1]?.id).to.equal("claim of U0003");
    expect([outcome, newsOf(queue)]).to.deep.equal([{ is: "jumped", overtaken: 1 }, ["overtaken U0002"]]);
  });

  it("lets nobody jump into a full queue", () => {
    const full = queueOf(...Array.from({ length: MAX_CLAIMS }, (_, index) => claimOf(`ci ${index}`)));
    expect(move(full, at(), { do: "jump", claim: claimOf("U0009") }).outcome).to.include({ why: "full" });
  });

  it("takes all of somebody's claims, and gives none of them a turn", () => {
    const queue = queueOf(claimOf("ci 1"), claimOf("ci 1", { id: "second" }), claimOf("U0002"));
    const kicked = move(queue, at(), { do: "kick", owner: "ci 1", by: "U0001" }).queue;
    expect(ownersOf(kicked)).to.deep.equal(["U0002"]);
    expect(findTurn(kicked)?.fencing).to.equal(2);
    expect(endingsOf(kicked)).to.deep.equal(["ci 1 kicked", "ci 1 kicked"]);
  });

  it("does a move under a key once, and answers its repetition alike", () => {
    const asked: Move = { do: "extend", owner: "U0001", byMs: MINUTE_MS };
    const once = move(three(), at(), asked, "request");
    const twice = move(once.queue, at(1), asked, "request");
    expect(twice).to.deep.equal({ queue: once.queue, outcome: once.outcome });
  });

  it("extends to the end that a button asked for, however often it is pressed", () => {
    const press: Move = { do: "extend", owner: "U0001", byMs: 60 * MINUTE_MS, fencing: 1, fromMs: at(60).nowMs };
    const once = move(three(), at(), press, "first");
    expect(move(once.queue, at(), press, "second")).to.deep.equal({
      queue: once.queue,
      outcome: { is: "extended", expiresAtMs: at(120).nowMs },
    });
  });
});
