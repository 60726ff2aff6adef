/**
 * Keeps the boards, which count each token per day, per conversation and per person. An edit or deletion changes the boards on which the message was
 * counted. Without a multiplier, it also raises the levels of words, since no later subscriber does.
 */

import type { Deadline } from "#core/deadline";
import { createLog } from "#core/log";
import { type Board, buildScope, CountKeys, dayOf, EVER, type KeyLayout, type Person } from "#core/message/count-keys";
import { parseAnyEnvelope } from "#core/message/event";
import type { TokenCount } from "#core/message/tokens";
import type { MessageVersion } from "#core/message/version";
import type { TableName } from "#core/named";
import { createDynamoDB } from "#stores/aws-clients";
import type { Addition } from "#stores/count-once";
import { BoardsTable } from "#stores/message/boards-table";
import type { CountedMessage, Effect } from "#stores/message/counted-versions";
import { PersonalBoards } from "#stores/message/personal-boards";
import { PersonalChoices } from "#stores/message/personal-choices";
import { WordsTable } from "#stores/message/words-table";
import { createEventSubscriber, type Subscriber } from "#subscribers/records";
import { createTally, type TallySettings } from "#subscribers/tally";

interface LeaderboardSettings extends TallySettings {
  boardsTable: TableName;
  seenTable: TableName;
  /** The table whose levels this raises. Undefined if there is a multiplier, which raises them after its bonus. */
  wordsTable?: TableName | undefined;
  /** What the multiplier adds per occurrence. A conversation's all-time board includes it, as the table `words` does. */
  multiplier: number;
  /** Whether people have boards of their own. */
  personalBoards: boolean;
  /** How long a message can be replayed or edited, and a day's boards are kept after it, in days. */
  archiveDays: number;
  layout: KeyLayout;
}

interface LeaderboardParts {
  boards: Pick<BoardsTable, "buildAddition">;
  personal: Pick<PersonalBoards, "buildAddition">;
  choices: Pick<PersonalChoices, "findPerson">;
  words?: Pick<WordsTable, "buildAddition"> | undefined;
  settings: Pick<LeaderboardSettings, "multiplier" | "archiveDays" | "personalBoards">;
}

const DAY_SECONDS = 86_400;

class Leaderboard implements Effect {
  readonly name = "leaderboard";
  readonly times: number;

  readonly #parts: LeaderboardParts;

  constructor(parts: LeaderboardParts) {
    this.#parts = parts;
    this.times = 1 + parts.settings.multiplier;
  }

  /** Finds on whose personal boards a message counts. */
  async findPerson({ team, user }: MessageVersion, deadline: Deadline): Promise<Person | undefined> {
    const { choices, settings } = this.#parts;
    return settings.personalBoards && user !== undefined ? choices.findPerson({ team, user }, deadline) : undefined;
  }

  /** Counts a message on the UTC day on which it was said, and for all time. A person's list of the day needs no counter (see `PersonalBoards`). */
  build(message: CountedMessage, tokens: readonly TokenCount[]): Addition[] {
    const { boards, personal } = this.#parts;
    const { team, channel, person, private: isPrivate, times } = message;
    const saidAtSeconds = Math.floor(Number(message.ts));
    const additions = this.boardsOf(message, saidAtSeconds).flatMap(board => {
      const [factor, expiresAtSeconds] = board.period === EVER ? [times] : [1, this.expiryOf(saidAtSeconds)];
      return tokens.map(([token, count]) => boards.buildAddition(board, [token, count * factor], expiresAtSeconds, message.ts));
    });
    if (person === undefined) return additions;
    return [
      ...additions,
      ...tokens.map(([token, count]) => personal.buildAddition({ team, channel, person }, isPrivate, [token, count * times])),
    ];
  }

  buildOthers(message: CountedMessage, tokens: readonly TokenCount[]): Addition[] {
    const { words } = this.#parts;
    return words === undefined ? [] : tokens.map(token => words.buildAddition(buildScope(message), token, message.ts));
  }

  /** Lists the boards of a message: the day's public one, unless it was said in private, and those of its conversation. */
  private boardsOf({ team, channel, private: isPrivate }: CountedMessage, saidAtSeconds: number): Board[] {
    const day = dayOf(saidAtSeconds * 1000);
    // The table `words` has the public counts of all time.
    const shared = isPrivate ? [] : [{ team, period: day }];
    return [...shared, ...[day, EVER].map(period => ({ team, channel, period }))];
  }

  private expiryOf(saidAtSeconds: number): number {
    const endOfDaySeconds = (Math.floor(saidAtSeconds / DAY_SECONDS) + 1) * DAY_SECONDS;
    return endOfDaySeconds + this.#parts.settings.archiveDays * DAY_SECONDS;
  }
}

/** Creates the subscriber; give its function 30 s. */
const create = (settings: LeaderboardSettings): Subscriber => {
  const client = createDynamoDB("background");
  const { boardsTable, wordsTable, layout } = settings;
  const keys = new CountKeys(layout);
  const leaderboard = new Leaderboard({
    boards: new BoardsTable(client, boardsTable, keys),
    personal: new PersonalBoards(client, settings, keys),
    choices: new PersonalChoices(client, boardsTable, keys),
    words: wordsTable === undefined ? undefined : new WordsTable(client, wordsTable, keys),
    settings,
  });
  const tally = createTally(leaderboard, settings);
  return createEventSubscriber(createLog("leaderboard"), parseAnyEnvelope, envelope => tally.handle(envelope));
};

export type { LeaderboardSettings };
export { create, Leaderboard };
