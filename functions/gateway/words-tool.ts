/** The leaderboard for agents. It shows only public words, because an agent may repeat them anywhere. */

import { refuse } from "#core/agent/tool-rules";
import type { ToolArguments } from "#core/agent/tools";
import type { Deadline } from "#core/deadline";
import type { JsonObject } from "#core/json";
import { dayOf } from "#core/message/count-keys";
import type { Caller } from "#functions/gateway/caller";
import type { BoardsTable } from "#stores/message/boards-table";
import type { WordsTable } from "#stores/message/words-table";

const DEFAULT_LIMIT = 10;

class WordsTool {
  constructor(
    private readonly words: Pick<WordsTable, "readTop">,
    private readonly boards: Pick<BoardsTable, "readTop">,
    /** The team of calls without a task; empty if none is configured. */
    private readonly teamId: string,
  ) {}

  /** Returns `{words: [{word, count}]}`, the most frequent first. Throws `ToolRefused` (`task`) if the team is unknown. */
  async read(args: ToolArguments<"read_words">, { task }: Caller, deadline: Deadline): Promise<JsonObject> {
    const { limit = DEFAULT_LIMIT, kind = "word", day } = args;
    const team = task?.team ?? this.teamId;
    if (team === "") refuse("task", "the workspace is unknown: name a task, or configure slackTeamId.");
    const counts =
      day === undefined
        ? await this.words.readTop({ team }, kind, limit, deadline)
        : await this.boards.readTop({ team, period: dayOf(Date.parse(day)) }, kind, limit, deadline);
    return { words: counts.map(([word, count]) => ({ word, count })) };
  }
}

export { WordsTool };
