import { expect } from "chai";
import { type Conversation, mergeEarlier, mergeLatest, mergeOne, threaded, timestampAfter } from "../../web/conversation";
import type { Message } from "../../web/slack";

const message = (second: number, more: Partial<Message> = {}): Message => ({
  ts: `${1000 + second}.000000`,
  text: `message ${second}`,
  ephemeral: false,
  deliveries: [],
  trace: "1-a",
  ...more,
});
const reading = (from: number, to: number, hasMore = from > 0): Conversation => ({
  messages: Array.from({ length: to - from }, (_, index) => message(from + index)),
  hasMore,
});
const secondsOf = ({ messages }: Conversation) => messages.map(({ ts }) => Number(ts) - 1000);

describe("conversation", () => {
  it("keeps what was loaded before the latest messages", () => {
    const merged = mergeLatest(reading(0, 4), reading(2, 6));
    expect(secondsOf(merged)).to.deep.equal([0, 1, 2, 3, 4, 5]);
    expect(merged.hasMore).to.equal(false);
  });

  it("keeps a message that did not change the same object, and takes one that did", () => {
    const known = reading(0, 2);
    const read = reading(0, 2);
    read.messages[1] = { ...read.messages[1]!, text: "edited" };
    const merged = mergeLatest(known, read);
    expect(merged.messages[0]).to.equal(known.messages[0]);
    expect(merged.messages[1]!.text).to.equal("edited");
  });

  it("lets a removed message go", () => {
    const read = reading(0, 4, false);
    read.messages.splice(1, 1);
    expect(secondsOf(mergeLatest(reading(0, 4), read))).to.deep.equal([0, 2, 3]);
  });

  it("forgets the earlier ones rather than showing a gap", () => {
    const merged = mergeLatest(reading(0, 4), reading(200, 202));
    expect(secondsOf(merged)).to.deep.equal([200, 201]);
    expect(merged.hasMore).to.equal(true);
  });

  it("takes earlier pages in front, and knows when there are none left", () => {
    const merged = mergeEarlier(reading(2, 4), reading(0, 2, false));
    expect(secondsOf(merged)).to.deep.equal([0, 1, 2, 3]);
    expect(merged.hasMore).to.equal(false);
  });

  it("takes one message anew, or without it", () => {
    const known = reading(0, 3);
    expect(mergeOne(known, message(1).ts, message(1, { text: "edited" })).messages[1]!.text).to.equal("edited");
    expect(secondsOf(mergeOne(known, message(1).ts, undefined))).to.deep.equal([0, 2]);
  });

  it("shows replies below what they reply to, and those to something unknown where they were said", () => {
    const parent = message(0);
    const messages = [
      parent,
      message(1),
      message(2, { thread_ts: parent.ts }),
      message(3, { thread_ts: "1.000000" }),
      message(4, { thread_ts: parent.ts }),
    ];
    expect(secondsOf({ messages: threaded(messages), hasMore: false })).to.deep.equal([0, 2, 4, 1, 3]);
  });

  it("finds the timestamp right after another", () => {
    expect(timestampAfter("1763805600.000200")).to.equal("1763805600.000201");
    expect(timestampAfter("1763805600.999999")).to.equal("1763805601.000000");
  });
});
