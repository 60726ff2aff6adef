/** The table `boards`: how often each token was said on one day. */
import { type DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import type { TokenCount } from "#core/tokens";
import type { Addition } from "#stores/count-once";
import { sortTop } from "#stores/words-table";

class LeaderboardTable {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
    private readonly countIndex = "",
  ) {}

  /** Builds the addition for one token of a board, which disappears some time after `expiresAtSeconds` (epoch). */
  buildAddition(board: string, [token, by]: TokenCount, expiresAtSeconds: number): Addition {
    return {
      table: this.table,
      key: { board: { S: board }, token: { S: token } },
      by,
      set: { expires_at: { N: String(expiresAtSeconds) } },
    };
  }

  /** Reads the tokens of a board that were said most; ties in alphabetical order. */
  async readTop(board: string, limit: number, deadline: Deadline): Promise<TokenCount[]> {
    const { Items = [] } = await this.client.send(
      new QueryCommand({
        TableName: this.table,
        IndexName: this.countIndex,
        KeyConditionExpression: "#board = :board",
        ExpressionAttributeNames: { "#board": "board" },
        ExpressionAttributeValues: { ":board": { S: board } },
        ScanIndexForward: false,
        Limit: limit,
      }),
      { abortSignal: deadline.signal() },
    );
    return sortTop(Items.map(({ token, count }) => [token?.S ?? "", Number(count?.N ?? 0)]));
  }
}

export { LeaderboardTable };
