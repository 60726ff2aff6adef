/** The table `boards`: how often each token was said on one day, in one conversation, or both. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { type Board, CountKeys } from "#core/message/count-keys";
import { LEAST_LEVEL } from "#core/message/levels";
import type { Kind, TokenCount } from "#core/message/tokens";
import { findTopSums, type Page } from "#core/message/top-sums";
import { runSideBySide } from "#core/side-by-side";
import { MAX_CALLS_OF_A_KIND } from "#stores/aws-clients";
import { batchGet } from "#stores/batch-get";
import type { Addition } from "#stores/count-once";
import { levelIn } from "#stores/message/levels";
import { ShardedRanking } from "#stores/message/sharded-ranking";
import { Table } from "#stores/table";

interface BoardRow {
  board: string;
  token: string;
  count: number;
  ranking: string;
}

/** Reads a board on, from its highest counts. */
type ReadOn = (maxRows: number) => Promise<Page>;

/** Usually these are enough of each of several boards: what people say most on one day, they say on others. */
const FIRST_ROWS = 100;

const nameRow = ({ board, token }: Pick<BoardRow, "board" | "token">): string => JSON.stringify([board, token]);

class BoardsTable {
  readonly #table: Table;

  constructor(
    client: DynamoDBClient,
    table: string,
    private readonly keys = new CountKeys(),
  ) {
    this.#table = new Table(client, table);
  }

  /**
   * Builds the addition for one token of a board. DynamoDB deletes the row some time after `expiresAtSeconds` (epoch), or never. The message's
   * timestamp spreads the additions of a hot word.
   */
  buildAddition(board: Board, [token, by]: TokenCount, expiresAtSeconds?: number, ts = ""): Addition {
    const { key, set } = this.keys.placeOnBoard(board, token, ts);
    const expiry = expiresAtSeconds === undefined ? {} : { expires_at: expiresAtSeconds };
    return {
      table: this.#table.name,
      key: { ...key },
      add: { count: by },
      set: { ...set, ...expiry },
      ...levelIn(set, LEAST_LEVEL.boards),
    };
  }

  /** Reads the most frequent tokens of a board; ties in alphabetical order. The index may lag by a moment. Throws as `readTopSums`. */
  async readTop(board: Board, kind: Kind, limit: number, deadline: Deadline): Promise<TokenCount[]> {
    return this.findTop([board], kind, { limit, firstRows: limit }, deadline);
  }

  /**
   * Reads the tokens with the highest sums over several boards, exactly; ties in alphabetical order. That takes two round trips, more if the
   * boards differ much. Throws `NotDurable`, or an `AggregateError` of several, when time runs out.
   */
  async readTopSums(boards: readonly Board[], kind: Kind, limit: number, deadline: Deadline): Promise<TokenCount[]> {
    return this.findTop(boards, kind, { limit, firstRows: FIRST_ROWS }, deadline);
  }

  private findTop(boards: readonly Board[], kind: Kind, { limit, firstRows }: { limit: number; firstRows: number }, deadline: Deadline) {
    const boardsAtOnce = Math.max(1, Math.floor(MAX_CALLS_OF_A_KIND / this.keys.shards));
    const reads = boards.map(board => this.open(board, kind, Math.floor(MAX_CALLS_OF_A_KIND / boardsAtOnce), deadline));
    return findTopSums(
      {
        size: boards.length,
        callsAtOnce: boardsAtOnce,
        firstRows,
        readPage: (index, maxRows) => reads[index]!(maxRows),
        readCounts: keys =>
          this.readCounts(
            keys.map(([index, token]) => [boards[index]!, token]),
            deadline,
          ),
      },
      limit,
    );
  }

  /** Opens a board for reading. Its pages have whole counts: those of hot words, which the index does not have, are in the first page. */
  private open(board: Board, kind: Kind, callsAtOnce: number, deadline: Deadline): ReadOn {
    const rankings = this.keys.boardRankings(board, kind);
    const ranking = new ShardedRanking<Pick<BoardRow, "token">>(this.#table, rankings, LEAST_LEVEL.boards);
    let hot = this.keys.hotTokens(kind);
    return async maxRows => {
      if (ranking.isFinished) return { rows: await this.readWhole(board, kind, callsAtOnce, deadline), frontier: 0 };
      const found = await ranking.readOn(maxRows, callsAtOnce, deadline);
      const tokens = new Set([...hot, ...found.map(({ token }) => token)]);
      hot = [];
      // Where a token may have several rows, each is at most the frontier.
      return { rows: await this.readBoardCounts(board, [...tokens], deadline), frontier: ranking.frontier * this.keys.rowsOfToken };
    };
  }

  /** Reads all tokens of a board but the hot ones. A page of DynamoDB holds some 10,000 of them. */
  private async readWhole(board: Board, kind: Kind, callsAtOnce: number, deadline: Deadline): Promise<TokenCount[]> {
    const hot = new Set(this.keys.hotTokens(kind));
    const rankings = new Set(this.keys.boardRankings(board, kind));
    const counts = new Map<string, number>();
    await runSideBySide(this.keys.boardPartitions(board, kind), callsAtOnce, async partition => {
      const request = { KeyConditionExpression: "board = :board", ExpressionAttributeValues: { ":board": partition } };
      for await (const { token, count, ranking } of this.#table.queryAll<BoardRow>(request, deadline))
        if (rankings.has(ranking) && !hot.has(token)) counts.set(token, (counts.get(token) ?? 0) + count);
    });
    // A deletion that comes after the row has expired leaves a negative count.
    return [...counts].map(([token, count]) => [token, Math.max(0, count)]);
  }

  private async readBoardCounts(board: Board, tokens: readonly string[], deadline: Deadline): Promise<TokenCount[]> {
    const counts = await this.readCounts(
      tokens.map(token => [board, token]),
      deadline,
    );
    return tokens.map((token, index) => [token, counts[index]!]);
  }

  /** Reads the counts of tokens, each on one board, strongly consistent, in the given order. Throws `NotDurable` when time runs out. */
  async readCounts(tokens: readonly (readonly [Board, token: string])[], deadline: Deadline): Promise<number[]> {
    const keysOf = tokens.map(([board, token]) => this.keys.boardKeys(board, token));
    const rows = await batchGet<BoardRow>(this.#table, keysOf.flat(), ["board", "token", "count"], deadline);
    const counts = new Map(rows.map(row => [nameRow(row), row.count]));
    // A deletion that comes after the row has expired leaves a negative count.
    return keysOf.map(keys =>
      Math.max(
        0,
        keys.reduce((sum, key) => sum + (counts.get(nameRow(key)) ?? 0), 0),
      ),
    );
  }
}

export { BoardsTable };
