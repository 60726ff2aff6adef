/** Versions of a message: as it was said, each edit, and the deletion. They may arrive in any order. */
import type { TokenCount } from "#core/message/tokens";

interface MessageVersion {
  team: string;
  channel: string;
  /** The message's timestamp, which edits don't change. */
  ts: string;
  /** Who said it; absent if unknown, or of another company. */
  user?: string;
  /** Whether the conversation is private. */
  private: boolean;
  /** Later versions sort after earlier ones, as text: `ORIGINAL`, `BY_BOTH`, the times of an edit, `DELETED`. */
  order: string;
  /** When this version was written, epoch seconds. */
  atSeconds: number;
}

const ORIGINAL = "0";
/** The original as both doors counted it: an outgoing webhook may be bound to a channel, and then gets the messages without a trigger word, too. */
const BY_BOTH = "0+";
const DELETED = "deleted";

/** Tells whether a version is known: this very version, or the original as both doors counted it. */
const isKnown = ({ order }: Pick<MessageVersion, "order">, known: string | undefined): boolean =>
  order === known || (order === ORIGINAL && known === BY_BOTH);

const padTimestamp = (ts: string): string => {
  const [seconds = "", fraction = ""] = ts.split(".");
  return `${seconds.padStart(11, "0")}.${fraction.padEnd(9, "0")}`;
};

/** Builds the order of an edit. Slack tells the time of an edit in whole seconds, so the event's timestamp decides between equal ones. */
const buildEditOrder = (editedTs: string, eventTs: string): string => `${padTimestamp(editedTs)} ${padTimestamp(eventTs)}`;

/**
 * Tells whether a version came so long after the message that the message may have been counted and forgotten since. Slack's own times decide, so
 * that everybody decides the same, however late a version arrives.
 */
const isTooLate = ({ ts, order, atSeconds }: MessageVersion, dedupHours: number): boolean =>
  order !== ORIGINAL && atSeconds - Number(ts) > dedupHours * 3600;

/** Builds what to add to counts of `before` to get those of `after`; numbers may be negative. The order depends on the arguments only. */
const buildDifferences = (before: readonly TokenCount[], after: readonly TokenCount[]): TokenCount[] => {
  const differences = new Map(before.map(([token, count]) => [token, -count]));
  for (const [token, count] of after) differences.set(token, (differences.get(token) ?? 0) + count);
  return [...differences].filter(([, difference]) => difference !== 0);
};

export type { MessageVersion };
export { BY_BOTH, buildDifferences, buildEditOrder, DELETED, isKnown, isTooLate, ORIGINAL };
