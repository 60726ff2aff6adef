/** Adds a bonus for each time a token was said. */
import { EVER } from "#core/count-keys";
import { createLog } from "#core/log";
import { type Envelope, scopeOf, tokensOf } from "#core/message";
import type { Split, TokenCount } from "#core/tokens";
import { createDynamoDB } from "#stores/aws-clients";
import { LeaderboardTable } from "#stores/leaderboard-table";
import { WordsTable } from "#stores/words-table";
import { type AddOnce, createAddOnce } from "#subscribers/add-once";
import { createSubscriber, type Subscriber } from "#subscribers/records";

interface MultiplierSettings {
  wordsTable: string;
  leaderboardTable: string;
  seenTable: string;
  /** Added per occurrence. */
  multiplier: number;
  split: Split;
  ignoreWords: string[];
  /** How long a message can be replayed, in days. */
  archiveDays: number;
}

class Multiplier {
  constructor(
    private readonly addOnce: Pick<AddOnce, "add">,
    private readonly words: Pick<WordsTable, "buildAddition">,
    private readonly leaderboard: Pick<LeaderboardTable, "buildAddition">,
    private readonly settings: Pick<MultiplierSettings, "multiplier" | "split" | "ignoreWords">,
  ) {}

  /** Adds where all time is counted: to the words, and to the board of the conversation. Throws `NotDurable` when the time is up. */
  async handle(envelope: Envelope): Promise<void> {
    const { team, channel } = envelope.data;
    const bonuses = tokensOf(envelope, this.settings).map(([token, count]): TokenCount => [token, count * this.settings.multiplier]);
    const board = { team, channel, period: EVER };
    await this.addOnce.add(envelope.id, [
      ...bonuses.map(bonus => this.words.buildAddition(scopeOf(envelope), bonus)),
      ...bonuses.map(bonus => this.leaderboard.buildAddition(board, bonus)),
    ]);
  }
}

/** Creates the subscriber; give its function 30 s. */
const createMultiplier = (settings: MultiplierSettings): Subscriber => {
  const client = createDynamoDB("background");
  const words = new WordsTable(client, settings.wordsTable);
  const leaderboard = new LeaderboardTable(client, settings.leaderboardTable);
  const multiplier = new Multiplier(createAddOnce("multiplier", settings), words, leaderboard, settings);
  return createSubscriber(createLog("multiplier"), envelope => multiplier.handle(envelope));
};

export type { MultiplierSettings };
export { createMultiplier, Multiplier };
