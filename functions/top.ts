/** Answers the question for the leaderboard, wherever it was asked. */
import type { Deadline } from "#core/deadline";
import { buildBoard, buildLeaderboard, type TopRequest } from "#core/leaderboard";
import { isProblem, type Problem } from "#core/problem";
import type { Kind, TokenCount } from "#core/tokens";
import { createDynamoDB } from "#stores/aws-clients";
import { LeaderboardTable } from "#stores/leaderboard-table";
import { WordsTable } from "#stores/words-table";

interface TopSettings {
  wordsTable: string;
  kindIndex: string;
  leaderboardTable: string;
  countIndex: string;
}

class Top {
  constructor(
    private readonly words: WordsTable,
    private readonly leaderboard: LeaderboardTable,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** Reads words and annotations side by side; returns mrkdwn, or the sentence that says what was wrong with the question. */
  async answer(request: TopRequest | Problem, deadline: Deadline): Promise<string> {
    if (isProblem(request)) return request.problem;
    const [words, annotations] = await Promise.all([this.read("word", request, deadline), this.read("annotation", request, deadline)]);
    return buildLeaderboard(request, words, annotations);
  }

  /** Reads one kind. */
  read(kind: Kind, { limit, today }: TopRequest, deadline: Deadline): Promise<TokenCount[]> {
    return today ? this.leaderboard.readTop(buildBoard(this.nowMs(), kind), limit, deadline) : this.words.readTop(kind, limit, deadline);
  }
}

/** Creates a `Top` and its client. */
const createTop = (settings: TopSettings): Top => {
  const client = createDynamoDB("ack");
  return new Top(
    new WordsTable(client, settings.wordsTable, settings.kindIndex),
    new LeaderboardTable(client, settings.leaderboardTable, settings.countIndex),
  );
};

export type { TopSettings };
export { createTop, Top };
