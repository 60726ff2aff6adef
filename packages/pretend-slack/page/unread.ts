import type { Channel } from "../src/protocol";

/** A message that was posted. */
interface Post {
  channel: string;
  author: string;
  /** The only person who sees it. */
  visibleTo?: string;
}

/** Who looks at which channel. */
interface Look {
  user: string;
  channel: string;
}

/** Numbers of messages that a person has not seen, by person and channel. */
type Unread = ReadonlyMap<string, number>;

const keyOf = ({ user, channel }: Look) => `${user} ${channel}`;

/** Counts a message for everybody but its author and the one who looks. Who is a member is decided when the numbers are shown. */
const addUnread = (unread: Unread, { channel, author, visibleTo }: Post, people: string[], look: Look): Unread => {
  const counts = new Map(unread);
  const readers = people.filter(user => user !== author && (visibleTo === undefined || visibleTo === user));
  for (const user of readers) {
    const key = keyOf({ user, channel });
    if (key !== keyOf(look)) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
};

const clearUnread = (unread: Unread, look: Look): Unread => new Map([...unread].filter(([key]) => key !== keyOf(look)));

const unreadIn = (unread: Unread, look: Look): number => unread.get(keyOf(look)) ?? 0;

/** The number in all conversations of one person. */
const unreadOf = (unread: Unread, user: string, channels: Channel[]): number =>
  channels
    .filter(({ members }) => members.includes(user))
    .map(({ id }) => unreadIn(unread, { user, channel: id }))
    .reduce((sum, count) => sum + count, 0);

export type { Unread };
export { addUnread, clearUnread, unreadIn, unreadOf };
