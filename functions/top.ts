/** Answers questions for the leaderboard, from `/words` and from the webhook. */

import type { Deadline } from "#core/deadline";
import { OFF } from "#core/feature-off";
import { type Board, CountKeys, type KeyLayout } from "#core/message/count-keys";
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
  /** Undefined if messages are not published: then nothing keeps the boards. */
  boardsTable?: TableName | undefined;
  /** The index of both tables that sorts by count. */
  rankingIndex: string;
  /** How the keys of counters are laid out. */
  layout: KeyLayout;
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
    private readonly boards: BoardsTable | undefined,
    private readonly choices: Pick<PersonalChoices, "read"> | undefined,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /**
   * Returns mrkdwn, or a sentence about a mistake in the question, or about boards that are off. Throws `NotDurable`, or an
   * `AggregateError` of several.
   */
  async answer(request: TopRequest | Problem, place: Place, deadline: Deadline): Promise<string> {
    if (isProblem(request)) return request.problem;
    const { team, user } = place;
    if (isOfWords(request)) return buildAnswer(request, kind => this.words.readTop({ team }, kind, request.limit, deadline));
    const { boards: table, choices } = this;
    if (table === undefined || choices === undefined) return OFF.boards;
    // Only a person's own boards depend on what the person chose.
    const choice = request.mine ? await choices.read({ team, user }, deadline) : undefined;
    const boards = this.buildBoards(request, place, choice);
    const [board, ...others] = boards;
    const text = await buildAnswer(request, kind =>
      board === undefined || others.length > 0
        ? table.readTopSums(boards, kind, request.limit, deadline)
        : table.readTop(board, kind, request.limit, deadline),
    );
    return choice?.off ? `${text}\n${OFF_HINT}` : text;
  }

  /** Lists the boards that add up to the answer. Every conversation, public or private, has boards of each day and of all time; so has every person. */
  private buildBoards({ window, here }: TopRequest, { team, channel, user }: Place, choice: Choice | undefined): Board[] {
    const scope = { team, ...(here ? { channel } : {}), ...(choice && { person: { user, generation: choice.generation } }) };
    return buildPeriods(window, this.nowMs()).map(period => ({ ...scope, period }));
  }
}

/** Reads words and annotations side by side. */
const buildAnswer = async (request: TopRequest, read: (kind: Kind) => Promise<TokenCount[]>): Promise<string> => {
  const [words, annotations] = await Promise.all([read("word"), read("annotation")]);
  return buildLeaderboard(request, words, annotations);
};

/** Tells whether a question is for the public counts of all time, which the table `words` has. */
const isOfWords = ({ window, here, mine }: TopRequest): boolean => window === "ever" && !here && !mine;

/** Creates a `Top` and its client. */
const createTop = (settings: TopSettings): Top => {
  const client = createDynamoDB("ack");
  const { wordsTable, boardsTable, rankingIndex } = settings;
  const keys = new CountKeys(settings.layout);
  const words = new WordsTable(client, wordsTable, rankingIndex, keys);
  if (boardsTable === undefined) return new Top(words, undefined, undefined);
  return new Top(words, new BoardsTable(client, boardsTable, rankingIndex, keys), new PersonalChoices(client, boardsTable, keys));
};

export type { Place, TopSettings };
export { createTop, Top };
