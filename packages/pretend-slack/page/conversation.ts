import type { Message } from "./slack";

/** The part of a channel that the page knows: its latest messages without a gap, in order of time. */
interface Conversation {
  messages: Message[];
  /** Whether there are earlier ones. */
  hasMore: boolean;
}

const empty: Conversation = { messages: [], hasMore: false };

/**
 * Takes a reading of the latest messages. What was loaded before them stays; a message that is as it was stays the same object, so
 * that it need not be drawn again.
 */
const mergeLatest = (known: Conversation, read: Conversation): Conversation => {
  const first = read.messages[0]?.ts;
  const last = known.messages.at(-1)?.ts;
  // Between the two there may be messages that nobody has read: what is older is loaded anew when it is wanted.
  const hasGap = first === undefined || last === undefined || (read.hasMore && last < first);
  const earlier = hasGap ? [] : known.messages.filter(({ ts }) => ts < first);
  const before = new Map(known.messages.map(message => [message.ts, message]));
  const latest = read.messages.map(message => keepEqual(before.get(message.ts), message));
  return { messages: [...earlier, ...latest], hasMore: earlier.length > 0 ? known.hasMore : read.hasMore };
};

/** Puts an earlier page in front. */
const mergeEarlier = (known: Conversation, read: Conversation): Conversation => {
  const first = known.messages[0]?.ts;
  return { messages: [...read.messages.filter(({ ts }) => first === undefined || ts < first), ...known.messages], hasMore: read.hasMore };
};

/** Takes one message anew: changed, or gone when there is none. */
const mergeOne = (known: Conversation, ts: string, message: Message | undefined): Conversation => ({
  ...known,
  messages: known.messages.flatMap(each => (each.ts !== ts ? [each] : message === undefined ? [] : [keepEqual(each, message)])),
});

const keepEqual = (before: Message | undefined, now: Message): Message =>
  before !== undefined && JSON.stringify(before) === JSON.stringify(now) ? before : now;

/** In the order in which they are shown: replies follow what they reply to, if that is known. */
const threaded = (messages: Message[]): Message[] => {
  const parents = new Set(messages.filter(message => !isReply(message)).map(({ ts }) => ts));
  const replies = new Map<string, Message[]>();
  const roots = messages.filter(message => {
    const parent = message.thread_ts ?? "";
    if (!isReply(message) || !parents.has(parent)) return true;
    replies.set(parent, [...(replies.get(parent) ?? []), message]);
    return false;
  });
  return roots.flatMap(root => [root, ...(replies.get(root.ts) ?? [])]);
};

/** Whether a message, or what follows it in its thread, stands at the end of what is shown. Replies to earlier threads do not. */
const isInLatestThread = (shown: Message[], message: Message): boolean => {
  const latest = shown.at(-1);
  return !isReply(message) || (latest !== undefined && (latest.thread_ts ?? latest.ts) === message.thread_ts);
};

const isReply = ({ thread_ts, ts }: Message) => thread_ts !== undefined && thread_ts !== ts;

/** Messages to be read: so many before a timestamp. */
interface Range {
  count: number;
  before: string;
}

/**
 * What is to be read when messages are heard to have come or changed: all from the earliest of them on, and one before it, so that the
 * reading joins what is known. Undefined where that is more than `most`, or nothing is known that it could join.
 */
const rangeOf = ({ messages }: Conversation, changed: ReadonlySet<string>, most: number): Range | undefined => {
  const last = messages.at(-1)?.ts;
  if (last === undefined || changed.size === 0) return undefined;
  const sorted = [...changed].sort();
  const [earliest, latest] = [sorted[0]!, sorted.at(-1)!];
  const known = messages.slice(-most).filter(({ ts }) => ts >= earliest);
  const isKnown = new Set(known.map(({ ts }) => ts));
  const count = known.length + sorted.filter(ts => !isKnown.has(ts)).length + 1;
  // What was said after those that were heard of is heard of soon.
  return count > most ? undefined : { count, before: timestampAfter(latest > last ? latest : last) };
};

/** The timestamp right after one: what begins before it includes that message. */
const timestampAfter = (ts: string): string => {
  const [seconds = "0", micros = "0"] = ts.split(".");
  const next = Number(micros) + 1;
  return next < 1_000_000 ? `${seconds}.${String(next).padStart(6, "0")}` : `${Number(seconds) + 1}.000000`;
};

export type { Conversation, Range };
export { empty, isInLatestThread, isReply, mergeEarlier, mergeLatest, mergeOne, rangeOf, threaded, timestampAfter };
