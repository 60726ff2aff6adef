/** Answers questions for the leaderboard, from `/words` and from the webhook. */

import type { Deadline } from "#core/deadline";
import type { Board } from "#core/message/count-keys";
import { buildLeaderboard, buildPeriods, type TopRequest } from "#core/message/leaderboard";
import type { Kind, TokenCount } from "#core/message/tokens";
import type { TableName } from "#core/named";
import { isProblem, type Problem } from "#core/problem";
import { createDynamoDB } from "#stores/aws-clients";
import { BoardsTable } from "#stores/message/boards-table";
import { WordsTable } from "#stores/message/words-table";

interface TopSettings {
  wordsTable: TableName;
  boardsTable: TableName;
  /** The index of both tables that sorts by count. */
  rankingIndex: string;
}

/** Where a question was asked, and by whom. */
interface Place {
  team: string;
  channel: string;
  user: string;
}

class Top {
  constructor(
    private readonly words: WordsTable,
    private readonly boards: BoardsTable,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /**
   * Reads words and annotations in parallel. Returns mrkdwn, or a sentence about a mistake in the question. Throws `NotDurable`, or an
   * `AggregateError` of several.
   */
  async answer(request: TopRequest | Problem, place: Place, deadline: Deadline): Promise<string> {
    if (isProblem(request)) return request.problem;
    const [words, annotations] = await Promise.all([
      this.read("word", request, place, deadline),
      this.read("annotation", request, place, deadline),
    ]);
    return buildLeaderboard(request, words, annotations);
  }

  /** Reads one kind. Every conversation, public or private, has boards of each day and of all time. */
  read(kind: Kind, { limit, window, here }: TopRequest, { team, channel }: Place, deadline: Deadline): Promise<TokenCount[]> {
    if (window === "ever" && !here) return this.words.readTop({ team }, kind, limit, deadline);
    const boards = buildPeriods(window, this.nowMs()).map((period): Board => ({ team, ...(here ? { channel } : {}), period }));
    const [board, ...others] = boards;
    if (board !== undefined && others.length === 0) return this.boards.readTop(board, kind, limit, deadline);
    return this.boards.readTopSums(boards, kind, limit, deadline);
  }
}

/** Creates a `Top` and its client. */
const createTop = (settings: TopSettings): Top => {
  const client = createDynamoDB("ack");
  return new Top(
    new WordsTable(client, settings.wordsTable, settings.rankingIndex),
    new BoardsTable(client, settings.boardsTable, settings.rankingIndex),
  );
};

export type { Place, TopSettings };
export { createTop, Top };
