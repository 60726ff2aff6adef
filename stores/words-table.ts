/** The table `words`: how often each token was said, ever. */
import { BatchGetItemCommand, type DynamoDBClient, type KeysAndAttributes, QueryCommand } from "@aws-sdk/client-dynamodb";
import { chunk } from "#core/chunks";
import type { Deadline } from "#core/deadline";
import { runSideBySide } from "#core/side-by-side";
import { type Kind, kindOf, type TokenCount } from "#core/tokens";
import type { Addition } from "#stores/count-once";
import { Incomplete, retryUntil } from "#stores/retry";

/** A batch reads 100 items. Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const MAX_KEYS = 100;
/** Below the SDK's 50 sockets, so that no call waits for one while its own limit runs. */
const MAX_CALLS = 32;

class WordsTable {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
    private readonly kindIndex = "",
  ) {}

  /** Builds the addition for one token. */
  buildAddition([token, by]: TokenCount): Addition {
    return { table: this.table, key: { word: { S: token } }, by, set: { kind: { S: kindOf(token) } } };
  }

  /** Reads the counts of tokens, strongly consistent, in the given order; a token that nobody said has 0. */
  async readCounts(tokens: readonly string[], deadline: Deadline): Promise<TokenCount[]> {
    const counts = new Map<string, number>();
    await runSideBySide(chunk(tokens, MAX_KEYS), MAX_CALLS, async page => {
      if (page.length > 0) await this.readPage(page, counts, deadline);
    });
    return tokens.map(token => [token, counts.get(token) ?? 0]);
  }

  /** Reads one page of at most 100 tokens into `counts`, asking again for keys that were left out. */
  async readPage(tokens: readonly string[], counts: Map<string, number>, deadline: Deadline): Promise<void> {
    let wanted: KeysAndAttributes | undefined = {
      Keys: tokens.map(token => ({ word: { S: token } })),
      ConsistentRead: true,
      ProjectionExpression: "#word, #count",
      ExpressionAttributeNames: { "#word": "word", "#count": "count" },
    };
    await retryUntil(deadline, async () => {
      const command: BatchGetItemCommand = new BatchGetItemCommand({ RequestItems: { [this.table]: wanted as KeysAndAttributes } });
      const { Responses, UnprocessedKeys: left } = await this.client.send(command, { abortSignal: deadline.signal() });
      for (const { word, count } of Responses?.[this.table] ?? []) counts.set(word?.S ?? "", Number(count?.N ?? 0));
      wanted = left?.[this.table];
      if (wanted !== undefined) throw new Incomplete(`${wanted.Keys?.length} keys were left out`);
    });
  }

  /** Reads the tokens of one kind that were said most; ties in alphabetical order. The index may lag by a moment. */
  async readTop(kind: Kind, limit: number, deadline: Deadline): Promise<TokenCount[]> {
    const { Items = [] } = await this.client.send(
      new QueryCommand({
        TableName: this.table,
        IndexName: this.kindIndex,
        KeyConditionExpression: "#kind = :kind",
        ExpressionAttributeNames: { "#kind": "kind" },
        ExpressionAttributeValues: { ":kind": { S: kind } },
        ScanIndexForward: false,
        Limit: limit,
      }),
      { abortSignal: deadline.signal() },
    );
    return sortTop(Items.map(({ word, count }) => [word?.S ?? "", Number(count?.N ?? 0)]));
  }
}

/** Sorts by count, then by token: an index leaves ties in any order. */
const sortTop = (counts: TokenCount[]): TokenCount[] => counts.sort(([tokenA, a], [tokenB, b]) => b - a || (tokenA < tokenB ? -1 : 1));

export { sortTop, WordsTable };
