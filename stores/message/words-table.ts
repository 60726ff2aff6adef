/** The table `words`: how often each token was said, ever. A private conversation has counts of its own. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { CountKeys, type Scope } from "#core/message/count-keys";
import type { Kind, TokenCount } from "#core/message/tokens";
import { sortTop } from "#core/message/top-sums";
import { MAX_CALLS_OF_A_KIND } from "#stores/aws-clients";
import { batchGet } from "#stores/batch-get";
import type { Addition } from "#stores/count-once";
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
    private readonly rankingIndex = "",
    private readonly keys = new CountKeys(),
  ) {
    this.#table = new Table(client, table);
  }

  /** Builds the addition for one token of the message with this timestamp, which spreads the additions of a hot word. */
  buildAddition(scope: Scope, [token, by]: TokenCount, ts = ""): Addition {
    const { key, set } = this.keys.placeWord(scope, token, ts);
    return { table: this.#table.name, key: { ...key }, by, set: { ...set } };
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
    const hot = this.keys.hotTokens(kind);
    const ranking = new ShardedRanking<WordRow>(this.#table, this.rankingIndex, this.keys.wordRankings(scope, kind));
    const [rows, hotCounts] = await Promise.all([
      // A row from before its word was hot may stand in the index.
      ranking.readOn(limit + hot.length, MAX_CALLS_OF_A_KIND, deadline),
      this.readCounts(scope, hot, deadline),
    ]);
    // While an entry moves to another shard, the index may show it twice.
    const counts = new Map(rows.map(({ word, count }) => [this.keys.readToken(scope, word), count]));
    for (const [token, count] of hotCounts) counts.set(token, count);
    return sortTop([...counts].filter(([, count]) => count > 0)).slice(0, limit);
  }
}

export { WordsTable };
