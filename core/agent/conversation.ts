/** The conversation that a brain is given: what was said in the thread before its request, oldest first, within a budget. */
import type { MessageFile } from "#core/message/message";

/** One message. `role` is who said it; a `mark` stands for messages that were left out. */
type Entry = {
  role: "person" | "agent" | "mark";
  /** The name of the person or of the agent; empty for a mark. */
  name: string;
  text: string;
  /** Whether it was a request to the agent. */
  isRequest: boolean;
};

/** A file that was shared in the thread. Slack may not tell its name, type and size. */
type TurnFile = {
  id: string;
  name: string;
  mimetype: string;
  sizeBytes: number | null;
};

const describeFile = ({ id, name = id, mimetype = "", size }: MessageFile): TurnFile => ({ id, name, mimetype, sizeBytes: size ?? null });

/** What a brain is asked: the request, and what was said and shared before. */
type Conversation = { entries: Entry[]; files: TurnFile[] };

/** Some 6,000 tokens, which leaves a model most of its context for work. */
const MAX_CHARACTERS = 24_000;
/** One message must not take the place of all others. */
const MAX_ENTRY_CHARACTERS = 8000;

const cutText = (text: string): string =>
  text.length <= MAX_ENTRY_CHARACTERS ? text : `${text.slice(0, MAX_ENTRY_CHARACTERS).toWellFormed()} [cut]`;

/** Keeps the first message and the latest ones that fit into the budget. A mark stands for those in between. */
const fitEntries = (entries: readonly Entry[]): Entry[] => {
  const cut = entries.map(entry => ({ ...entry, text: cutText(entry.text) }));
  const [first, ...rest] = cut;
  if (first === undefined) return [];
  let left = MAX_CHARACTERS - first.text.length;
  const kept: Entry[] = [];
  for (const entry of rest.reverse()) {
    left -= entry.text.length;
    if (left < 0) break;
    kept.unshift(entry);
  }
  const missing = rest.length - kept.length;
  const mark: Entry = { role: "mark", name: "", text: `[${missing} ${missing === 1 ? "message" : "messages"} left out]`, isRequest: false };
  return [first, ...(missing === 0 ? [] : [mark]), ...kept];
};

export type { Conversation, Entry, TurnFile };
export { describeFile, fitEntries, MAX_CHARACTERS };
