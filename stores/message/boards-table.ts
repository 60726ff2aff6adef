/** The table `boards`: how often each token was said on one day, in one conversation, or both. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { type Board, buildBoardKey, buildBoardRanking } from "#core/message/count-keys";
import { type Kind, kindOf, type TokenCount } from "#core/message/tokens";
import type { Addition } from "#stores/count-once";
import { sortTop } from "#stores/message/words-table";
import { Table } from "#stores/table";

class BoardsTable {
  readonly #table: Table;

  constructor(
    client: DynamoDBClient,
    table: string,
    private readonly rankingIndex = "",
  ) {
    this.#table = new Table(client, table);
  }

  /** Builds the addition for one token of a board. DynamoDB deletes the row some time after `expiresAtSeconds` (epoch), or never. */
  buildAddition(board: Board, [token, by]: TokenCount, expiresAtSeconds?: number): Addition {
    const kind = kindOf(token);
    return {
      table: this.#table.name,
      key: { board: buildBoardKey(board, kind), token },
      by,
      set: {
        ranking: buildBoardRanking(board, kind),
        ...(expiresAtSeconds === undefined ? {} : { expires_at: expiresAtSeconds }),
      },
    };
  }

  /** Reads the most frequent tokens of a board; ties in alphabetical order. The index may lag by a moment. */
  async readTop(board: Board, kind: Kind, limit: number, deadline: Deadline): Promise<TokenCount[]> {
    const rows = await this.#table.query<{ token: string; count: number }>(
      {
        IndexName: this.rankingIndex,
        // Tokens of edited or deleted messages may have a count of zero.
        KeyConditionExpression: "ranking = :ranking AND #count > :zero",
        ExpressionAttributeNames: { "#count": "count" },
        ExpressionAttributeValues: { ":ranking": buildBoardRanking(board, kind), ":zero": 0 },
        ScanIndexForward: false,
        Limit: limit,
      },
      deadline.signal(),
    );
    return sortTop(rows.map(({ token, count }) => [token, count]));
  }
}

export { BoardsTable };
