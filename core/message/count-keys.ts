/**
 * Keys of counters, and of the indexes that order them by count. The keys of stored items must not change, so they are built only here.
 *
 * A token can have `#` only as its first character, and Slack ids contain none. So the keys of public and private words never collide: `#plan`
 * is public, `G0001##plan` and `G0001#plan` belong to the conversation G0001. Neither contains `@`, with which a person's keys begin.
 */
import type { Kind } from "#core/message/tokens";

/** Counts of one conversation or, without a channel, the public counts of the workspace. */
interface Scope {
  team: string;
  channel?: string;
}

/** Somebody in a workspace. */
interface Member {
  team: string;
  user: string;
}

/** Whose words a board counts. A person who has them forgotten starts again with the next generation, from 0. */
type Person = { user: string; generation: number };

/** Counts of one scope in one period: a UTC day such as `2026-11-22`, or `EVER`. */
interface Board extends Scope {
  period: string;
  /** If set, only what this person said counts: in this conversation or, without a channel, in public. */
  person?: Person;
}

/** The period that never ends. */
const EVER = "ever";
/** Replaces the id of a conversation. Can't collide with one, because ids are upper case. */
const PUBLIC = "public";
/** All items of a scope and kind share one index key. If a key gets too many writes, shards can spread them. */
const SHARD = "0";
/** Enough for a person who forgets every minute for a year. */
const GENERATION_DIGITS = 6;

/** Builds the scope in which a conversation's tokens are counted: public, or the conversation if it is private. */
const buildScope = ({ team, channel, private: isPrivate }: { team: string; channel: string; private: boolean }): Scope =>
  isPrivate ? { team, channel } : { team };

/** Builds the UTC day of a time. */
const dayOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);

/** Builds the prefix of a key: empty for public counts. */
const prefixOf = ({ channel }: Scope): string => (channel === undefined ? "" : `${channel}#`);

/** Builds the beginning of the keys of one person's boards. Those of earlier generations sort before it. */
const buildPersonKey = ({ user, generation }: Person): string => `@${user}.${String(generation).padStart(GENERATION_DIGITS, "0")}`;

/** Builds the key of a token in the table `words`: `TOKEN`, or `CHANNEL#TOKEN`. */
const buildWordKey = (scope: Scope, token: string): string => prefixOf(scope) + token;

/** Reads the token from a key of the table `words`. */
const readToken = (scope: Scope, key: string): string => key.slice(prefixOf(scope).length);

/**
 * Builds the partition key of the table `boards`: `PERIOD#KIND`, or `CHANNEL#PERIOD#KIND`. A personal board has `@USER.GENERATION#` before
 * that.
 */
const buildBoardKey = (board: Board, kind: Kind): string => {
  const owner = board.person === undefined ? "" : `${buildPersonKey(board.person)}#`;
  return `${owner}${prefixOf(board)}${board.period}#${kind}`;
};

/** Builds the key under which an index orders words by count: `TEAM#SCOPE#KIND#SHARD`. */
const buildWordRanking = ({ team, channel = PUBLIC }: Scope, kind: Kind): string => [team, channel, kind, SHARD].join("#");

/** Builds the key under which an index orders a board that is not personal by count: `TEAM#SCOPE#KIND#SHARD#PERIOD`. */
const buildBoardRanking = (board: Board, kind: Kind): string => `${buildWordRanking(board, kind)}#${board.period}`;

/** Builds the key under which an index lists the rows of a person's boards, of all generations. */
const buildMemberKey = ({ team, user }: Member): string => `${team}#${user}`;

/** Builds the key of the row with what a person chose about their own boards, in the same table. */
const buildChoiceKey = ({ user }: Pick<Member, "user">) => ({ board: `@${user}`, token: "choice" });

/** Under this key the index of rankings has the rows of people's choices. */
const CHOICE_RANKING = "choices";

export type { Board, Member, Person, Scope };
export {
  buildBoardKey,
  buildBoardRanking,
  buildChoiceKey,
  buildMemberKey,
  buildPersonKey,
  buildScope,
  buildWordKey,
  buildWordRanking,
  CHOICE_RANKING,
  dayOf,
  EVER,
  readToken,
};
