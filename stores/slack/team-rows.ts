/** The data of workspaces in all tables and in the archive, to be listed and erased. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { Deadline } from "#core/deadline";
import type { TableName } from "#core/named";
import { runSideBySide } from "#core/side-by-side";
import { findTeam, keyOf, type Row, type TeamTableName } from "#core/slack/team-data";
import { MAX_CALLS } from "#stores/aws-clients";
import { Table } from "#stores/table";

/** The tables that the stack has, by their names in the program. */
type TeamTables = Partial<Record<TeamTableName, TableName>>;

/** Where a scan goes on. */
type Position = Record<string, string | number>;

interface TeamPage {
  /** The rows of the workspaces that were asked for. */
  rows: Row[];
  /** Undefined at the end of the table. */
  next?: Position | undefined;
}

/** A page is read and erased within seconds, also where calls are slow. */
const ROWS_A_PAGE = 1000;
const PAGE_BUDGET_MS = 20_000;

class TeamRows {
  constructor(
    private readonly client: DynamoDBClient,
    private readonly tables: TeamTables,
  ) {}

  get names(): TeamTableName[] {
    return Object.keys(this.tables) as TeamTableName[];
  }

  /** Reads the rows of some workspaces in the next part of a table. No index lists them, so this reads the rows of others, too. */
  async readPage(name: TeamTableName, teams: ReadonlySet<string>, after?: Position): Promise<TeamPage> {
    const { rows, next } = await this.table(name).scanPage<Row, Position>({ after, limit: ROWS_A_PAGE }, new Deadline(PAGE_BUDGET_MS));
    return { rows: rows.filter(row => teams.has(findTeam(name, row) ?? "")), next };
  }

  async *readAll(name: TeamTableName, team: string): AsyncGenerator<Row> {
    let after: Position | undefined;
    do {
      const { rows, next }: TeamPage = await this.readPage(name, new Set([team]), after);
      yield* rows;
      after = next;
    } while (after !== undefined);
  }

  async delete(name: TeamTableName, rows: readonly Row[]): Promise<void> {
    const deadline = new Deadline(PAGE_BUDGET_MS);
    await runSideBySide(rows, MAX_CALLS, row => this.table(name).delete(keyOf(name, row), deadline));
  }

  /** Takes a person's name from counted versions of messages. What they count stays, so that an edit can still take it back. */
  async disown(versions: readonly Row[]): Promise<void> {
    const deadline = new Deadline(PAGE_BUDGET_MS);
    const request = { UpdateExpression: "REMOVE person, speaker_day", ConditionExpression: "attribute_exists(person)" };
    await runSideBySide(versions, MAX_CALLS, async row => {
      await this.table("seen").updateIf({ ...request, Key: keyOf("seen", row) }, deadline);
    });
  }

  private table(name: TeamTableName): Table {
    return new Table(this.client, this.tables[name] ?? "");
  }
}

export type { Position, TeamTables };
export { TeamRows };
