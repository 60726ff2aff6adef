/** The table `words`: how often each token was said, ever. A private conversation has counts of its own. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { buildWordKey, buildWordRanking, readToken, type Scope } from "#core/message/count-keys";
import { type Kind, kindOf, type TokenCount } from "#core/message/tokens";
import { sortTop } from "#core/message/top-sums";
import { batchGet } from "#stores/batch-get";
import type { Addition } from "#stores/count-once";
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
  ) {
    this.#table = new Table(client, table);
  }

  /** Builds the addition for one token. */
  buildAddition(scope: Scope, [token, by]: TokenCount): Addition {
    const ranking = buildWordRanking(scope, kindOf(token));
    return { table: this.#table.name, key: { word: buildWordKey(scope, token) }, by, set: { ranking } };
  }

  /** Reads the counts of tokens, strongly consistent, in the given order. A token that nobody has said counts 0. */
  async readCounts(scope: Scope, tokens: readonly string[], deadline: Deadline): Promise<TokenCount[]> {
    const keys = tokens.map(token => ({ word: buildWordKey(scope, token) }));
    const rows = await batchGet<WordRow>(this.#table, keys, ["word", "count"], deadline);
    const counts = new Map(rows.map(({ word, count }) => [word, count]));
    return tokens.map(token => [token, counts.get(buildWordKey(scope, token)) ?? 0]);
  }

  /** Reads the most frequent tokens of one kind in a scope; ties in alphabetical order. The index may lag by a moment. Throws `NotDurable`. */
  async readTop(scope: Scope, kind: Kind, limit: number, deadline: Deadline): Promise<TokenCount[]> {
    const rows = await this.#table.query<WordRow>(
      {
        IndexName: this.rankingIndex,
        // Tokens of edited or deleted messages may have a count of zero.
        KeyConditionExpression: "ranking = :ranking AND #count > :zero",
        ExpressionAttributeNames: { "#count": "count" },
        ExpressionAttributeValues: { ":ranking": buildWordRanking(scope, kind), ":zero": 0 },
        ScanIndexForward: false,
        Limit: limit,
      },
      deadline,
    );
    // The index leaves ties in any order.
    return sortTop(rows.map(({ word, count }) => [readToken(scope, word), count]));
  }
}

export { WordsTable };
