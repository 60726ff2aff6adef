import { expect } from "chai";
import { buildEntries } from "../../page/entries";
import type { ShownMessage } from "../../src/protocol";

const NOON_SECONDS = new Date(2026, 10, 28, 12).getTime() / 1000;
const DAY_SECONDS = 86_400;

const message = (second: number, more: Partial<ShownMessage> = {}): ShownMessage => ({
  ts: `${NOON_SECONDS + second}.000000`,
  text: "hello",
  user: "U0001",
  ephemeral: false,
  deliveries: [],
  trace: "1-a",
  ...more,
});

describe("entries of a list of messages", () => {
  const cases: [string, ShownMessage[], boolean][] = [
    ["follows one of the same author within five minutes", [message(0), message(299)], true],
    ["does not follow after five minutes", [message(0), message(300)], false],
    ["does not follow somebody else's", [message(0, { user: "U0002" }), message(1)], false],
    ["does not follow one of an app that the author uses", [message(0, { bot_id: "B0001" }), message(1)], false],
    ["does not follow one that only one person sees", [message(0, { ephemeral: true }), message(1)], false],
    ["does not follow a deleted one", [message(0, { subtype: "tombstone" }), message(1)], false],
    ["does not follow one of the day before", [message(DAY_SECONDS / 2 - 1), message(DAY_SECONDS / 2 + 1)], false],
  ];
  for (const [title, messages, isFollowing] of cases)
    it(`${title}`, () => expect(buildEntries(messages, false)[1]!.isFollowing).to.equal(isFollowing));

  it("begin a day with its first message, unless an earlier one may not be loaded yet", () => {
    const messages = [message(0), message(60), message(DAY_SECONDS)];
    const begins = (hasMore: boolean) => buildEntries(messages, hasMore).map(({ beginsDay }) => beginsDay);
    expect(begins(false)).to.deep.equal([true, false, true]);
    expect(begins(true)).to.deep.equal([false, false, true]);
  });
});
