/** Where the data of workspaces is, in a stack that serves many: each table, and the attributes that tell whose a row is. */
import { AGENT_GATEWAY, AGENT_TASKS } from "#core/agent/tables";
import { DIBS, DIBS_HISTORY, DIBS_TOKENS } from "#core/dibs/tables";
import { FILES, SHARES } from "#core/documents/tables";
import { isJsonObject } from "#core/json";
import { BOARDS, SEEN, WORDS } from "#core/message/tables";
import { RECEIPTS } from "#core/notice/tables";
import { ACCOUNTS } from "#core/onboarding/tables";
import { keyNames, type TableSchema } from "#core/table-schema";

interface TeamTable extends TableSchema {
  /** One of these attributes begins with the workspace, unless the row belongs to no workspace. */
  tellBy: readonly string[];
}

type Row = Readonly<Record<string, unknown>>;

/** Somebody in a workspace. */
interface Member {
  team: string;
  user: string;
}

/**
 * Keyed by the table's name in the program. Only rows of `dibs-requests` and used states of installations in `seen` don't name their workspace; both
 * expire soon. `installations` has its own store, which knows the workspace of each row.
 */
const TEAM_TABLES = {
  words: { ...WORDS, tellBy: ["word"] },
  boards: { ...BOARDS, tellBy: ["board"] },
  seen: { ...SEEN, tellBy: ["event_id"] },
  dibs: { ...DIBS, tellBy: ["team"] },
  "dibs-history": { ...DIBS_HISTORY, tellBy: ["queue"] },
  "dibs-tokens": { ...DIBS_TOKENS, tellBy: ["owner"] },
  // A mark of a last try has the task's id as its sort key.
  "agent-tasks": { ...AGENT_TASKS, tellBy: ["task", "item"] },
  "agent-gateway": { ...AGENT_GATEWAY, tellBy: ["task", "item"] },
  "notifier-receipts": { ...RECEIPTS, tellBy: ["id"] },
  "documents-files": { ...FILES, tellBy: ["tag"] },
  "documents-shares": { ...SHARES, tellBy: ["folder"] },
  "onboarding-accounts": { ...ACCOUNTS, tellBy: ["person"] },
} as const satisfies Record<string, TeamTable>;

type TeamTableName = keyof typeof TEAM_TABLES;

const TEAM_TABLE_NAMES = Object.keys(TEAM_TABLES) as TeamTableName[];

/** `T0001#...`, `T0001-...` or `T0001/...`, after words such as `event#`. Ids of conversations and people begin with other letters. */
const TEAM = /^(?:[a-z]+#)*(T[A-Z0-9]+)(?:[#/-]|$)/;

const readTeam = (value: unknown): string | undefined => (typeof value === "string" ? TEAM.exec(value)?.[1] : undefined);

/** Tells whose a row is; undefined if it is nobody's. */
const findTeam = (table: TeamTableName, row: Row): string | undefined =>
  TEAM_TABLES[table].tellBy.map(name => readTeam(row[name])).find(team => team !== undefined);

const keyOf = (table: TeamTableName, row: Row): Record<string, string | number> =>
  Object.fromEntries(keyNames(TEAM_TABLES[table]).map(name => [name, row[name] as string | number]));

/** Tells whether a row is about one person alone. `tasks` are the ids of the person's tasks, whose other rows name nobody. */
const isOfPerson = (table: TeamTableName, row: Row, { team, user }: Member, tasks: ReadonlySet<unknown>): boolean => {
  if (findTeam(table, row) !== team) return false;
  const member = `${team}#${user}`;
  switch (table) {
    case "boards":
    case "onboarding-accounts":
      return row["person"] === member;
    case "dibs-tokens":
      return row["owner"] === member;
    case "dibs-history":
      return readOwner(row["ended"]) === user;
    case "documents-files":
      return row["user"] === user;
    case "agent-tasks":
    case "agent-gateway":
      return row["user"] === user || tasks.has(row["task"]) || tasks.has(row["item"]) || String(row["task"]).startsWith(`slot#${member}#`);
    default:
      return false;
  }
};

/** Tells whether a row is a counted version of what a person said: the row is needed, but not the person's name. */
const isVersionOf = (row: Row, { team, user }: Member): boolean =>
  findTeam("seen", row) === team && isJsonObject(row["person"]) && row["person"]["user"] === user;

const readOwner = (ended: unknown): unknown => (JSON.parse(String(ended)) as { claim?: { owner?: unknown } }).claim?.owner;

export type { Member, Row, TeamTableName };
export { findTeam, isOfPerson, isVersionOf, keyOf, TEAM_TABLE_NAMES, TEAM_TABLES };
