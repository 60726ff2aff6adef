/** Finds where counts of an earlier layout of keys belong under the present one. */
import { type Board, type BoardPlace, type CountKeys, HOT, PUBLIC, type Scope, type WordPlace } from "#core/message/count-keys";
import { kindOf } from "#core/message/tokens";

/** What a row says about its place in the index. The counter of a hot word has none, and says where the word's row would be. */
interface RankedRow {
  ranking?: string;
  cold_ranking?: string;
}

/** Reads a key of the index. Undefined if it is no ranking. */
const parseRanking = (ranking: string): (Scope & Partial<Pick<Board, "period">>) | undefined => {
  const [team, channel, kind, shard, period] = ranking.split("#");
  if (team === undefined || channel === undefined || kind === undefined || shard === undefined) return undefined;
  return { team, ...(channel === PUBLIC ? {} : { channel }), ...(period === undefined ? {} : { period }) };
};

/** The place that a token has, or would have if it were not hot. */
const coldOf = (set: RankedRow | object): { ranking: string } => {
  const { ranking, cold_ranking: coldRanking }: RankedRow = set;
  return { ranking: ranking ?? coldRanking ?? "" };
};

/** Finds the row of `words` where the count of a row belongs. Undefined if the row does not tell. */
const relocateWord = (keys: CountKeys, row: RankedRow & { word: string }): WordPlace | undefined => {
  const scope = parseRanking(coldOf(row).ranking);
  if (scope === undefined) return undefined;
  const [cold = ""] = row.word.split(HOT);
  const token = keys.readToken(scope, cold);
  const [word = ""] = keys.wordKeys(scope, token);
  if (word !== cold) return undefined;
  const { set } = keys.placeWord(scope, token, "");
  if (row.cold_ranking !== undefined && "cold_ranking" in set) return { key: { word: row.word }, set: { cold_ranking: row.cold_ranking } };
  return { key: { word }, set: coldOf(set) };
};

/** Finds the row of `boards` where the count of a row belongs. Undefined if the row does not tell, or is of a person's own board. */
const relocateOnBoard = (keys: CountKeys, row: RankedRow & { board: string; token: string }): BoardPlace | undefined => {
  const { token } = row;
  const { team, channel, period } = parseRanking(coldOf(row).ranking) ?? {};
  if (team === undefined || period === undefined) return undefined;
  const board: Board = { team, ...(channel && { channel }), period };
  if (!row.board.startsWith(keys.boardKey(board, kindOf(token)))) return undefined;
  const { set } = keys.placeOnBoard(board, token, "");
  if (row.cold_ranking !== undefined && "cold_ranking" in set) {
    return { key: { board: row.board, token }, set: { cold_ranking: row.cold_ranking } };
  }
  return { key: keys.boardKeys(board, token)[0]!, set: coldOf(set) };
};

export type { RankedRow };
export { relocateOnBoard, relocateWord };
