/**
 * Runs every hour: erases the data of workspaces that removed the app `eraseAfterDays` ago and have not come back. It works in small steps and
 * stores how far it got, so the next run continues one that ended early.
 */

import { Deadline } from "#core/deadline";
import { createLog, type Log } from "#core/log";
import type { BucketName, TableName } from "#core/named";
import type { TeamTableName } from "#core/slack/team-data";
import { createDynamoDB } from "#stores/aws-clients";
import { type Bucket, createBucket } from "#stores/bucket";
import { InstallationsTable } from "#stores/slack/installations-table";
import { type Position, TeamRows, type TeamTables } from "#stores/slack/team-rows";

interface TeamEraserSettings {
  installationsTable: TableName;
  /** All tables with data of workspaces, by their names in the program. */
  tables: TeamTables;
  /** Undefined without a file archive. */
  archiveBucket?: BucketName | undefined;
}

/** One walk through all tables, which erases the data of all workspaces that are due when it begins. */
interface ErasurePass {
  teams: string[];
  /** The table that is being erased. Undefined when all tables are erased, and the archive is next. */
  table?: TeamTableName | undefined;
  after?: Position | undefined;
}

interface TeamEraserParts {
  installations: Pick<InstallationsTable, "listDue" | "isLeaving" | "forget" | "readPass" | "writePass">;
  rows: Pick<TeamRows, "names" | "readPage" | "delete">;
  archive: Pick<Bucket, "listKeys" | "delete"> | undefined;
  log: Pick<Log, "info">;
  nowMs?: () => number;
}

/** The function's timeout, less the time for a last step. */
const RUN_MS = 240_000;
/** Data that was still being processed when the workspace removed the app has been written by then. */
const QUIET_SECONDS = 3600;

class TeamEraser {
  readonly #parts: Required<TeamEraserParts>;

  constructor(parts: TeamEraserParts) {
    this.#parts = { nowMs: Date.now, ...parts };
  }

  async handle(run = new Deadline(RUN_MS)): Promise<void> {
    const { installations, log } = this.#parts;
    let pass = (await installations.readPass<ErasurePass>()) ?? (await this.begin());
    while (pass !== undefined && run.leftMs > 0) {
      const next: ErasurePass | undefined = await this.step(pass);
      await installations.writePass(next);
      if (next === undefined) log.info("erased", { teams: pass.teams });
      pass = next;
    }
  }

  private async begin(): Promise<ErasurePass | undefined> {
    const teams = await this.#parts.installations.listDue(this.dueSeconds());
    return teams.length === 0 ? undefined : { teams, table: this.#parts.rows.names[0] };
  }

  /** Erases a part of a table, of all workspaces that have not come back meanwhile. Idempotent. Returns what is left to do. */
  async step({ teams, table, after }: ErasurePass): Promise<ErasurePass | undefined> {
    const { rows } = this.#parts;
    const left = await this.findLeaving(teams);
    if (left.length === 0) return undefined;
    if (table === undefined) return this.finish(left);
    const page = await rows.readPage(table, new Set(left), after);
    await rows.delete(table, page.rows);
    const { names } = rows;
    return { teams: left, ...(page.next ? { table, after: page.next } : { table: names[names.indexOf(table) + 1] }) };
  }

  /** Erases one part of the first workspace's archive, or its installation once nothing is left. */
  private async finish([team = "", ...others]: string[]): Promise<ErasurePass | undefined> {
    const { archive, installations } = this.#parts;
    const keys = (await archive?.listKeys(`${team}/`)) ?? [];
    for (const key of keys) await archive?.delete(key);
    if (keys.length > 0) return { teams: [team, ...others] };
    await installations.forget(team, this.dueSeconds());
    return others.length === 0 ? undefined : { teams: others };
  }

  private async findLeaving(teams: readonly string[]): Promise<string[]> {
    const leaving: string[] = [];
    for (const team of teams) if (await this.#parts.installations.isLeaving(team, this.dueSeconds())) leaving.push(team);
    return leaving;
  }

  private dueSeconds(): number {
    return Math.floor(this.#parts.nowMs() / 1000) - QUIET_SECONDS;
  }
}

/** Creates the function; it needs 300 s. */
const create = ({ installationsTable, tables, archiveBucket }: TeamEraserSettings): (() => Promise<void>) => {
  const client = createDynamoDB("background");
  const eraser = new TeamEraser({
    installations: new InstallationsTable(client, installationsTable),
    rows: new TeamRows(client, tables),
    archive: archiveBucket === undefined ? undefined : createBucket(archiveBucket),
    log: createLog("team-eraser"),
  });
  return () => eraser.handle();
};

export type { ErasurePass, TeamEraserSettings };
export { create, TeamEraser };
