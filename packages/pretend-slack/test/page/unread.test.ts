import { expect } from "chai";
import { addUnread, clearUnread, type Unread, unreadIn, unreadOf } from "../../page/unread";
import type { Channel } from "../../src/protocol";

const people = ["U0001", "U0002", "U0003"];
const channel = (id: string, members: string[]): Channel => ({ id, kind: "channel", name: id, topic: "", createdSeconds: 0, members });
const channels = [channel("C0001", people), channel("C0002", people), channel("G0001", ["U0001", "U0003"])];

describe("unread messages", () => {
  const post = (unread: Unread, to: string, more: { author?: string; visibleTo?: string } = {}) =>
    addUnread(unread, { channel: to, author: "U0001", ...more }, people, { user: "U0002", channel: "C0001" });
  const totals = (unread: Unread) => people.map(user => unreadOf(unread, user, channels));

  it("are counted for everybody but the author and the one who looks at the channel", () => {
    expect(totals(post(new Map(), "C0001"))).to.deep.equal([0, 0, 1]);
    expect(totals(post(post(new Map(), "C0002"), "C0002", { author: "UBOT01" }))).to.deep.equal([1, 2, 2]);
  });

  it("are counted for members only, and for the only person who sees them", () => {
    expect(totals(post(new Map(), "G0001", { author: "U0003" }))).to.deep.equal([1, 0, 0]);
    expect(totals(post(new Map(), "C0002", { author: "UBOT01", visibleTo: "U0003" }))).to.deep.equal([0, 0, 1]);
  });

  it("are gone once the person looks", () => {
    const unread = clearUnread(post(new Map(), "C0002"), { user: "U0003", channel: "C0002" });
    expect(unreadIn(unread, { user: "U0003", channel: "C0002" })).to.equal(0);
    expect(unreadIn(unread, { user: "U0002", channel: "C0002" })).to.equal(1);
  });
});
