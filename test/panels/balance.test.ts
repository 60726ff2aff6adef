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

type Tokens = Record<string, number>;

const accepted = (ts: string, tokens: Tokens, channel = "C0001") => {
  const data = { team: "T0001", channel, ts, private: channel === "G0001", tokens };
  return { event_id: `T0001-${channel}-${ts}-webhook`, envelope: JSON.stringify({ type: "slack.message", data }) };
};
const version =
  (effect: string, times: number) =>
  (ts: string, tokens: Tokens, channel = "C0001") => ({
    event_id: `T0001-${channel}-${ts}#${effect}`,
    version: "0",
    counts: JSON.stringify(Object.entries(tokens)),
    private: channel === "G0001",
    times,
  });
const counted = version("counter", 1);
const multiplied = version("multiplier", 10);
const marked = (ts: string) => ({ event_id: `T0001-C0001-${ts}-webhook#multiplier` });

describe("comparison of counts", () => {
  it("finds no difference when every token was counted and multiplied once per occurrence", () => {
    const result = compareCounts(
      words({ some: 22, words: 11, alone: 1 }),
      table([
        ...[accepted("1.1", { some: 2, words: 1 }), counted("1.1", { some: 2, words: 1 }), multiplied("1.1", { some: 2, words: 1 })],
        ...[marked("1.1"), accepted("1.2", { alone: 1 }), counted("1.2", { alone: 1 }), { event_id: "Ev1" }],
      ]),
      false,
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

  it("expects the tokens of the latest version", () => {
    const edit = { event_id: "an-edit", envelope: JSON.stringify({ type: "slack.message_changed", data: {} }) };
    const seen = table([accepted("1.1", { before: 1 }), edit, counted("1.1", { after: 1 }), multiplied("1.1", { after: 1 })]);
    expect(compareCounts(words({ before: 0, after: 11 }), seen, false)).to.deep.include({ accepted: 1, said: 1, differing: [] });
    expect(compareCounts(words({ before: 11 }), seen, false).differing).to.have.members(["before", "after"]);
  });

  it("expects private words under their conversation", () => {
    const [plan, private_] = [{ "#plan": 1 }, "G0001"];
    const seen = table([
      ...[accepted("1.1", plan), counted("1.1", plan), multiplied("1.1", plan)],
      ...[accepted("1.2", plan, private_), counted("1.2", plan, private_), multiplied("1.2", plan, private_)],
    ]);
    expect(compareCounts(words({ "#plan": 11, "G0001##plan": 11 }), seen, false).differing).to.deep.equal([]);
    expect(compareCounts(words({ "#plan": 22 }), seen, false).differing).to.have.members(["#plan", "G0001##plan"]);
  });

  it("expects the words of many workspaces under their workspace", () => {
    const seen = table([
      ...[accepted("1.1", { tea: 1 }), counted("1.1", { tea: 1 })],
      ...[accepted("1.2", { tea: 1 }, "G0001"), counted("1.2", { tea: 1 }, "G0001")],
    ]);
    expect(compareCounts(words({ "T0001#tea": 1, "T0001#G0001#tea": 1 }), seen, true).differing).to.deep.equal([]);
  });

  it("finds tokens that were counted twice or not at all", () => {
    const tokens = { one: 1, two: 1, three: 1 };
    const seen = table([accepted("1.1", tokens), counted("1.1", tokens), multiplied("1.1", tokens)]);
    expect(compareCounts(words({ one: 11, two: 22, three: 0 }), seen, false).differing).to.deep.equal(["two", "three"]);
    expect(compareCounts(words({ one: 1, two: 1 }), table([accepted("1.1", tokens)]), false).differing).to.deep.equal(["three"]);
  });

  it("does not compare incomplete data", () => {
    const obstacle = (seen: Items) => compareCounts(words({ one: 11 }), seen, false).incomparable;
    expect(obstacle(table([marked("1.1")]))).to.equal("an earlier release counted some messages");
    expect(obstacle(table([counted("1.1", { one: 1 })], { count: 9000 }))).to.equal("the tables are too large");
    expect(obstacle(table([{ ...counted("1.1", {}), counts: "deflated" }]))).to.equal("a message is too long to read its tokens");
  });
});
