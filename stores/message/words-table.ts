/** The table `words`: how often each token was said, ever; what is said in private is counted under its conversation. */
import { type DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { buildWordKey, buildWordRanking, readToken, type Scope } from "#core/message/count-keys";
import { type Kind, kindOf, type TokenCount } from "#core/message/tokens";
import { batchGet } from "#stores/batch-get";
import type { Addition } from "#stores/count-once";

class WordsTable {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
    private readonly rankingIndex = "",
  ) {}

  /** Builds the addition for one token. */
  buildAddition(scope: Scope, [token, by]: TokenCount): Addition {
    const ranking = buildWordRanking(scope, kindOf(token));
    return { table: this.table, key: { word: { S: buildWordKey(scope, token) } }, by, set: { ranking: { S: ranking } } };
  }

  /** Reads the counts of tokens, strongly consistent, in the given order; a token that nobody said has 0. */
  async readCounts(scope: Scope, tokens: readonly string[], deadline: Deadline): Promise<TokenCount[]> {
    const keys = tokens.map(token => ({ word: { S: buildWordKey(scope, token) } }));
    const items = await batchGet(this.client, this.table, keys, ["word", "count"], deadline);
    const counts = new Map(items.map(({ word, count }) => [word?.S, Number(count?.N ?? 0)]));
    return tokens.map(token => [token, counts.get(buildWordKey(scope, token)) ?? 0]);
  }

  /** Reads the tokens of one kind that were said most in a scope; ties in alphabetical order. The index may lag by a moment. */
  async readTop(scope: Scope, kind: Kind, limit: number, deadline: Deadline): Promise<TokenCount[]> {
    const { Items = [] } = await this.client.send(
      new QueryCommand({
        TableName: this.table,
        IndexName: this.rankingIndex,
        KeyConditionExpression: "ranking = :ranking",
        ExpressionAttributeValues: { ":ranking": { S: buildWordRanking(scope, kind) } },
        ScanIndexForward: false,
        Limit: limit,
      }),
      { abortSignal: deadline.signal() },
    );
    return sortTop(Items.map(({ word, count }) => [readToken(scope, word?.S ?? ""), Number(count?.N ?? 0)]));
  }
}

/** Sorts by count, then by token: an index leaves ties in any order. */
const sortTop = (counts: TokenCount[]): TokenCount[] => counts.sort(([tokenA, a], [tokenB, b]) => b - a || (tokenA < tokenB ? -1 : 1));

export { sortTop, WordsTable };
