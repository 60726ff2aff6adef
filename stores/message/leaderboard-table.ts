/** The table `boards`: how often each token was said on one day, in one conversation, or both. */
import { type DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { type Board, buildBoardKey, buildBoardRanking } from "#core/message/count-keys";
import { type Kind, kindOf, type TokenCount } from "#core/message/tokens";
import type { Addition } from "#stores/count-once";
import { sortTop } from "#stores/message/words-table";

class LeaderboardTable {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly table: string,
    private readonly rankingIndex = "",
  ) {}

  /** Builds the addition for one token of a board, which disappears some time after `expiresAtSeconds` (epoch), or never. */
  buildAddition(board: Board, [token, by]: TokenCount, expiresAtSeconds?: number): Addition {
    const kind = kindOf(token);
    return {
      table: this.table,
      key: { board: { S: buildBoardKey(board, kind) }, token: { S: token } },
      by,
      set: {
        ranking: { S: buildBoardRanking(board, kind) },
        ...(expiresAtSeconds === undefined ? {} : { expires_at: { N: String(expiresAtSeconds) } }),
      },
    };
  }

  /** Reads the tokens of a board that were said most; ties in alphabetical order. The index may lag by a moment. */
  async readTop(board: Board, kind: Kind, limit: number, deadline: Deadline): Promise<TokenCount[]> {
    const { Items = [] } = await this.client.send(
      new QueryCommand({
        TableName: this.table,
        IndexName: this.rankingIndex,
        KeyConditionExpression: "ranking = :ranking",
        ExpressionAttributeValues: { ":ranking": { S: buildBoardRanking(board, kind) } },
        ScanIndexForward: false,
        Limit: limit,
      }),
      { abortSignal: deadline.signal() },
    );
    return sortTop(Items.map(({ token, count }) => [token?.S ?? "", Number(count?.N ?? 0)]));
  }
}

export { LeaderboardTable };
