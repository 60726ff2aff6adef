/** Keeps the boards, which count each token per day and per conversation. Edits and deletions change the boards of the day of the message. */

import { createLog } from "#core/log";
import { type Board, dayOf, EVER } from "#core/message/count-keys";
import { parseAnyEnvelope } from "#core/message/event";
import type { TokenCount } from "#core/message/tokens";
import type { TableName } from "#core/named";
import { createDynamoDB } from "#stores/aws-clients";
import type { Addition } from "#stores/count-once";
import { BoardsTable } from "#stores/message/boards-table";
import type { CountedMessage, Effect } from "#stores/message/counted-versions";
import { createEventSubscriber, type Subscriber } from "#subscribers/records";
import { createTally, type TallySettings } from "#subscribers/tally";

interface LeaderboardSettings extends TallySettings {
  boardsTable: TableName;
  seenTable: TableName;
  /** What the multiplier adds per occurrence. A conversation's all-time board includes it, as the table `words` does. */
  multiplier: number;
  /** How long a message can be replayed or edited, and a day's boards are kept after it, in days. */
  archiveDays: number;
}

const DAY_SECONDS = 86_400;

class Leaderboard implements Effect {
  readonly name = "leaderboard";
  readonly times: number;

  constructor(
    private readonly boards: Pick<BoardsTable, "buildAddition">,
    private readonly settings: Pick<LeaderboardSettings, "multiplier" | "archiveDays">,
  ) {
    this.times = 1 + settings.multiplier;
  }

  /** Counts a message on the UTC day on which it was said, and for all time. */
  build(message: CountedMessage, tokens: readonly TokenCount[]): Addition[] {
    const saidAtSeconds = Math.floor(Number(message.ts));
    return this.boardsOf(message, saidAtSeconds).flatMap(board => {
      const isDay = board.period !== EVER;
      const [times, expiresAtSeconds] = isDay ? [1, this.expiryOf(saidAtSeconds)] : [message.times];
      return tokens.map(([token, count]) => this.boards.buildAddition(board, [token, count * times], expiresAtSeconds));
    });
  }

  /** Lists the boards of a message: the day's, unless it was said in private, and those of its conversation. */
  private boardsOf({ team, channel, private: isPrivate }: CountedMessage, saidAtSeconds: number): Board[] {
    const day = dayOf(saidAtSeconds * 1000);
    const own = [day, EVER].map(period => ({ team, channel, period }));
    return isPrivate ? own : [{ team, period: day }, ...own];
  }

  private expiryOf(saidAtSeconds: number): number {
    const endOfDaySeconds = (Math.floor(saidAtSeconds / DAY_SECONDS) + 1) * DAY_SECONDS;
    return endOfDaySeconds + this.settings.archiveDays * DAY_SECONDS;
  }
}

/** Creates the subscriber; give its function 30 s. */
const create = (settings: LeaderboardSettings): Subscriber => {
  const boards = new BoardsTable(createDynamoDB("background"), settings.boardsTable);
  const tally = createTally(new Leaderboard(boards, settings), settings);
  return createEventSubscriber(createLog("leaderboard"), parseAnyEnvelope, envelope => tally.handle(envelope));
};

export type { LeaderboardSettings };
export { create, Leaderboard };
