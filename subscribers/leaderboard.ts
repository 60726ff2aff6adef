/** Keeps the boards, which count each token per day and per conversation. */

import { createLog } from "#core/log";
import { type Board, dayOf, EVER } from "#core/message/count-keys";
import { type Envelope, isPrivate, tokensOf } from "#core/message/message";
import type { Split } from "#core/message/tokens";
import type { TableName } from "#core/named";
import { createDynamoDB } from "#stores/aws-clients";
import { BoardsTable } from "#stores/message/boards-table";
import { type AddOnce, createAddOnce } from "#subscribers/add-once";
import { createSubscriber, type Subscriber } from "#subscribers/records";

interface LeaderboardSettings {
  boardsTable: TableName;
  seenTable: TableName;
  /** What the multiplier adds per occurrence. A conversation's all-time board includes it, as the table `words` does. */
  multiplier: number;
  split: Split;
  ignoreWords: string[];
  /** How long a message can be replayed, and a day's boards are kept after it, in days. */
  archiveDays: number;
}

const DAY_SECONDS = 86_400;

class Leaderboard {
  constructor(
    private readonly addOnce: Pick<AddOnce, "add">,
    private readonly boards: Pick<BoardsTable, "buildAddition">,
    private readonly settings: Pick<LeaderboardSettings, "multiplier" | "split" | "ignoreWords" | "archiveDays">,
  ) {}

  /** Counts a message on the UTC day on which it was said, and for all time. Throws `NotDurable` when the time is up. */
  async handle(envelope: Envelope): Promise<void> {
    const tokens = tokensOf(envelope, this.settings);
    const saidAtSeconds = Math.floor(Number(envelope.data.ts));
    const additions = this.boardsOf(envelope, saidAtSeconds).flatMap(board => {
      const isDay = board.period !== EVER;
      const [times, expiresAtSeconds] = isDay ? [1, this.expiryOf(saidAtSeconds)] : [1 + this.settings.multiplier];
      return tokens.map(([token, count]) => this.boards.buildAddition(board, [token, count * times], expiresAtSeconds));
    });
    await this.addOnce.add(envelope.id, additions);
  }

  /** Lists the boards of a message: the day's, unless it was said in private, and those of its conversation. */
  boardsOf(envelope: Envelope, saidAtSeconds: number): Board[] {
    const { team, channel } = envelope.data;
    const day = dayOf(saidAtSeconds * 1000);
    const own = [day, EVER].map(period => ({ team, channel, period }));
    return isPrivate(envelope) ? own : [{ team, period: day }, ...own];
  }

  private expiryOf(saidAtSeconds: number): number {
    const endOfDaySeconds = (Math.floor(saidAtSeconds / DAY_SECONDS) + 1) * DAY_SECONDS;
    return endOfDaySeconds + this.settings.archiveDays * DAY_SECONDS;
  }
}

/** Creates the subscriber; give its function 30 s. */
const create = (settings: LeaderboardSettings): Subscriber => {
  const table = new BoardsTable(createDynamoDB("background"), settings.boardsTable);
  const leaderboard = new Leaderboard(createAddOnce("leaderboard", settings), table, settings);
  return createSubscriber(createLog("leaderboard"), envelope => leaderboard.handle(envelope));
};

export type { LeaderboardSettings };
export { create, Leaderboard };
