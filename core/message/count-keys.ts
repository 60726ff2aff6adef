/**
 * Keys of counters, and of the indexes that order them by level. The keys of stored items must not change, so they are built only here.
 *
 * A token can have `#` only as its first character, and Slack ids contain none. So the keys of public and private words never collide: `#plan`
 * is public, `G0001##plan` and `G0001#plan` belong to the conversation G0001. Neither contains `@`, with which a person's keys begin, nor `~`,
 * which comes before the shard of a hot word. Where several workspaces share the tables, all keys begin with the team: `T0001#plan`,
 * `T0001#G0001#plan`. No team's id is the id of a conversation: they begin with different letters.
 */
import { type Kind, kindOf } from "#core/message/tokens";

/** How the keys are laid out. The settings say so. */
interface KeyLayout {
  /** Whether several workspaces share the tables. Then each key begins with the team. */
  byTeam: boolean;
  /** Over how many partition keys the rows of a board are spread, and the entries of each ranking in the index, 1 to 64. */
  boardShards: number;
  /** Earlier numbers of shards, where rows may still be. */
  formerBoardShards: readonly number[];
  /** Tokens that have several counters each, and no place in the index. */
  hotWords: readonly string[];
  /** Tokens that were hot, and may still have several counters. */
  formerHotWords: readonly string[];
}

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

/** Whose words a board counts. The first generation is 0, and each `/words forget` starts the next one. */
type Person = { user: string; generation: number };

/** Counts of one scope in one period: a UTC day such as `2026-11-22`, or `EVER`. */
interface Board extends Scope {
  period: string;
}

/** The period that never ends. */
const EVER = "ever";
/** Replaces the id of a conversation. Can't collide with one, because ids are upper case. */
const PUBLIC = "public";
/** The number of counters of a hot word. Each message updates one of them, so together they take 16 times the writes of a single counter. */
const HOT_SHARDS = 16;
/** Comes before the number of a hot word's counter. No token contains it. */
const HOT = "~";
/** Enough for a person who forgets every minute for a year. */
const GENERATION_DIGITS = 6;

/** Builds the scope in which a conversation's tokens are counted: public, or the conversation if it is private. */
const buildScope = ({ team, channel, private: isPrivate }: { team: string; channel: string; private: boolean }): Scope =>
  isPrivate ? { team, channel } : { team };

/** Builds the UTC day of a time. */
const dayOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);

/** The layout of one workspace that has not grown. */
const PLAIN_LAYOUT: KeyLayout = { byTeam: false, boardShards: 1, formerBoardShards: [], hotWords: [], formerHotWords: [] };

/** Spreads texts evenly over shards, always in the same way (FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/). */
const chooseShard = (text: string, shards: number): number => {
  if (shards === 1) return 0;
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  // The lowest bits of the product depend on few bits of the text.
  return ((hash ^ (hash >>> 15)) >>> 0) % shards;
};

/** Builds the beginning of the keys of one person's boards. Those of earlier generations sort before it. */
const buildPersonKey = ({ user, generation }: Person): string => `@${user}.${String(generation).padStart(GENERATION_DIGITS, "0")}`;

/** Builds the key under which an index orders the counts of a scope and kind, on a board or of all time: `TEAM#SCOPE#KIND#SHARD[#PERIOD]`. */
const buildRanking = ({ team, channel = PUBLIC, period }: Scope & Partial<Pick<Board, "period">>, kind: Kind, shard: number): string =>
  [team, channel, kind, shard, ...(period === undefined ? [] : [period])].join("#");

/** Builds the key under which an index lists what a person said on a day: the messages that count on the person's boards. */
const buildSpeakerDay = (team: string, person: Person, day: string): string => `${team}#${buildPersonKey(person)}#${day}`;

/** Builds the key under which an index lists the rows of a person's boards, of all generations. */
const buildMemberKey = ({ team, user }: Member): string => `${team}#${user}`;

/**
 * The key under which the index lists people's choices. It is the same for all teams, because the relay, which processes them, does not know the teams.
 * People choose too rarely for the key to need shards.
 */
const CHOICE_RANKING = "choices";

/** What an addition sets beside the count: its place in the index or, if the token is hot, the place that it would have there. */
type RankingAttribute = { ranking: string } | { cold_ranking: string };

/** The row of `words` that an addition changes. */
interface WordPlace {
  key: { word: string };
  set: RankingAttribute;
}

/** The row of `boards` that an addition changes. */
interface BoardPlace {
  key: { board: string; token: string };
  set: RankingAttribute;
}

/**
 * Builds the keys of counters under one layout. A count is the sum of all rows that a token has: one in each layout's shard, and the counters of
 * a hot word. Each addition changes one row, the present layout's, and any row may be negative after an edit. Only sums count.
 */
class CountKeys {
  readonly #layout: KeyLayout;
  readonly #hot: ReadonlySet<string>;
  readonly #everHot: ReadonlySet<string>;
  /** The numbers of shards, the present one first. */
  readonly #shards: readonly number[];

  constructor(layout: Partial<KeyLayout> = {}) {
    this.#layout = { ...PLAIN_LAYOUT, ...layout };
    const { boardShards, formerBoardShards, hotWords, formerHotWords } = this.#layout;
    this.#hot = new Set(hotWords);
    this.#everHot = new Set([...hotWords, ...formerHotWords]);
    this.#shards = [...new Set([boardShards, ...formerBoardShards])];
  }

  /** How many rows a token may have on a board, the counters of hot words apart. */
  get rowsOfToken(): number {
    return this.#shards.length;
  }

  /** How many partition keys of the index a ranking has. */
  get shards(): number {
    return Math.max(...this.#shards);
  }

  /** Lists the tokens of a kind that have, or may have, several counters. The index does not order them. */
  hotTokens(kind: Kind): string[] {
    return [...this.#everHot].filter(token => kindOf(token) === kind);
  }

  /** Finds the row of `words` to which a message adds a token. `ts`, the message's timestamp, chooses the counter of a hot word. */
  placeWord(scope: Scope, token: string, ts: string): WordPlace {
    const word = this.#wordKey(scope, token);
    const ranking = buildRanking(scope, kindOf(token), this.#home(token));
    if (!this.#hot.has(token)) return { key: { word }, set: { ranking } };
    return { key: { word: `${word}${HOT}${chooseShard(ts, HOT_SHARDS)}` }, set: { cold_ranking: ranking } };
  }

  /** Lists the keys of `words` whose counts add up to the token's. Usually there is one: `TOKEN`, or `CHANNEL#TOKEN` if private. */
  wordKeys(scope: Scope, token: string): string[] {
    const word = this.#wordKey(scope, token);
    return [word, ...this.#countersOf(token).map(suffix => word + suffix)];
  }

  /** Reads the token from a key of the table `words`. */
  readToken(scope: Scope, key: string): string {
    return key.slice(this.#prefixOf(scope).length);
  }

  /** Lists the keys under which the index orders the words of a scope. */
  wordRankings(scope: Scope, kind: Kind): string[] {
    return this.#allShards().map(shard => buildRanking(scope, kind, shard));
  }

  /** Finds the row of `boards` to which a message adds a token. */
  placeOnBoard(board: Board, token: string, ts: string): BoardPlace {
    const kind = kindOf(token);
    const key = this.boardKey(board, kind);
    const shard = this.#home(token);
    const ranking = buildRanking(board, kind, shard);
    if (!this.#hot.has(token)) return { key: { board: key + suffixOf(shard), token }, set: { ranking } };
    return { key: { board: `${key}${HOT}${chooseShard(ts, HOT_SHARDS)}`, token }, set: { cold_ranking: ranking } };
  }

  /** Lists the keys of `boards` whose counts add up to the token's. */
  boardKeys(board: Board, token: string): { board: string; token: string }[] {
    const key = this.boardKey(board, kindOf(token));
    const homes = new Set(this.#shards.map(shards => suffixOf(chooseShard(token, shards))));
    return [...homes, ...this.#countersOf(token)].map(suffix => ({ board: key + suffix, token }));
  }

  /** Lists the partition keys of a board. Those of hot words are not among them. */
  boardPartitions(board: Board, kind: Kind): string[] {
    return this.#allShards().map(shard => this.boardKey(board, kind) + suffixOf(shard));
  }

  /** Lists the keys under which the index orders a board. */
  boardRankings(board: Board, kind: Kind): string[] {
    return this.#allShards().map(shard => buildRanking(board, kind, shard));
  }

  /**
   * Builds the partition key of a board's first shard: `PERIOD#KIND`, or `CHANNEL#PERIOD#KIND`, with the team before it where several share the
   * tables. The other shards have `#SHARD` behind it.
   */
  boardKey(board: Board, kind: Kind): string {
    return `${this.#teamOf(board)}${channelOf(board)}${board.period}#${kind}`;
  }

  /**
   * Builds the partition key of what a person has said ever: `@USER.GENERATION#ever#KIND`. Earlier releases had boards of each conversation, too:
   * `@USER.GENERATION#CHANNEL#ever#KIND`.
   */
  personalKey(scope: Scope, person: Person, kind: Kind): string {
    return `${this.personKey(scope.team, person)}#${channelOf(scope)}${EVER}#${kind}`;
  }

  /** Builds the key before which the keys of a person's forgotten boards sort. */
  personKey(team: string, person: Person): string {
    return this.#teamOf({ team }) + buildPersonKey(person);
  }

  /** Builds the key of the row with what a person chose about their own boards, in the same table. */
  choiceKey({ team, user }: Member) {
    return { board: `${this.#teamOf({ team })}@${user}`, token: "choice" };
  }

  #home(token: string): number {
    return chooseShard(token, this.#layout.boardShards);
  }

  /** An entry of the index stays in the shard of an earlier layout until its row is written again. */
  #allShards(): number[] {
    return Array.from({ length: this.shards }, (_, shard) => shard);
  }

  #countersOf(token: string): string[] {
    return this.#everHot.has(token) ? Array.from({ length: HOT_SHARDS }, (_, shard) => `${HOT}${shard}`) : [];
  }

  #teamOf({ team }: Pick<Scope, "team">): string {
    return this.#layout.byTeam ? `${team}#` : "";
  }

  #prefixOf(scope: Scope): string {
    return this.#teamOf(scope) + channelOf(scope);
  }

  #wordKey(scope: Scope, token: string): string {
    return this.#prefixOf(scope) + token;
  }
}

/** The first shard has the keys of a table without shards. */
const suffixOf = (shard: number): string => (shard === 0 ? "" : `#${shard}`);

/** Builds the part of a key that names a conversation: empty for public counts. */
const channelOf = ({ channel }: Scope): string => (channel === undefined ? "" : `${channel}#`);

export type { Board, BoardPlace, KeyLayout, Member, Person, Scope, WordPlace };
export {
  buildMemberKey,
  buildRanking,
  buildScope,
  buildSpeakerDay,
  CHOICE_RANKING,
  CountKeys,
  chooseShard,
  dayOf,
  EVER,
  HOT,
  PLAIN_LAYOUT,
  PUBLIC,
};
