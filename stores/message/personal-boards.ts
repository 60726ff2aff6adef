/**
 * What somebody has said. A row of the table `boards` has how often the person said a token ever, in public and in each conversation. The counts of a
 * day are not kept: they are the sums of the versions that the leaderboard counted of the person's messages of that day, which an index of the
 * table `seen` lists. One person says little enough for that.
 */

import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { buildMemberKey, buildSpeakerDay, CountKeys, EVER, type Person, type Scope } from "#core/message/count-keys";
import { BY_SPEAKER } from "#core/message/tables";
import { type Kind, kindOf, type TokenCount } from "#core/message/tokens";
import { runSideBySide } from "#core/side-by-side";
import { MAX_CALLS_OF_A_KIND } from "#stores/aws-clients";
import type { Addition } from "#stores/count-once";
import { unpackCounts } from "#stores/message/packed-counts";
import type { VersionRow } from "#stores/message/seen-table";
import { type Row, Table } from "#stores/table";

interface PersonalNames {
  boardsTable: string;
  seenTable: string;
}

/** The messages of one conversation or, without a channel, all public ones, that count on a person's boards. */
interface Spoken extends Scope {
  person: Person;
}

const KINDS: readonly Kind[] = ["word", "annotation"];

/** What a person has said ever. Beside `count`, which is of public conversations, each conversation has an attribute, named by its id. */
type PersonalRow = Row & { token: string; count?: number };

class PersonalBoards {
  readonly #boards: Table;
  readonly #seen: Table;

  constructor(
    client: DynamoDBClient,
    private readonly names: PersonalNames,
    private readonly keys = new CountKeys(),
  ) {
    this.#boards = new Table(client, names.boardsTable);
    this.#seen = new Table(client, names.seenTable);
  }

  /** Builds the addition for one token of a message to what the person has said ever. */
  buildAddition({ team, channel, person }: Required<Spoken>, isPrivate: boolean, [token, by]: TokenCount): Addition {
    const key = { board: this.keys.personalKey({ team }, person, kindOf(token)), token };
    const add = { ...(isPrivate ? {} : { count: by }), [channel]: by };
    return { table: this.names.boardsTable, key, add, set: { person: buildMemberKey({ team, user: person.user }) } };
  }

  /** Reads how often a person said each token in some periods together, in any order. Throws `NotDurable`, or an `AggregateError` of several. */
  async readCounts(spoken: Spoken, periods: readonly string[], deadline: Deadline): Promise<TokenCount[]> {
    const counts = new Map<string, number>();
    await runSideBySide(periods, MAX_CALLS_OF_A_KIND, async period => {
      const found = period === EVER ? this.readEver(spoken, deadline) : this.readDay(spoken, period, deadline);
      for await (const [token, count] of found) counts.set(token, (counts.get(token) ?? 0) + count);
    });
    return [...counts].filter(([, count]) => count > 0);
  }

  private async *readEver({ person, ...scope }: Spoken, deadline: Deadline): AsyncGenerator<TokenCount> {
    const { team, channel } = scope;
    for (const kind of KINDS) {
      for await (const row of this.readBoard(this.keys.personalKey({ team }, person, kind), deadline))
        yield [row.token, Number(row[channel ?? "count"] ?? 0)];
      if (channel === undefined) continue;
      // Earlier releases counted each conversation in a row of its own.
      for await (const { token, count = 0 } of this.readBoard(this.keys.personalKey(scope, person, kind), deadline)) yield [token, count];
    }
  }

  private readBoard(board: string, deadline: Deadline): AsyncGenerator<PersonalRow> {
    const request = { KeyConditionExpression: "board = :board", ExpressionAttributeValues: { ":board": board } };
    return this.#boards.queryAll<PersonalRow>(request, deadline);
  }

  private async *readDay({ team, channel, person }: Spoken, day: string, deadline: Deadline): AsyncGenerator<TokenCount> {
    const rows = this.#seen.queryAll<VersionRow>(
      {
        IndexName: BY_SPEAKER.name,
        KeyConditionExpression: "speaker_day = :day AND begins_with(event_id, :place)",
        ExpressionAttributeValues: {
          ":day": buildSpeakerDay(team, person, day),
          ":place": `${team}-${channel === undefined ? "" : `${channel}-`}`,
        },
      },
      deadline,
    );
    for await (const { counts, private: isPrivate } of rows) if (channel !== undefined || !isPrivate) yield* unpackCounts(counts);
  }
}

export { PersonalBoards };
