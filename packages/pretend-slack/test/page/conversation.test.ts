import { expect } from "chai";
import { type Conversation, mergeEarlier, mergeLatest, mergeOne, rangeToRead, splitThreads, timestampAfter } from "../../page/conversation";
import type { ShownMessage } from "../../src/protocol";

const message = (second: number, more: Partial<ShownMessage> = {}): ShownMessage => ({
  ts: `${1000 + second}.000000`,
  text: `message ${second}`,
  ephemeral: false,
  deliveries: [],
  trace: "1-a",
  ...more,
});
const pageOf = (from: number, to: number, hasMore = from > 0): Conversation => ({
  messages: Array.from({ length: to - from }, (_, index) => message(from + index)),
  hasMore,
});
const secondsOf = ({ messages }: Conversation) => messages.map(({ ts }) => Number(ts) - 1000);

describe("conversation", () => {
  it("keeps earlier messages when the latest are read again", () => {
    const merged = mergeLatest(pageOf(0, 4), pageOf(2, 6));
    expect(secondsOf(merged)).to.deep.equal([0, 1, 2, 3, 4, 5]);
    expect(merged.hasMore).to.equal(false);
  });

  it("keeps the object of an unchanged message, and replaces a changed one", () => {
    const known = pageOf(0, 2);
    const read = pageOf(0, 2);
    read.messages[1] = { ...read.messages[1]!, text: "edited" };
    const merged = mergeLatest(known, read);
    expect(merged.messages[0]).to.equal(known.messages[0]);
    expect(merged.messages[1]!.text).to.equal("edited");
  });

  it("removes a deleted message", () => {
    const read = pageOf(0, 4, false);
    read.messages.splice(1, 1);
    expect(secondsOf(mergeLatest(pageOf(0, 4), read))).to.deep.equal([0, 2, 3]);
  });

  it("drops earlier messages where there would be a gap", () => {
    const merged = mergeLatest(pageOf(0, 4), pageOf(200, 202));
    expect(secondsOf(merged)).to.deep.equal([200, 201]);
    expect(merged.hasMore).to.equal(true);
  });

  it("adds earlier pages until there are no more", () => {
    const merged = mergeEarlier(pageOf(2, 4), pageOf(0, 2, false));
    expect(secondsOf(merged)).to.deep.equal([0, 1, 2, 3]);
    expect(merged.hasMore).to.equal(false);
  });

  it("replaces or removes one message", () => {
    const known = pageOf(0, 3);
    expect(mergeOne(known, message(1).ts, message(1, { text: "edited" })).messages[1]!.text).to.equal("edited");
    expect(secondsOf(mergeOne(known, message(1).ts, undefined))).to.deep.equal([0, 2]);
  });

  it("splits replies off, except where their first message is not loaded or they went to the channel too", () => {
    const root = message(0);
    const { main, replies } = splitThreads([
      root,
      message(1),
      message(2, { thread_ts: root.ts }),
      message(3, { thread_ts: "1.000000" }),
      message(4, { thread_ts: root.ts, subtype: "thread_broadcast" }),
    ]);
    expect(secondsOf({ messages: main, hasMore: false })).to.deep.equal([0, 1, 3, 4]);
    expect(secondsOf({ messages: replies.get(root.ts)!, hasMore: false })).to.deep.equal([2, 4]);
    expect(secondsOf({ messages: replies.get("1.000000")!, hasMore: false })).to.deep.equal([3]);
  });

  it("computes the next timestamp", () => {
    expect(timestampAfter("1763805600.000200")).to.equal("1763805600.000201");
    expect(timestampAfter("1763805600.999999")).to.equal("1763805601.000000");
  });

  describe("range to read", () => {
    const tsOf = (second: number) => message(second).ts;
    const cases: [string, Conversation, number[], { from: number; to: number } | undefined][] = [
      ["a new message", pageOf(0, 10), [10], { from: 9, to: 11 }],
      ["two new messages", pageOf(0, 10), [11, 10], { from: 9, to: 12 }],
      ["a changed message and those after it", pageOf(0, 10), [7], { from: 6, to: 10 }],
      ["a changed message and a new one", pageOf(0, 10), [8, 10], { from: 7, to: 11 }],
      ["the first message", pageOf(0, 10), [0], { from: -1, to: 10 }],
      ["more messages than the limit", pageOf(0, 30), [3], undefined],
      ["no loaded messages", pageOf(0, 0), [0], undefined],
      ["no changes", pageOf(0, 10), [], undefined],
    ];
    for (const [title, known, changed, expected] of cases)
      it(`for ${title}`, () => {
        const range = rangeToRead(known, new Set(changed.map(tsOf)), 20);
        const wanted = expected && { count: expected.to - expected.from, before: timestampAfter(tsOf(expected.to - 1)) };
        expect(range).to.deep.equal(wanted);
      });

    it("joins the loaded messages without a gap", () => {
      const known = pageOf(0, 10);
      const { count } = rangeToRead(known, new Set([tsOf(10), tsOf(4)]), 20)!;
      expect(secondsOf(mergeLatest(known, pageOf(11 - count, 11)))).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    });
  });
});
