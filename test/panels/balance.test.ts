import type { Items } from "@slack-fanout/laptop-cloud/protocol";
import { expect } from "chai";
import { compareCounts } from "../../panels/balance";

const table = (items: Record<string, unknown>[], more: Partial<Items> = {}): Items => ({
  name: "table",
  table: "table-1",
  keys: [],
  sortedBy: null,
  items,
  count: items.length,
  hasMore: false,
  ...more,
});
const words = (counts: Record<string, number>) => table(Object.entries(counts).map(([word, count]) => ({ word, count })));
const accepted = (id: string, tokens: Record<string, number>) => ({
  event_id: id,
  envelope: JSON.stringify({ data: { channel: "C0001", tokens } }),
});
const multiplied = (id: string) => ({ event_id: `${id}#multiplier` });

describe("comparison of counts", () => {
  it("finds no difference when every token was counted and multiplied once per occurrence", () => {
    const result = compareCounts(
      words({ some: 22, words: 11, alone: 1 }),
      table([accepted("a", { some: 2, words: 1 }), multiplied("a"), accepted("b", { alone: 1 }), { event_id: "Ev1" }]),
    );
    expect(result).to.deep.equal({
      accepted: 2,
      multiplied: 1,
      said: 4,
      counted: 34,
      differing: [],
      incomparable: undefined,
    });
  });

  it("expects private words under their conversation", () => {
    const envelope = JSON.stringify({ data: { channel: "G0001", private: true, tokens: { "#plan": 1 } } });
    const seen = table([accepted("a", { "#plan": 1 }), multiplied("a"), { event_id: "b", envelope }, multiplied("b")]);
    expect(compareCounts(words({ "#plan": 11, "G0001##plan": 11 }), seen).differing).to.deep.equal([]);
    expect(compareCounts(words({ "#plan": 22 }), seen).differing).to.have.members(["#plan", "G0001##plan"]);
  });

  it("finds tokens that were counted twice or not at all", () => {
    const seen = table([accepted("a", { one: 1, two: 1, three: 1 }), multiplied("a")]);
    expect(compareCounts(words({ one: 11, two: 22, three: 0 }), seen).differing).to.deep.equal(["two", "three"]);
    expect(
      compareCounts(words({ one: 1, two: 2, three: 1 }), table([accepted("a", { one: 1, two: 1, three: 1 })])).differing,
    ).to.deep.equal(["two"]);
  });

  it("does not compare incomplete data", () => {
    const seen = [accepted("a", { one: 1 }), multiplied("a")];
    const obstacle = (words: Items, seen: Items) => compareCounts(words, seen).incomparable;
    expect(obstacle(words({ one: 11 }), table([multiplied("a")]))).to.equal("messages have expired since they were counted");
    expect(obstacle(words({ one: 11 }), table(seen, { count: 9000 }))).to.equal("the tables are too large");
    expect(obstacle(words({ one: 11 }), table([{ event_id: "a", envelope: '{"data":{}}' }]))).to.equal(
      "a message is too long to keep its tokens",
    );
  });
});
