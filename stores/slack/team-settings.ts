/**
 * Settings of single workspaces, in the table `installations`. The row of a workspace has the latest ones, so that a door reads them with the
 * installation. Each version also has a row of its own, which stays: a message is split under the settings with which it was accepted.
 */
import { randomUUID } from "node:crypto";
import { type DynamoDBClient, TransactionCanceledException, TransactWriteItemsCommand, type Update } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { Conflict } from "#core/errors";
import type { TableName } from "#core/named";
import type { TeamSettings, VersionedSettings } from "#core/slack/team-settings";
import { createDynamoDB } from "#stores/aws-clients";
import { retryUntil } from "#stores/retry";
import { Table } from "#stores/table";

interface TeamSettingsNames {
  installationsTable: TableName;
  /** The stack's settings, which apply to workspaces that have not chosen any. */
  teamDefaults: TeamSettings;
}

interface TeamSettingsRow {
  /** JSON of the settings. Settings of a later release are missing in it, and have the stack's values. */
  settings?: string;
  settings_version?: string;
}

interface Known {
  found: VersionedSettings;
  untilMs: number;
}

/** As long as doors cache installations. */
const CACHE_MS = 60_000;
/** Of a few hundred workspaces at a time. */
const MAX_KNOWN_VERSIONS = 500;

const buildVersionKey = (team: string, version: string) => ({ installation: `${team}#settings#${version}` });

/** Reads the settings from the row of a workspace. */
const readSettings = ({ settings, settings_version: version }: TeamSettingsRow, defaults: TeamSettings): VersionedSettings =>
  settings === undefined ? { settings: defaults } : { settings: { ...defaults, ...(JSON.parse(settings) as TeamSettings) }, version };

class TeamSettingsTable {
  readonly #table: Table;
  readonly #known = new Map<string, Known>();
  /** By workspace and version. A version never changes. */
  readonly #versions = new Map<string, TeamSettings>();

  constructor(
    client: DynamoDBClient,
    private readonly names: TeamSettingsNames,
    private readonly nowMs: () => number = Date.now,
  ) {
    this.#table = new Table(client, names.installationsTable);
  }

  /** Reads the settings of a workspace, strongly consistent. Throws `NotDurable`. */
  async read(team: string, deadline?: Deadline): Promise<VersionedSettings> {
    return readSettings((await this.#table.get<TeamSettingsRow>({ installation: team }, deadline)) ?? {}, this.names.teamDefaults);
  }

  /** The same, at most a minute old. Throws `NotDurable`. */
  async readRecent(team: string, deadline?: Deadline): Promise<VersionedSettings> {
    const known = this.#known.get(team);
    if (known !== undefined && this.nowMs() < known.untilMs) return known.found;
    const found = await this.read(team, deadline);
    this.#known.set(team, { found, untilMs: this.nowMs() + CACHE_MS });
    return found;
  }

  /** Reads the settings of one version; the stack's if the workspace had none then, or is erased. Throws `NotDurable`. */
  async readVersion(team: string, version: string | undefined, deadline?: Deadline): Promise<TeamSettings> {
    if (version === undefined) return this.names.teamDefaults;
    const key = buildVersionKey(team, version);
    const known = this.#versions.get(key.installation);
    if (known !== undefined) return known;
    const { settings } = readSettings((await this.#table.get<TeamSettingsRow>(key, deadline)) ?? {}, this.names.teamDefaults);
    if (this.#versions.size >= MAX_KNOWN_VERSIONS) this.#versions.clear();
    this.#versions.set(key.installation, settings);
    return settings;
  }

  /**
   * Stores settings in place of those of version `before`, and returns the new version. Doors follow within a minute. Throws `Conflict` if somebody
   * changed them in the meantime, and `NotDurable`.
   */
  async write(team: string, settings: TeamSettings, before: string | undefined, deadline: Deadline): Promise<string> {
    const version = String(Number(before ?? 0) + 1);
    const change = {
      UpdateExpression: "SET settings = :settings, settings_version = :version",
      ExpressionAttributeValues: { ":settings": JSON.stringify(settings), ":version": version },
    };
    const latest = this.#table.build<Update>({
      Key: { installation: team },
      ...change,
      ConditionExpression: before === undefined ? "attribute_not_exists(settings_version)" : "settings_version = :before",
      ExpressionAttributeValues: { ...change.ExpressionAttributeValues, ":before": before },
    });
    const kept = this.#table.build<Update>({ Key: buildVersionKey(team, version), ...change });
    // All attempts share one token, so that a transaction whose answer was lost is not applied twice.
    const command = new TransactWriteItemsCommand({
      TransactItems: [{ Update: latest }, { Update: kept }],
      ClientRequestToken: randomUUID(),
    });
    try {
      await retryUntil(deadline, () => this.#table.client.send(command, { abortSignal: deadline.signal() }));
    } catch (cause) {
      const [reason] = cause instanceof TransactionCanceledException ? (cause.CancellationReasons ?? []) : [];
      if (reason?.Code !== "ConditionalCheckFailed") throw cause;
      throw new Conflict("Somebody changed the settings in the meantime.", { cause });
    }
    this.#known.delete(team);
    return version;
  }
}

/** Creates the store and its client; undefined where the stack serves one workspace. */
const createTeamSettings = (
  names: TeamSettingsNames | undefined,
  patience: "ack" | "background" = "background",
): TeamSettingsTable | undefined => names && new TeamSettingsTable(createDynamoDB(patience), names);

export type { TeamSettingsNames, TeamSettingsRow };
export { buildVersionKey, createTeamSettings, readSettings, TeamSettingsTable };
