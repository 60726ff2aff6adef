/** The leaderboard for agents. */
import type { ToolArguments } from "#core/agent-tools";
import type { Deadline } from "#core/deadline";
import type { JsonObject } from "#core/json";
import { buildBoard } from "#core/leaderboard";
import type { LeaderboardTable } from "#stores/leaderboard-table";
import type { WordsTable } from "#stores/words-table";

const DEFAULT_LIMIT = 10;

class WordsTool {
  constructor(
    private readonly words: Pick<WordsTable, "readTop">,
    private readonly leaderboard: Pick<LeaderboardTable, "readTop">,
  ) {}

  /** Returns `{words: [{word, count}]}`, the most said first. */
  async read({ limit = DEFAULT_LIMIT, kind = "word", day }: ToolArguments<"read_words">, deadline: Deadline): Promise<JsonObject> {
    const counts =
      day === undefined
        ? await this.words.readTop(kind, limit, deadline)
        : await this.leaderboard.readTop(buildBoard(Date.parse(day), kind), limit, deadline);
    return { words: counts.map(([word, count]) => ({ word, count })) };
  }
}

export { WordsTool };
