/** Answers questions for the leaderboard, from `/words` and from the webhook. */

import type { Deadline } from "#core/deadline";
import type { Board } from "#core/message/count-keys";
import { buildLeaderboard, buildPeriods, type TopRequest } from "#core/message/leaderboard";
import type { Kind, TokenCount } from "#core/message/tokens";
import type { TableName } from "#core/named";
import { isProblem, type Problem } from "#core/problem";
import { createDynamoDB } from "#stores/aws-clients";
import { BoardsTable } from "#stores/message/boards-table";
import { PersonalChoices } from "#stores/message/personal-choices";
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
    private readonly choices: Pick<PersonalChoices, "read">,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /**
   * Reads words and annotations in parallel. Returns mrkdwn, or a sentence about a mistake in the question. Throws `NotDurable`, or an
   * `AggregateError` of several.
   */
  async answer(request: TopRequest | Problem, place: Place, deadline: Deadline): Promise<string> {
    if (isProblem(request)) return request.problem;
    const boards = await this.findBoards(request, place, deadline);
    const [words, annotations] = await Promise.all([
      this.read("word", request, boards, deadline),
      this.read("annotation", request, boards, deadline),
    ]);
    return buildLeaderboard(request, words, annotations);
  }

  /**
   * Finds the boards that add up to the answer. Every conversation, public or private, has boards of each day and of all time, and every person
   * likewise. Only of a person's own boards the choice must be read first.
   */
  private async findBoards({ window, here, mine }: TopRequest, { team, channel, user }: Place, deadline: Deadline): Promise<Board[]> {
    const person = mine ? { user, generation: (await this.choices.read({ team, user }, deadline)).generation } : undefined;
    const scope = { team, ...(here ? { channel } : {}), ...(person && { person }) };
    return buildPeriods(window, this.nowMs()).map(period => ({ ...scope, period }));
  }

  /** Reads one kind. The table `words` has the public counts of all time. */
  private read(kind: Kind, { limit, window, here, mine }: TopRequest, boards: readonly Board[], deadline: Deadline): Promise<TokenCount[]> {
    const [board, ...others] = boards;
    if (board === undefined || others.length > 0) return this.boards.readTopSums(boards, kind, limit, deadline);
    const isPublic = window === "ever" && !here && !mine;
    return isPublic ? this.words.readTop({ team: board.team }, kind, limit, deadline) : this.boards.readTop(board, kind, limit, deadline);
  }
}

/** Creates a `Top` and its client. */
const createTop = (settings: TopSettings): Top => {
  const client = createDynamoDB("ack");
  return new Top(
    new WordsTable(client, settings.wordsTable, settings.rankingIndex),
    new BoardsTable(client, settings.boardsTable, settings.rankingIndex),
    new PersonalChoices(client, settings.boardsTable),
  );
};

export type { Place, TopSettings };
export { createTop, Top };
