/** Answers questions for the leaderboard, from `/words` and from the webhook. */

import type { Deadline } from "#core/deadline";
import { OFF } from "#core/feature-off";
import { CountKeys, type KeyLayout, type Scope } from "#core/message/count-keys";
import { buildLeaderboard, buildPeriods, OFF_HINT, type TopRequest } from "#core/message/leaderboard";
import { type Kind, kindOf, type TokenCount } from "#core/message/tokens";
import { sortTop } from "#core/message/top-sums";
import type { TableName } from "#core/named";
import { isProblem, type Problem } from "#core/problem";
import { createDynamoDB } from "#stores/aws-clients";
import { BoardsTable } from "#stores/message/boards-table";
import { PersonalBoards } from "#stores/message/personal-boards";
import { PersonalChoices } from "#stores/message/personal-choices";
import { WordsTable } from "#stores/message/words-table";

interface TopSettings {
  wordsTable: TableName;
  /** Undefined if messages are not published: then nothing keeps the boards. */
  boardsTable?: TableName | undefined;
  /** The index with people's messages of a day. Only `/words` needs it, for `mine`. */
  spoken?: { seenTable: TableName } | undefined;
  /** How the keys of counters are laid out. */
  layout: KeyLayout;
}

/** Where a question was asked, and by whom. */
interface Place {
  team: string;
  channel: string;
  user: string;
}

interface TopParts {
  words: Pick<WordsTable, "readTop">;
  /** Undefined if messages are not published. */
  boards: Pick<BoardsTable, "readTop" | "readTopSums"> | undefined;
  /** Undefined where nobody asks for their own words. */
  own: { choices: Pick<PersonalChoices, "read">; boards: Pick<PersonalBoards, "readCounts"> } | undefined;
  nowMs?: () => number;
}

class Top {
  readonly #parts: Required<TopParts>;

  constructor(parts: TopParts) {
    this.#parts = { nowMs: Date.now, ...parts };
  }

  /**
   * Returns mrkdwn, or a sentence about a mistake in the question, or about boards that are off. Throws `NotDurable`, or an
   * `AggregateError` of several.
   */
  async answer(request: TopRequest | Problem, place: Place, deadline: Deadline): Promise<string> {
    if (isProblem(request)) return request.problem;
    const { words, boards: table, nowMs } = this.#parts;
    const { window, limit, here, mine } = request;
    const scope = { team: place.team, ...(here ? { channel: place.channel } : {}) };
    const periods = buildPeriods(window, nowMs());
    if (isOfWords(request)) return buildAnswer(request, kind => words.readTop(scope, kind, limit, deadline));
    if (table === undefined) return OFF.boards;
    if (mine) return this.answerOwn(request, { ...scope, user: place.user }, periods, deadline);
    const [board, ...others] = periods.map(period => ({ ...scope, period }));
    return buildAnswer(request, kind =>
      others.length > 0 ? table.readTopSums([board!, ...others], kind, limit, deadline) : table.readTop(board!, kind, limit, deadline),
    );
  }

  private async answerOwn(request: TopRequest, { user, ...scope }: Scope & Pick<Place, "user">, periods: string[], deadline: Deadline) {
    const { own } = this.#parts;
    if (own === undefined) return OFF.boards;
    const { off, generation } = await own.choices.read({ team: scope.team, user }, deadline);
    const counts = await own.boards.readCounts({ ...scope, person: { user, generation } }, periods, deadline);
    const text = await buildAnswer(request, async kind =>
      sortTop(counts.filter(([token]) => kindOf(token) === kind)).slice(0, request.limit),
    );
    return off ? `${text}\n${OFF_HINT}` : text;
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
  const { wordsTable, boardsTable, spoken } = settings;
  const keys = new CountKeys(settings.layout);
  return new Top({
    words: new WordsTable(client, wordsTable, keys),
    boards: boardsTable === undefined ? undefined : new BoardsTable(client, boardsTable, keys),
    own:
      boardsTable === undefined || spoken === undefined
        ? undefined
        : { choices: new PersonalChoices(client, boardsTable, keys), boards: new PersonalBoards(client, { boardsTable, ...spoken }, keys) },
  });
};

export type { Place, TopSettings };
export { createTop, Top };
