/** The tables with data of workspaces, and two workspaces with the same names in them. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { INSTALLATIONS } from "#core/slack/tables";
import { type Row, TEAM_TABLES, type TeamTableName } from "#core/slack/team-data";
import type { Installation } from "#stores/slack/installations-table";
import { InstallationsTable } from "#stores/slack/installations-table";
import { TeamRows } from "#stores/slack/team-rows";
import { Table } from "#stores/table";
import { createTablesOf } from "./dynamodb-endpoint";

type TableName = TeamTableName | "installations";

const SCHEMAS = { ...TEAM_TABLES, installations: INSTALLATIONS };

/** What the stores write for the person U0001 and for others, in one workspace. */
const buildRows = (team: string): Record<TeamTableName, Row[]> => ({
  words: [
    { word: `${team}#lunch`, count: 3 },
    { word: `${team}#G0001#plan`, count: 1 },
  ],
  boards: [
    { board: `${team}#2026-11-29#word`, token: "lunch", count: 3 },
    { board: `${team}#@U0001.000000#2026-11-29#word`, token: "lunch", person: `${team}#U0001`, count: 2 },
    { board: `${team}#@U0002.000000#2026-11-29#word`, token: "lunch", person: `${team}#U0002`, count: 1 },
  ],
  seen: [
    { event_id: `${team}-C0001-1.2-events` },
    { event_id: `event#${team}#Ev1` },
    { event_id: `${team}-C0001-1.2#counter` },
    ...["U0001", "U0002"].map((user, index) => ({
      event_id: `${team}-C0001-1.${index}#leaderboard`,
      counts: '[["lunch",1]]',
      person: { user, generation: 0 },
      speaker_day: `${team}#@${user}.000000#2026-11-29`,
    })),
  ],
  dibs: [{ team, name: "staging" }],
  "dibs-history": ["U0001", "U0002"].map(owner => ({
    claim: `${owner}-${team}`,
    queue: `${team}/staging`,
    ended: JSON.stringify({ claim: { owner } }),
  })),
  "dibs-tokens": ["U0001", "U0002"].map(user => ({ hash: `${user}-${team}`, owner: `${team}#${user}` })),
  "agent-tasks": [
    ...["U0001", "U0002"].flatMap(user => [
      { task: `${team}-C0001-${user}`, item: "task", team, user },
      { task: `${team}-C0001-${user}`, item: "step#0001" },
      { task: `slot#${team}#${user}#1`, item: "lease" },
      { task: "last-tries", item: `${team}-C0001-${user}` },
    ]),
    { task: `thread#${team}#C0001#1.2`, item: "stop" },
  ],
  "agent-gateway": ["U0001", "U0002"].map(user => ({ task: `${team}-C0001-${user}`, item: "receipt#1" })),
  "notifier-receipts": [{ id: `${team}#notice` }, { id: `turn#${team}#C0001` }],
  "documents-files": ["U0001", "U0002"].map(user => ({
    tag: `${team}#plan`,
    posted: `1.2#${user}`,
    user,
    key: `${team}/C0001/${user}/original`,
  })),
  "documents-shares": [{ folder: `${team}/C0001/2026-11-29`, ts: "1.2" }],
  "onboarding-accounts": ["U0001", "U0002"].map(user => ({ person: `${team}#${user}`, system: "directory" })),
});

/** An archive in memory. */
class FakeArchive {
  keys = ["T0001/C0001/U0001/original", "T0001/C0001/U0001/metadata.json", "T0001/C0001/U0002/original", "T0002/C0001/U0001/original"];

  async listKeys(prefix: string) {
    return this.keys.filter(key => key.startsWith(prefix)).slice(0, 2);
  }

  async *listAllKeys(prefix: string) {
    yield* this.keys.filter(key => key.startsWith(prefix));
  }

  async delete(key: string) {
    this.keys = this.keys.filter(each => each !== key);
  }
}

class TeamWorld {
  readonly archive = new FakeArchive();
  readonly rows: TeamRows;
  readonly installations: InstallationsTable;

  constructor(
    readonly client: DynamoDBClient,
    readonly names: Record<TableName, string>,
    readonly stop: () => Promise<void>,
  ) {
    const { installations, ...tables } = names;
    this.rows = new TeamRows(client, tables);
    this.installations = new InstallationsTable(client, installations);
  }

  async put(name: TableName, row: Row): Promise<void> {
    await new Table(this.client, this.names[name]).put(row as never);
  }

  async install(row: Installation): Promise<void> {
    await this.put("installations", { ...row });
  }

  /** What is stored of a workspace, by table. Tables without rows are left out. */
  async read(team: string): Promise<Partial<Record<TableName, Row[]>>> {
    const found: Partial<Record<TableName, Row[]>> = {};
    for (const name of this.rows.names) {
      for await (const row of this.rows.readAll(name, team)) found[name] = [...(found[name] ?? []), row];
    }
    const installation = await this.installations.get(team);
    return { ...found, ...(installation && { installations: [{ ...installation }] }) };
  }
}

/** Two workspaces with the same names in every table. */
const createTeamWorld = async (): Promise<TeamWorld> => {
  const { client, names, stop } = await createTablesOf<TableName>(SCHEMAS);
  const world = new TeamWorld(client, names, stop);
  for (const team of ["T0001", "T0002"])
    for (const [name, rows] of Object.entries(buildRows(team))) for (const row of rows) await world.put(name as TeamTableName, row);
  for (const row of [{ id: "digest-2026-11-23" }]) await world.put("notifier-receipts", row);
  return world;
};

export type { TeamWorld };
export { createTeamWorld };
