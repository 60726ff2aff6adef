/** Keeps the boards of each day: how often a token was said on it. */
import { buildBoard } from "#core/leaderboard";
import { createLog } from "#core/log";
import { type Envelope, tokensOf } from "#core/message";
import { kindOf, type Split } from "#core/tokens";
import { createDynamoDB } from "#stores/aws-clients";
import { LeaderboardTable } from "#stores/leaderboard-table";
import { type AddOnce, createAddOnce } from "#subscribers/add-once";
import { createSubscriber, type Subscriber } from "#subscribers/records";

interface LeaderboardSettings {
  leaderboardTable: string;
  seenTable: string;
  split: Split;
  ignoreWords: string[];
  /** How long a message can be replayed, in days. */
  archiveDays: number;
  /** How long a day's boards are kept after it, in days. */
  keepDays: number;
}

const DAY_SECONDS = 86_400;

class Leaderboard {
  constructor(
    private readonly addOnce: Pick<AddOnce, "add">,
    private readonly leaderboard: Pick<LeaderboardTable, "buildAddition">,
    private readonly settings: Pick<LeaderboardSettings, "split" | "ignoreWords" | "keepDays">,
  ) {}

  /** Counts a message on the UTC day on which it was said. Throws `NotDurable` when the time is up. */
  async handle(envelope: Envelope): Promise<void> {
    const saidAtSeconds = Math.floor(Number(envelope.data.ts));
    const endOfDaySeconds = (Math.floor(saidAtSeconds / DAY_SECONDS) + 1) * DAY_SECONDS;
    const expiresAtSeconds = endOfDaySeconds + this.settings.keepDays * DAY_SECONDS;
    const additions = tokensOf(envelope, this.settings).map(([token, count]) => {
      const board = buildBoard(saidAtSeconds * 1000, kindOf(token));
      return this.leaderboard.buildAddition(board, [token, count], expiresAtSeconds);
    });
    await this.addOnce.add(envelope.id, additions);
  }
}

/** Creates the subscriber; give its function 30 s. */
const createLeaderboard = (settings: LeaderboardSettings): Subscriber => {
  const table = new LeaderboardTable(createDynamoDB("background"), settings.leaderboardTable);
  const leaderboard = new Leaderboard(createAddOnce("leaderboard", settings), table, settings);
  return createSubscriber(createLog("leaderboard"), envelope => leaderboard.handle(envelope));
};

export type { LeaderboardSettings };
export { createLeaderboard, Leaderboard };
