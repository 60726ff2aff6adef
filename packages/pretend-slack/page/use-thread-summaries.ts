import { useMemo, useRef } from "preact/hooks";
import type { ShownMessage } from "../src/protocol";
import type { Threads } from "./conversation";

/** What the first message of a thread shows of the replies. */
interface ThreadSummary {
  count: number;
  /** Replies of others since the thread was last open. */
  newCount: number;
  /** Timestamp of the last reply. */
  lastTs: string;
  /** One reply of each author, at most `MAX_AUTHORS`. */
  authors: ShownMessage[];
}

const MAX_AUTHORS = 3;

interface Options {
  /** Differs between conversations and between people. */
  key: string;
  /** Timestamp of the first message of the open thread. */
  open: string | undefined;
  user: string;
}

/** Summarizes threads by the timestamp of their first message. Replies that were there before a conversation was first opened count as read. */
const useThreadSummaries = ({ main, replies }: Threads, { key, open, user }: Options): ReadonlyMap<string, ThreadSummary> => {
  /** Timestamps until which a conversation, or a thread of it, was read. */
  const read = useRef(new Map<string, string>()).current;
  return useMemo(() => {
    const latest = [main, ...replies.values()]
      .map(messages => messages.at(-1)?.ts ?? "")
      .reduce((one, other) => (one > other ? one : other));
    if (latest !== "" && !read.has(key)) read.set(key, latest);
    if (open !== undefined) read.set(`${key} ${open}`, latest);
    const readUntil = (root: string) => read.get(`${key} ${root}`) ?? read.get(key) ?? "";
    return new Map([...replies].map(([root, messages]) => [root, summarize(messages, user, readUntil(root))]));
  }, [main, replies, key, open, user]);
};

const summarize = (replies: ShownMessage[], user: string, readUntil: string): ThreadSummary => ({
  count: replies.length,
  newCount: replies.filter(reply => reply.ts > readUntil && reply.user !== user).length,
  lastTs: replies.at(-1)!.ts,
  authors: [...new Map(replies.map(reply => [reply.username ?? reply.user, reply])).values()].slice(0, MAX_AUTHORS),
});

export type { ThreadSummary };
export { useThreadSummaries };
