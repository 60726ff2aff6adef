/** The table `boards`: how often each token was said on one day, in one conversation, by one person, or any of these together. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { type Board, buildBoardKey, buildBoardRanking, buildMemberKey } from "#core/message/count-keys";
import { type Kind, kindOf, type TokenCount } from "#core/message/tokens";
import { findTopSums, sortTop } from "#core/message/top-sums";
import { MAX_CALLS } from "#stores/aws-clients";
import { batchGet } from "#stores/batch-get";
import type { Addition } from "#stores/count-once";
import { type Page, Table } from "#stores/table";

interface BoardRow {
  board: string;
  token: string;
  count: number;
}

/** Words and annotations are read side by side. */
const CALLS_OF_A_KIND = MAX_CALLS / 2;

const buildKey = (board: Board, token: string) => ({ board: buildBoardKey(board, kindOf(token)), token });

const readCount = ({ token, count }: BoardRow): TokenCount => [token, count];

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
      key: buildKey(board, token),
      by,
      set: {
        // What one person says is little enough to be sorted when it is read. The index would double the price of each write.
        ...(board.person === undefined
          ? { ranking: buildBoardRanking(board, kind) }
          : { person: buildMemberKey({ team: board.team, user: board.person.user }) }),
        ...(expiresAtSeconds === undefined ? {} : { expires_at: expiresAtSeconds }),
      },
    };
  }

  /** Reads the most frequent tokens of a board; ties in alphabetical order. The index may lag by a moment. Throws `NotDurable`. */
  async readTop(board: Board, kind: Kind, limit: number, deadline: Deadline): Promise<TokenCount[]> {
    if (board.person !== undefined) return (await this.readWhole(board, kind, deadline)).slice(0, limit);
    const rows = await this.#table.query<BoardRow>({ ...this.buildQuery(board, kind), Limit: limit }, deadline);
    return sortTop(rows.map(readCount));
  }

  /**
   * Reads the tokens with the highest sums over several boards, exactly; ties in alphabetical order. That takes two round trips, more if the
   * boards differ much. Throws `NotDurable`, or an `AggregateError` of several, when time runs out.
   */
  async readTopSums(boards: readonly Board[], kind: Kind, limit: number, deadline: Deadline): Promise<TokenCount[]> {
    const starts: Page<BoardRow>["next"][] = [];
    return findTopSums(
      {
        size: boards.length,
        callsAtOnce: CALLS_OF_A_KIND,
        readPage: async (index, maxRows) => {
          const board = boards[index]!;
          if (board.person !== undefined) return { rows: await this.readWhole(board, kind, deadline), isLast: true };
          const query = { ...this.buildQuery(board, kind), Limit: maxRows, ExclusiveStartKey: starts[index] };
          const { rows, next } = await this.#table.queryPage<BoardRow>(query, deadline);
          starts[index] = next;
          return { rows: rows.map(readCount), isLast: next === undefined };
        },
        readCounts: keys =>
          this.readCounts(
            keys.map(([index, token]) => [boards[index]!, token]),
            deadline,
          ),
      },
      limit,
    );
  }

  /** Reads all tokens of a personal board, which the index does not list. A page of DynamoDB holds some 10,000 of them. */
  private async readWhole(board: Board, kind: Kind, deadline: Deadline): Promise<TokenCount[]> {
    const request = { KeyConditionExpression: "board = :board", ExpressionAttributeValues: { ":board": buildBoardKey(board, kind) } };
    const counts: TokenCount[] = [];
    for await (const row of this.#table.queryAll<BoardRow>(request, deadline)) if (row.count > 0) counts.push(readCount(row));
    return sortTop(counts);
  }

  /** Reads the counts of tokens, each on one board, strongly consistent, in the given order. Throws `NotDurable` when time runs out. */
  async readCounts(tokens: readonly (readonly [Board, token: string])[], deadline: Deadline): Promise<number[]> {
    const keys = tokens.map(([board, token]) => buildKey(board, token));
    const rows = await batchGet<BoardRow>(this.#table, keys, ["board", "token", "count"], deadline);
    const counts = new Map(rows.map(({ board, token, count }) => [JSON.stringify([board, token]), count]));
    // A deletion that comes after the row has expired leaves a negative count.
    return keys.map(({ board, token }) => Math.max(0, counts.get(JSON.stringify([board, token])) ?? 0));
  }

  /** Builds the query for the most frequent tokens of a board. */
  private buildQuery(board: Board, kind: Kind) {
    return {
      IndexName: this.rankingIndex,
      // Tokens of edited or deleted messages may have a count of zero.
      KeyConditionExpression: "ranking = :ranking AND #count > :zero",
      ExpressionAttributeNames: { "#count": "count" },
      ExpressionAttributeValues: { ":ranking": buildBoardRanking(board, kind), ":zero": 0 },
      ScanIndexForward: false,
    };
  }
}

export { BoardsTable };
