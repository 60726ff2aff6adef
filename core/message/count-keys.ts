/**
 * Keys of counters, and of the indexes that order them by count. The keys of stored items must not change, so they are built only here.
 *
 * A token can have `#` only as its first character, and Slack ids contain none. So the keys of public and private words never collide: `#plan`
 * is public, `G0001##plan` and `G0001#plan` belong to the conversation G0001.
 */
import type { Kind } from "#core/message/tokens";

/** Counts of one conversation or, without a channel, the public counts of the workspace. */
interface Scope {
  team: string;
  channel?: string;
}

/** Counts of one scope in one period: a UTC day such as `2026-11-22`, or `EVER`. */
interface Board extends Scope {
  period: string;
}

/** The period that never ends. */
const EVER = "ever";
/** Replaces the id of a conversation. Can't collide with one, because ids are upper case. */
const PUBLIC = "public";
/** All items of a scope and kind share one index key. If a key gets too many writes, shards can spread them. */
const SHARD = "0";

/** Builds the scope in which a conversation's tokens are counted: public, or the conversation if it is private. */
const buildScope = ({ team, channel, private: isPrivate }: { team: string; channel: string; private: boolean }): Scope =>
  isPrivate ? { team, channel } : { team };

/** Builds the UTC day of a time. */
const dayOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);

/** Builds the prefix of a key: empty for public counts. */
const prefixOf = ({ channel }: Scope): string => (channel === undefined ? "" : `${channel}#`);

/** Builds the key of a token in the table `words`: `TOKEN`, or `CHANNEL#TOKEN`. */
const buildWordKey = (scope: Scope, token: string): string => prefixOf(scope) + token;

/** Reads the token from a key of the table `words`. */
const readToken = (scope: Scope, key: string): string => key.slice(prefixOf(scope).length);

/** Builds the partition key of the table `boards`: `PERIOD#KIND`, or `CHANNEL#PERIOD#KIND`. */
const buildBoardKey = (board: Board, kind: Kind): string => `${prefixOf(board)}${board.period}#${kind}`;

/** Builds the key under which an index orders words by count: `TEAM#SCOPE#KIND#SHARD`. */
const buildWordRanking = ({ team, channel = PUBLIC }: Scope, kind: Kind): string => [team, channel, kind, SHARD].join("#");

/** Builds the key under which an index orders a board by count: `TEAM#SCOPE#KIND#SHARD#PERIOD`. */
const buildBoardRanking = (board: Board, kind: Kind): string => `${buildWordRanking(board, kind)}#${board.period}`;

export type { Board, Scope };
export { buildBoardKey, buildBoardRanking, buildScope, buildWordKey, buildWordRanking, dayOf, EVER, readToken };
