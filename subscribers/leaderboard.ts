/**
 * Keeps the boards, which count each token per day, per conversation and per person. Edits and deletions change the boards on which the message
 * was counted.
 */

import type { Deadline } from "#core/deadline";
import { createLog } from "#core/log";
import { type Board, CountKeys, dayOf, EVER, type KeyLayout, type Person, type Scope } from "#core/message/count-keys";
import { parseAnyEnvelope } from "#core/message/event";
import type { TokenCount } from "#core/message/tokens";
import type { MessageVersion } from "#core/message/version";
import type { TableName } from "#core/named";
import { createDynamoDB } from "#stores/aws-clients";
import type { Addition } from "#stores/count-once";
import { BoardsTable } from "#stores/message/boards-table";
import type { CountedMessage, Effect } from "#stores/message/counted-versions";
import { PersonalChoices } from "#stores/message/personal-choices";
import { createEventSubscriber, type Subscriber } from "#subscribers/records";
import { createTally, type TallySettings } from "#subscribers/tally";

interface LeaderboardSettings extends TallySettings {
  boardsTable: TableName;
  seenTable: TableName;
  /** What the multiplier adds per occurrence. A conversation's all-time board includes it, as the table `words` does. */
  multiplier: number;
  /** Whether people have boards of their own. */
  personalBoards: boolean;
  /** How long a message can be replayed or edited, and a day's boards are kept after it, in days. */
  archiveDays: number;
  layout: KeyLayout;
}

const DAY_SECONDS = 86_400;

class Leaderboard implements Effect {
  readonly name = "leaderboard";
  readonly times: number;

  constructor(
    private readonly boards: Pick<BoardsTable, "buildAddition">,
    private readonly choices: Pick<PersonalChoices, "findPerson">,
    private readonly settings: Pick<LeaderboardSettings, "multiplier" | "archiveDays" | "personalBoards">,
  ) {
    this.times = 1 + settings.multiplier;
  }

  /** Finds on whose personal boards a message counts. */
  async findPerson({ team, user }: MessageVersion, deadline: Deadline): Promise<Person | undefined> {
    const isCounted = this.settings.personalBoards && user !== undefined;
    return isCounted ? this.choices.findPerson({ team, user }, deadline) : undefined;
  }

  /** Counts a message on the UTC day on which it was said, and for all time. */
  build(message: CountedMessage, tokens: readonly TokenCount[]): Addition[] {
    const saidAtSeconds = Math.floor(Number(message.ts));
    return this.boardsOf(message, saidAtSeconds).flatMap(board => {
      const isDay = board.period !== EVER;
      const [times, expiresAtSeconds] = isDay ? [1, this.expiryOf(saidAtSeconds)] : [message.times];
      return tokens.map(([token, count]) => this.boards.buildAddition(board, [token, count * times], expiresAtSeconds, message.ts));
    });
  }

  /** Lists the boards of a message: the public ones, unless it was said in private, those of its conversation, and the person's own of both. */
  private boardsOf({ team, channel, private: isPrivate, person }: CountedMessage, saidAtSeconds: number): Board[] {
    const periods = [dayOf(saidAtSeconds * 1000), EVER];
    const scopes: Scope[] = isPrivate ? [{ team, channel }] : [{ team }, { team, channel }];
    const boards = scopes.flatMap(scope => periods.map((period): Board => ({ ...scope, period })));
    // The table `words` has the public counts of all time.
    const shared = boards.filter(({ channel: isHere, period }) => isHere !== undefined || period !== EVER);
    return person === undefined ? shared : [...shared, ...boards.map(board => ({ ...board, person }))];
  }

  private expiryOf(saidAtSeconds: number): number {
    const endOfDaySeconds = (Math.floor(saidAtSeconds / DAY_SECONDS) + 1) * DAY_SECONDS;
    return endOfDaySeconds + this.settings.archiveDays * DAY_SECONDS;
  }
}

/** Creates the subscriber; give its function 30 s. */
const create = (settings: LeaderboardSettings): Subscriber => {
  const client = createDynamoDB("background");
  const keys = new CountKeys(settings.layout);
  const boards = new BoardsTable(client, settings.boardsTable, undefined, keys);
  const choices = new PersonalChoices(client, settings.boardsTable, keys);
  const tally = createTally(new Leaderboard(boards, choices, settings), settings);
  return createEventSubscriber(createLog("leaderboard"), parseAnyEnvelope, envelope => tally.handle(envelope));
};

export type { LeaderboardSettings };
export { create, Leaderboard };
