import type { ShownMessage } from "../src/protocol";

/** The loaded part of a channel: its latest messages without a gap, sorted by time. */
interface Conversation {
  messages: ShownMessage[];
  /** Whether there are earlier messages. */
  hasMore: boolean;
}

/** The subtype of a message that was sent and is not read back yet. */
const PENDING = "pending";

const EMPTY_CONVERSATION: Conversation = { messages: [], hasMore: false };

/**
 * Merges the latest messages into the loaded ones. Earlier messages stay. An unchanged message stays the same object, so that it is not
 * rendered again.
 */
const mergeLatest = (known: Conversation, read: Conversation): Conversation => {
  const first = read.messages[0]?.ts;
  const last = known.messages.at(-1)?.ts;
  // Messages between the two may be missing, so the older ones are dropped and loaded again on demand.
  const hasGap = first === undefined || last === undefined || (read.hasMore && last < first);
  const earlier = hasGap ? [] : known.messages.filter(({ ts }) => ts < first);
  const before = new Map(known.messages.map(message => [message.ts, message]));
  const latest = read.messages.map(message => keepEqual(before.get(message.ts), message));
  return { messages: [...earlier, ...latest], hasMore: earlier.length > 0 ? known.hasMore : read.hasMore };
};

/** Adds an earlier page of messages. */
const mergeEarlier = (known: Conversation, read: Conversation): Conversation => {
  const first = known.messages[0]?.ts;
  return { messages: [...read.messages.filter(({ ts }) => first === undefined || ts < first), ...known.messages], hasMore: read.hasMore };
};

/** Replaces one message, or removes it where `message` is undefined. */
const mergeOne = (known: Conversation, ts: string, message: ShownMessage | undefined): Conversation => ({
  ...known,
  messages: known.messages.flatMap(each => (each.ts !== ts ? [each] : message === undefined ? [] : [keepEqual(each, message)])),
});

const keepEqual = (before: ShownMessage | undefined, now: ShownMessage): ShownMessage =>
  before !== undefined && JSON.stringify(before) === JSON.stringify(now) ? before : now;

/** The messages of a conversation, and apart from them the replies by the timestamp of their thread's first message. */
interface Threads {
  main: ShownMessage[];
  replies: ReadonlyMap<string, ShownMessage[]>;
}

/** Splits off the replies. Those that also went to the channel stay in it, and so do those whose first message is not loaded. */
const splitThreads = (messages: ShownMessage[]): Threads => {
  const roots = new Set(messages.filter(message => !isReply(message)).map(({ ts }) => ts));
  const replies = new Map<string, ShownMessage[]>();
  const main = messages.filter(message => {
    if (!isReply(message)) return true;
    const root = message.thread_ts!;
    const before = replies.get(root);
    if (before === undefined) replies.set(root, [message]);
    else before.push(message);
    return !roots.has(root) || message.subtype === "thread_broadcast";
  });
  return { main, replies };
};

const isReply = ({ thread_ts, ts }: ShownMessage) => thread_ts !== undefined && thread_ts !== ts;

/** The `count` latest messages before a timestamp. */
interface Range {
  count: number;
  before: string;
}

/**
 * The range to read after messages were added or changed: from the message before the earliest of them to the end, so that it joins the
 * loaded messages. Undefined where that is more than `limit` messages, or nothing is loaded yet.
 */
const rangeToRead = ({ messages }: Conversation, changed: ReadonlySet<string>, limit: number): Range | undefined => {
  const last = messages.at(-1)?.ts;
  if (last === undefined || changed.size === 0) return undefined;
  const sorted = [...changed].sort();
  const [earliest, latest] = [sorted[0]!, sorted.at(-1)!];
  const known = messages.slice(-limit).filter(({ ts }) => ts >= earliest);
  const isKnown = new Set(known.map(({ ts }) => ts));
  const count = known.length + sorted.filter(ts => !isKnown.has(ts)).length + 1;
  // Later messages have events of their own, which arrive soon.
  return count > limit ? undefined : { count, before: timestampAfter(latest > last ? latest : last) };
};

/** The next timestamp. The messages before it include the message with `ts`. */
const timestampAfter = (ts: string): string => {
  const [seconds = "0", micros = "0"] = ts.split(".");
  const next = Number(micros) + 1;
  return next < 1_000_000 ? `${seconds}.${String(next).padStart(6, "0")}` : `${Number(seconds) + 1}.000000`;
};

export type { Conversation, Range, Threads };
export { EMPTY_CONVERSATION, isReply, mergeEarlier, mergeLatest, mergeOne, PENDING, rangeToRead, splitThreads, timestampAfter };
