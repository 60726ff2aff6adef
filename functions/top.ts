/** Answers questions for the leaderboard, from `/words` and from the webhook. */

import type { Deadline } from "#core/deadline";
import type { Board } from "#core/message/count-keys";
import { buildLeaderboard, buildPeriods, OFF_HINT, type TopRequest } from "#core/message/leaderboard";
import type { Kind, TokenCount } from "#core/message/tokens";
import type { TableName } from "#core/named";
import { isProblem, type Problem } from "#core/problem";
import { createDynamoDB } from "#stores/aws-clients";
import { BoardsTable } from "#stores/message/boards-table";
import { type Choice, PersonalChoices } from "#stores/message/personal-choices";
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
    const { team, user } = place;
    // Only a person's own boards depend on what the person chose.
    const choice = request.mine ? await this.choices.read({ team, user }, deadline) : undefined;
    const boards = this.buildBoards(request, place, choice);
    const [words, annotations] = await Promise.all([
      this.read("word", request, boards, deadline),
      this.read("annotation", request, boards, deadline),
    ]);
    const text = buildLeaderboard(request, words, annotations);
    return choice?.off ? `${text}\n${OFF_HINT}` : text;
  }

  /** Lists the boards that add up to the answer. Every conversation, public or private, has boards of each day and of all time; so has every person. */
  private buildBoards({ window, here }: TopRequest, { team, channel, user }: Place, choice: Choice | undefined): Board[] {
    const scope = { team, ...(here ? { channel } : {}), ...(choice && { person: { user, generation: choice.generation } }) };
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
