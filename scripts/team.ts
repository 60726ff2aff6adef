/** `npm run team`: lists the workspaces of a stack, exports what is stored of one, and erases it, or what is stored of one person. */
import { createWriteStream, mkdirSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { Deadline } from "#core/deadline";
import { CountKeys } from "#core/message/count-keys";
import { isOfPerson, isVersionOf, type Member, type Row, type TeamTableName } from "#core/slack/team-data";
import { Bucket } from "#stores/bucket";
import { PersonalChoices } from "#stores/message/personal-choices";
import { type Installation, InstallationsTable } from "#stores/slack/installations-table";
import { TeamRows } from "#stores/slack/team-rows";
import { formatColumns } from "./checklist";
import { defineScript, type Result, runScript, UsageError } from "./command-line";
import { countRows } from "./each-row";
import { type OperatedStack, readStack } from "./stack-outputs";

const HELP = `Shows and erases what a stack for many workspaces stores of one of them.

  list             lists the workspaces, and those whose data waits to be erased
  export TEAM      writes the rows of each table as JSON lines to --folder, and the keys of its archived files
  erase TEAM       erases all of it; the workspace must have removed the app

  --user USER      erase: only what is about this person. Says what is kept, and why
  --confirm TEAM   erase: the id of the workspace again, since this can't be undone
  --dry-run        erase: counts, and erases nothing
  --folder FOLDER  export: where to write; "export-TEAM" by default
  --stack STACK    the stack; "local" (default) is the running laptop cloud`;

const KEPT = `Kept, because it names nobody or ends by itself:
- words, and the boards of conversations: they count what everybody said together
- messages of the last hours, without which a repeated delivery would count twice; they expire
- turns that the person holds or waits for: an admin ends them with /dibs kick
- receipts of notices, and logs; they expire. What was posted in Slack is deleted there`;

/** Tokens and keys are encrypted, and of no use to the workspace. */
const SECRETS: readonly string[] = ["token", "refresh_token", "hash", "archive_key"];

/** What people said is for the operator alone, also on a machine that others use. */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

type Counts = Partial<Record<TeamTableName | "archive", number>>;

interface TeamParts {
  rows: TeamRows;
  installations: InstallationsTable;
  /** Undefined without a file archive. */
  archive: Pick<Bucket, "listAllKeys" | "delete"> | undefined;
  choices: PersonalChoices;
  nowSeconds: number;
  report(sentence: string): void;
}

class TeamData {
  constructor(private readonly parts: TeamParts) {}

  async list(): Promise<Installation[]> {
    const found: Installation[] = [];
    for await (const each of this.parts.installations.listAll()) found.push(each);
    return found.sort((a, b) => (a.installation < b.installation ? -1 : 1));
  }

  /** Writes a file of JSON lines for each table that has rows of the workspace. */
  async export(team: string, folder: string): Promise<Counts> {
    const { rows, archive, report } = this.parts;
    mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
    const counts: Counts = {};
    for (const name of rows.names) {
      counts[name] = await writeLines(join(folder, `${name}.jsonl`), rows.readAll(name, team));
      report(`${name}: ${countRows(counts[name])}.`);
    }
    const installation = await this.parts.installations.get(team);
    await writeLines(join(folder, "installations.jsonl"), installation === undefined ? [] : [{ ...installation }]);
    if (archive !== undefined) counts.archive = await writeLines(join(folder, "archive.jsonl"), toRows(archive.listAllKeys(`${team}/`)));
    return counts;
  }

  /** Erases everything, or only counts it. Throws if the workspace still has the app. */
  async erase(team: string, isDryRun: boolean): Promise<Counts> {
    const { rows, archive, installations } = this.parts;
    const { status, name = team } = (await installations.getForTeam(team)) ?? {};
    if (status === "installed" || status === "reinstall")
      throw new Error(`${name} has the app: what is erased now would come back. Remove the app there first.`);
    const counts: Counts = {};
    for (const each of rows.names) counts[each] = await this.eraseRows(each, team, () => true, isDryRun);
    counts.archive = await this.eraseObjects(archive?.listAllKeys(`${team}/`), isDryRun);
    // However much time is left until the eraser would come.
    if (!isDryRun) await installations.forget(team, Number.MAX_SAFE_INTEGER);
    return counts;
  }

  /** Erases what is about one person alone, or only counts it. */
  async erasePerson(member: Member, isDryRun: boolean): Promise<Counts> {
    const { rows, archive, choices, nowSeconds } = this.parts;
    const { team, user } = member;
    // What was said before counts on boards that nobody reads any more, also if it is counted only now.
    if (!isDryRun) await choices.forget(member, nowSeconds, new Deadline(10_000));
    const tasks = new Set<unknown>();
    const objects: string[] = [];
    for (const name of rows.names.filter(each => each === "agent-tasks" || each === "documents-files")) {
      for await (const row of rows.readAll(name, team)) {
        if (row["user"] !== user) continue;
        if (name === "agent-tasks") tasks.add(row["task"]);
        else objects.push(...objectsOf(row));
      }
    }
    const counts: Counts = {};
    for (const name of rows.names.filter(each => each !== "seen"))
      counts[name] = await this.eraseRows(name, team, row => isOfPerson(name, row, member, tasks), isDryRun);
    counts.seen = await this.changeRows("seen", team, { isMeant: row => isVersionOf(row, member), isDryRun }, found => rows.disown(found));
    counts.archive = archive === undefined ? 0 : await this.eraseObjects([...new Set(objects)], isDryRun);
    return counts;
  }

  private eraseRows(name: TeamTableName, team: string, isMeant: (row: Row) => boolean, isDryRun: boolean): Promise<number> {
    return this.changeRows(name, team, { isMeant, isDryRun }, found => this.parts.rows.delete(name, found));
  }

  private async changeRows(
    name: TeamTableName,
    team: string,
    { isMeant, isDryRun }: { isMeant: (row: Row) => boolean; isDryRun: boolean },
    change: (rows: readonly Row[]) => Promise<void>,
  ): Promise<number> {
    const { rows, report } = this.parts;
    let count = 0;
    let after: Parameters<TeamRows["readPage"]>[2];
    do {
      const page = await rows.readPage(name, new Set([team]), after);
      const meant = page.rows.filter(isMeant);
      if (!isDryRun) await change(meant);
      count += meant.length;
      after = page.next;
    } while (after !== undefined);
    report(`${name}: ${countRows(count)}.`);
    return count;
  }

  private async eraseObjects(keys: AsyncIterable<string> | readonly string[] = [], isDryRun: boolean): Promise<number> {
    let count = 0;
    for await (const key of keys) {
      if (!isDryRun) await this.parts.archive?.delete(key);
      count += 1;
    }
    return count;
  }
}

/** A row names the object with the content. The metadata lies beside it. */
const objectsOf = ({ key }: Row): string[] => {
  const original = String(key ?? "");
  return original === "" ? [] : [original, original.replace(/[^/]+$/, "metadata.json")];
};

async function* toRows(keys: AsyncIterable<string>): AsyncGenerator<Row> {
  for await (const key of keys) yield { key };
}

const writeLines = async (file: string, rows: AsyncIterable<Row> | readonly Row[]): Promise<number> => {
  let count = 0;
  const lines = async function* () {
    for await (const row of rows) {
      count += 1;
      yield `${JSON.stringify(row, (name, value: unknown) => (SECRETS.includes(name) ? undefined : value instanceof Set ? [...value] : value))}\n`;
    }
  };
  await pipeline(Readable.from(lines()), createWriteStream(file, { mode: FILE_MODE }));
  return count;
};

const openTeamData = async ({ outputs, client, readNowMs }: OperatedStack, report: TeamParts["report"]): Promise<TeamData> => {
  const { teamData, installationsTable, keyLayout, boardsTable } = outputs;
  if (teamData === undefined || installationsTable === undefined)
    throw new Error("This stack serves one workspace: workspaces is not many.");
  const dynamodb = new DynamoDBClient(client);
  return new TeamData({
    rows: new TeamRows(dynamodb, teamData.tables),
    installations: new InstallationsTable(dynamodb, installationsTable),
    archive:
      teamData.archiveBucket === undefined
        ? undefined
        : new Bucket(new S3Client({ ...client, forcePathStyle: client.endpoint !== undefined }), teamData.archiveBucket),
    choices: new PersonalChoices(dynamodb, boardsTable!, new CountKeys(keyLayout)),
    nowSeconds: Math.floor((await readNowMs()) / 1000),
    report,
  });
};

const describeCounts = (counts: Counts): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name}: ${name === "archive" ? `${count} objects` : countRows(count)}`)
    .join("\n");

const describeInstallations = (installations: readonly Installation[]): string =>
  formatColumns([
    ["team", "name", "state", "erased after"],
    ...installations.map(({ installation, name = "", status, organisation, erase_at: eraseAt }) => [
      installation,
      name,
      status ?? `through ${organisation}`,
      eraseAt === undefined ? "" : new Date(eraseAt * 1000).toISOString(),
    ]),
  ]);

const requireTeam = (text: string | undefined): string => {
  if (text === undefined || !/^T[A-Z0-9]+$/.test(text))
    throw new UsageError(`TEAM is ${JSON.stringify(text ?? "")}, but must be a workspace's id such as T0001.`);
  return text;
};

interface Erasure {
  user: string | undefined;
  confirm: string | undefined;
  isDryRun: boolean;
}

const erase = async (data: () => Promise<TeamData>, team: string, { user, confirm, isDryRun }: Erasure): Promise<Result> => {
  if (user !== undefined && !/^[UW][A-Z0-9]+$/.test(user))
    throw new UsageError(`--user is ${JSON.stringify(user)}, but must be a person's id such as U0001.`);
  if (!isDryRun && confirm !== team)
    throw new UsageError(
      `--confirm is ${JSON.stringify(confirm ?? "")}, but must be ${team}: erased data can't be restored. --dry-run counts it.`,
    );
  const opened = await data();
  const counts = user === undefined ? await opened.erase(team, isDryRun) : await opened.erasePerson({ team, user }, isDryRun);
  const said = isDryRun ? "Would be erased:" : "Erased:";
  return {
    text: [said, describeCounts(counts), ...(user === undefined ? [] : [KEPT])].join("\n"),
    json: { dryRun: isDryRun, team, ...(user && { user }), counts },
  };
};

const script = defineScript({
  name: "team",
  usage: "list | export TEAM | erase TEAM [--user USER] [--confirm TEAM] [--folder FOLDER] [--stack STACK] [--dry-run] [--json]",
  help: HELP,
  options: {
    stack: { type: "string", default: "local" },
    user: { type: "string" },
    confirm: { type: "string" },
    folder: { type: "string" },
    "dry-run": { type: "boolean", default: false },
  },
  maxArguments: 2,
  run: async ({ options, arguments: [action, given], report }): Promise<Result> => {
    const open = () => openTeamData(readStack(options.stack), report);
    switch (action) {
      case "list": {
        const installations = await (await open()).list();
        const shown = installations.map(each => Object.fromEntries(Object.entries(each).filter(([name]) => !SECRETS.includes(name))));
        return {
          text: installations.length === 0 ? "Nobody has installed the app." : describeInstallations(installations),
          json: { installations: shown },
        };
      }
      case "export": {
        const team = requireTeam(given);
        const folder = options.folder ?? `export-${team}`;
        const counts = await (await open()).export(team, folder);
        return { text: `${describeCounts(counts)}\nWritten to ${folder}.`, json: { team, folder, counts } };
      }
      case "erase": {
        const { user, confirm, "dry-run": isDryRun } = options;
        return erase(open, requireTeam(given), { user, confirm, isDryRun });
      }
      default:
        throw new UsageError(`The action is ${JSON.stringify(action ?? "")}, but must be list, export or erase.`);
    }
  },
});

if (require.main === module) void runScript(script);

export { describeInstallations, script, TeamData };
