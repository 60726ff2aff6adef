/** The table `words`: how often each token was said, ever. A private conversation has counts of its own. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { CountKeys, type Scope } from "#core/message/count-keys";
import { LEAST_LEVEL } from "#core/message/levels";
import type { Kind, TokenCount } from "#core/message/tokens";
import { findTopSums } from "#core/message/top-sums";
import { MAX_CALLS_OF_A_KIND } from "#stores/aws-clients";
import { batchGet } from "#stores/batch-get";
import type { Addition } from "#stores/count-once";
import { levelIn } from "#stores/message/levels";
import { ShardedRanking } from "#stores/message/sharded-ranking";
import { Table } from "#stores/table";

interface WordRow {
  word: string;
  count: number;
}

class WordsTable {
  readonly #table: Table;

  constructor(
    client: DynamoDBClient,
    table: string,
    private readonly keys = new CountKeys(),
  ) {
    this.#table = new Table(client, table);
  }

  /** Builds the addition for one token of the message with this timestamp, which spreads the additions of a hot word. */
  buildAddition(scope: Scope, [token, by]: TokenCount, ts = ""): Addition {
    const { key, set } = this.keys.placeWord(scope, token, ts);
    return { table: this.#table.name, key: { ...key }, add: { count: by }, set: { ...set }, ...levelIn(set, LEAST_LEVEL.words) };
  }

  /** Reads the counts of tokens, strongly consistent, in the given order. A token that nobody has said counts 0. */
  async readCounts(scope: Scope, tokens: readonly string[], deadline: Deadline): Promise<TokenCount[]> {
    const keysOf = tokens.map(token => this.keys.wordKeys(scope, token));
    const rows = await batchGet<WordRow>(
      this.#table,
      keysOf.flat().map(word => ({ word })),
      ["word", "count"],
      deadline,
    );
    const counts = new Map(rows.map(({ word, count }) => [word, count]));
    return tokens.map((token, index) => [token, keysOf[index]!.reduce((sum, word) => sum + (counts.get(word) ?? 0), 0)]);
  }

  /** Reads the most frequent tokens of one kind in a scope; ties in alphabetical order. The index may lag by a moment. Throws `NotDurable`. */
  async readTop(scope: Scope, kind: Kind, limit: number, deadline: Deadline): Promise<TokenCount[]> {
    const rankings = this.keys.wordRankings(scope, kind);
    const ranking = new ShardedRanking<Pick<WordRow, "word">>(this.#table, rankings, LEAST_LEVEL.words);
    let hot = this.keys.hotTokens(kind);
    const readPage = async (_: number, maxRows: number) => {
      const rows = await ranking.readOn(maxRows, MAX_CALLS_OF_A_KIND, deadline);
      const tokens = new Set([...hot, ...rows.map(({ word }) => this.keys.readToken(scope, word))]);
      hot = [];
      return { rows: await this.readCounts(scope, [...tokens], deadline), frontier: ranking.frontier };
    };
    return findTopSums({ size: 1, callsAtOnce: 1, firstRows: limit, readPage, readCounts: async () => [] }, limit);
  }
}

export { WordsTable };
