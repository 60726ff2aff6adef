/**
 * The keys of what is counted, and of the indexes that order it. Keys of stored items never change, so they are built here only.
 *
 * A token can only have `#` as its first character, and Slack's ids have none. So the keys of public and private words never collide: `#plan`
 * is public, `G0001##plan` and `G0001#plan` belong to the conversation G0001.
 */
import type { Kind } from "#core/message/tokens";

/** The counts of one conversation or, without a channel, those that everybody in the workspace may see. */
interface Scope {
  team: string;
  channel?: string;
}

/** The counts of one scope in one period: a UTC day such as `2026-11-22`, or `EVER`. */
interface Board extends Scope {
  period: string;
}

/** The period without an end. */
const EVER = "ever";
/** Stands in place of a conversation's id. It can't collide with one, because ids are upper case. */
const PUBLIC = "public";
/** All items of a scope and kind share one index key. If one key gets too many writes, shards can spread them here. */
const SHARD = "0";

/** Builds the name of the UTC day that a time falls on. */
const dayOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);

/** What comes before a key that does not belong to everybody. */
const prefixOf = ({ channel }: Scope): string => (channel === undefined ? "" : `${channel}#`);

/** Builds the key of a token in the table `words`: `TOKEN`, or `CHANNEL#TOKEN`. */
const buildWordKey = (scope: Scope, token: string): string => prefixOf(scope) + token;

/** Reads the token out of a key of the table `words`. */
const readToken = (scope: Scope, key: string): string => key.slice(prefixOf(scope).length);

/** Builds the partition key of the table `boards`: `PERIOD#KIND`, or `CHANNEL#PERIOD#KIND`. */
const buildBoardKey = (board: Board, kind: Kind): string => `${prefixOf(board)}${board.period}#${kind}`;

/** Builds the key under which an index orders words by count: `TEAM#SCOPE#KIND#SHARD`. */
const buildWordRanking = ({ team, channel = PUBLIC }: Scope, kind: Kind): string => [team, channel, kind, SHARD].join("#");

/** Builds the key under which an index orders a board by count: `TEAM#SCOPE#KIND#SHARD#PERIOD`. */
const buildBoardRanking = (board: Board, kind: Kind): string => `${buildWordRanking(board, kind)}#${board.period}`;

export type { Board, Scope };
export { buildBoardKey, buildBoardRanking, buildWordKey, buildWordRanking, dayOf, EVER, readToken };
