/** Answers how often one word or hashtag was said. */
import type { Deadline } from "#core/deadline";
import { CountKeys, EVER } from "#core/message/count-keys";
import { buildPeriods, buildWindowCounts, buildWordCounts } from "#core/message/leaderboard";
import type { Place, TopSettings } from "#functions/top";
import { createDynamoDB } from "#stores/aws-clients";
import { BoardsTable } from "#stores/message/boards-table";
import { WordsTable } from "#stores/message/words-table";

class WordCounts {
  constructor(
    private readonly words: Pick<WordsTable, "readCounts">,
    private readonly boards: Pick<BoardsTable, "readCounts"> | undefined,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** Reads the public counts and, if there are boards, those of days and of the conversation, in one round trip. Returns mrkdwn. Throws `NotDurable`. */
  async answer(token: string, { team, channel }: Place, deadline: Deadline): Promise<string> {
    const days = buildPeriods("month", this.nowMs());
    const boards = [...days.map(period => ({ team, period })), ...[EVER, ...days].map(period => ({ team, channel, period }))];
    const [[[, ever] = [token, 0]], counts] = await Promise.all([
      this.words.readCounts({ team }, [token], deadline),
      this.boards?.readCounts(
        boards.map(board => [board, token]),
        deadline,
      ),
    ]);
    if (counts === undefined) return buildWordCounts(token, { everywhere: { ever } });
    const [hereEver = 0, ...hereDays] = counts.slice(days.length);
    return buildWordCounts(token, {
      everywhere: buildWindowCounts(ever, counts.slice(0, days.length)),
      here: buildWindowCounts(hereEver, hereDays),
    });
  }
}

/** Creates a `WordCounts` and its client. */
const createWordCounts = (settings: Pick<TopSettings, "wordsTable" | "boardsTable" | "layout">): WordCounts => {
  const client = createDynamoDB("ack");
  const { wordsTable, boardsTable } = settings;
  const keys = new CountKeys(settings.layout);
  const boards = boardsTable === undefined ? undefined : new BoardsTable(client, boardsTable, keys);
  return new WordCounts(new WordsTable(client, wordsTable, keys), boards);
};

export { createWordCounts, WordCounts };
