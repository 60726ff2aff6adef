/**
 * The table `installations`: in which workspaces and organisations the app is installed, and their encrypted tokens. A workspace that got the app
 * through its organisation has a row that names the organisation.
 */

import { type Delete, type DynamoDBClient, TransactionCanceledException, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import type { TableName } from "#core/named";
import type { Grant } from "#core/slack/installation";
import { BY_STATUS } from "#core/slack/tables";
import { createDynamoDB } from "#stores/aws-clients";
import { buildVersionKey, type TeamSettingsRow } from "#stores/slack/team-settings";
import { Table } from "#stores/table";

interface InstallationsSettings {
  installationsTable: TableName;
}

/** `reinstall`: Slack refuses the token, so somebody has to install the app again. Its messages still count. */
type InstallationStatus = "installed" | "reinstall" | "uninstalled";

/** A key that KMS encrypted, in base64. */
interface WrappedKey {
  id: string;
  wrapped: string;
}

/** Times are epoch seconds. The row of a workspace also has its settings. */
interface Installation extends TeamSettingsRow {
  /** The id of the workspace (T...) or organisation (E...). */
  installation: string;
  /** Absent in the row of a workspace that only has the app through its organisation. */
  status?: InstallationStatus;
  /** The organisation through which the workspace has the app. */
  organisation?: string;
  name?: string;
  /** The bot token, encrypted. Absent once Slack has revoked it. */
  token?: string;
  /** With token rotation: the encrypted refresh token, and when the token expires. */
  refresh_token?: string;
  token_expires_at?: number;
  /** Who refreshes the tokens, and until when nobody else may. */
  refresher?: string;
  refresher_until?: number;
  bot_user?: string;
  app?: string;
  scopes?: string[];
  installed_by?: string;
  installed_at?: number;
  changed_at?: number;
  /** When the workspace's data is to be erased, unless it comes back or still uses the app. */
  erase_at?: number;
  /** The key of the workspace's messages in the archive. */
  archive_key?: WrappedKey;
}

/** The tokens of a grant, encrypted. */
interface EncryptedTokens {
  token: string;
  refreshToken?: string | undefined;
  expiresAtSeconds?: number | undefined;
}

/** A removal of the app, as Slack's event tells it. */
interface Removal {
  installation: string;
  /** When Slack sent the event. */
  atSeconds: number;
  eraseAtSeconds: number;
}

/** When Slack refused a token. */
interface Refusal {
  atSeconds: number;
  eraseAtSeconds: number;
}

/** The row that says how far the erasure has come. No workspace has this id. */
const ERASURE = "erasure";
const SCANNED_AT_ONCE = 1000;
/** Longer than a refresh takes. */
const LEASE_SECONDS = 60;
/** Slack's clock and ours may differ. */
const CLOCK_SKEW_SECONDS = 600;
/** A transaction has at most 100 items; one is for the workspace's own row. Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
const MAX_VERSIONS_AT_ONCE = 99;

class InstallationsTable {
  readonly #table: Table;

  constructor(client: DynamoDBClient, name: string) {
    this.#table = new Table(client, name);
  }

  async get(installation: string, deadline?: Deadline): Promise<Installation | undefined> {
    return this.#table.get<Installation>({ installation }, deadline);
  }

  /** Reads the installation through which a workspace has the app: its own or, without one, that of its organisation. */
  async getForTeam(team: string, deadline?: Deadline): Promise<Installation | undefined> {
    const own = await this.get(team, deadline);
    if (own?.token !== undefined || own?.organisation === undefined) return own;
    return (await this.get(own.organisation, deadline)) ?? own;
  }

  /** Stores a new installation in place of an earlier one. The workspace's data is kept. */
  async install(grant: Grant, tokens: EncryptedTokens, atSeconds: number): Promise<void> {
    const { installation, name, botUser, app, scopes, installedBy } = grant;
    await this.#table.update({
      Key: { installation },
      UpdateExpression:
        "SET #status = :installed, #name = :name, #token = :token, bot_user = :bot, app = :app, scopes = :scopes, installed_by = :by, " +
        `installed_at = :at, changed_at = :at${tokens.refreshToken === undefined ? "" : ", refresh_token = :refresh, token_expires_at = :expires"} ` +
        `REMOVE erase_at, refresher, refresher_until${tokens.refreshToken === undefined ? ", refresh_token, token_expires_at" : ""}`,
      ExpressionAttributeNames: { "#status": "status", "#name": "name", "#token": "token" },
      ExpressionAttributeValues: {
        ":installed": "installed",
        ":name": name,
        ":token": tokens.token,
        ":bot": botUser,
        ":app": app,
        ":scopes": scopes,
        ":by": installedBy,
        ":at": atSeconds,
        ":refresh": tokens.refreshToken,
        ":expires": tokens.refreshToken === undefined ? undefined : tokens.expiresAtSeconds,
      },
    });
  }

  /** Records through which organisation a workspace has the app. Returns the workspace's own row. */
  async link(team: string, organisation: string, deadline?: Deadline): Promise<Installation | undefined> {
    return this.#table.update<Installation>(
      {
        Key: { installation: team },
        UpdateExpression: "SET organisation = :organisation",
        ExpressionAttributeValues: { ":organisation": organisation },
        ReturnValues: "ALL_NEW",
      },
      deadline,
    );
  }

  /**
   * Removes the tokens, unless the app was installed again after the event. If the event is up to ten minutes older than the installation, either may
   * have come last, because clocks differ: the tokens stay, and the data is erased unless the workspace goes on using the app. Returns whether the
   * tokens were removed.
   */
  async remove({ installation, atSeconds, eraseAtSeconds }: Removal, deadline?: Deadline): Promise<boolean> {
    const isInstalled = "#status IN (:installed, :reinstall)";
    const values = { ":installed": "installed", ":reinstall": "reinstall", ":erase": eraseAtSeconds };
    const { isWritten, row } = await this.#table.updateIf<Installation>(
      {
        Key: { installation },
        UpdateExpression:
          "SET #status = :uninstalled, changed_at = :at, erase_at = :erase REMOVE #token, refresh_token, token_expires_at, refresher, refresher_until",
        ConditionExpression: `${isInstalled} AND installed_at <= :at`,
        ExpressionAttributeNames: { "#status": "status", "#token": "token" },
        ExpressionAttributeValues: { ...values, ":uninstalled": "uninstalled", ":at": atSeconds },
      },
      deadline,
    );
    const { installed_at: installedAt = Number.POSITIVE_INFINITY } = row ?? {};
    if (!isWritten && installedAt <= atSeconds + CLOCK_SKEW_SECONDS)
      await this.#table.updateIf(
        {
          Key: { installation },
          UpdateExpression: "SET erase_at = :erase",
          ConditionExpression: `${isInstalled} AND installed_at = :installedAt`,
          ExpressionAttributeNames: { "#status": "status" },
          ExpressionAttributeValues: { ...values, ":installedAt": installedAt },
        },
        deadline,
      );
    return isWritten;
  }

  /** Postpones the erasure of a workspace that still uses the app, unless the app was removed or installed again in the meantime. */
  async postpone({ installation, erase_at: before }: Installation, eraseAtSeconds: number, deadline?: Deadline): Promise<void> {
    await this.#table.updateIf(
      {
        Key: { installation },
        UpdateExpression: "SET erase_at = :erase",
        ConditionExpression: "#status <> :uninstalled AND erase_at = :before",
        ExpressionAttributeNames: { "#status": "status" },
        ExpressionAttributeValues: { ":uninstalled": "uninstalled", ":erase": eraseAtSeconds, ":before": before },
      },
      deadline,
    );
  }

  /** Records that Slack refuses a token. Returns false if the installation has another token by now. */
  async refuseToken({ installation, token }: Pick<Installation, "installation" | "token">, refusal: Refusal): Promise<boolean> {
    const { atSeconds, eraseAtSeconds } = refusal;
    const { isWritten } = await this.#table.updateIf({
      Key: { installation },
      UpdateExpression: "SET #status = :reinstall, changed_at = :at, erase_at = :erase REMOVE #token, refresh_token, token_expires_at",
      ConditionExpression: "#token = :token",
      ExpressionAttributeNames: { "#status": "status", "#token": "token" },
      ExpressionAttributeValues: { ":reinstall": "reinstall", ":at": atSeconds, ":erase": eraseAtSeconds, ":token": token },
    });
    return isWritten;
  }

  /** Gives a workspace a key for its archived messages, unless it has one. Returns its key; undefined for a workspace that is erased. */
  async addArchiveKey(team: string, { id, wrapped }: WrappedKey): Promise<WrappedKey | undefined> {
    const { isWritten, row } = await this.#table.updateIf<Installation>({
      Key: { installation: team },
      UpdateExpression: "SET archive_key = :key",
      ConditionExpression: "attribute_exists(installation) AND attribute_not_exists(archive_key)",
      ExpressionAttributeValues: { ":key": { id, wrapped } },
    });
    return isWritten ? { id, wrapped } : row?.archive_key;
  }

  /** Lists what is installed, oldest first. */
  listInstalled(): AsyncGenerator<Installation> {
    return this.#table.queryAll<Installation>({
      IndexName: BY_STATUS.name,
      KeyConditionExpression: "#status = :installed",
      ExpressionAttributeNames: { "#status": "status" },
      ExpressionAttributeValues: { ":installed": "installed" },
    });
  }

  /** Lists all installations, in no order. */
  async *listAll(): AsyncGenerator<Installation> {
    let after: { installation: string } | undefined;
    do {
      const page: { rows: Installation[]; next: typeof after } = await this.#table.scanPage({ after, limit: SCANNED_AT_ONCE });
      yield* page.rows.filter(({ installation }) => /^[TE][A-Z0-9]+$/.test(installation));
      after = page.next;
    } while (after !== undefined);
  }

  /** Lists the workspaces whose data was due to be erased before that time, and the organisations behind them. Workspaces come first. */
  async listDue(dueSeconds: number): Promise<string[]> {
    const due: string[] = [];
    for await (const row of this.listAll())
      if (isGone(row, dueSeconds) && (await this.isLeaving(row.installation, dueSeconds))) due.push(row.installation);
    return due.sort((a, b) => (a < b ? 1 : -1));
  }

  /** Tells whether the data of a workspace is due: it has removed the app, or Slack refuses its token, and it has not come back. Strongly consistent. */
  async isLeaving(team: string, dueSeconds: number): Promise<boolean> {
    const found = await this.getForTeam(team);
    return found !== undefined && isGone(found, dueSeconds);
  }

  /** Removes what is known of a workspace and its settings, unless it has come back. */
  async forget(team: string, dueSeconds: number): Promise<void> {
    const { settings_version: versions = "0" } = (await this.get(team)) ?? {};
    const keys = Array.from({ length: Number(versions) }, (_, index) => buildVersionKey(team, String(index + 1)));
    const latest = keys.splice(-MAX_VERSIONS_AT_ONCE);
    const own = this.#table.build<Delete>({
      Key: { installation: team },
      ConditionExpression: "attribute_not_exists(#status) OR erase_at <= :due",
      ExpressionAttributeNames: { "#status": "status" },
      ExpressionAttributeValues: { ":due": dueSeconds },
    });
    // The latest settings and the row are deleted together or not at all, because a workspace that has come back needs its settings.
    const command = new TransactWriteItemsCommand({
      TransactItems: [own, ...latest.map(Key => this.#table.build<Delete>({ Key }))].map(Delete => ({ Delete })),
    });
    try {
      for (const key of keys) await this.#table.delete(key);
      await this.#table.client.send(command);
    } catch (error) {
      const [reason] = error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];
      if (reason?.Code !== "ConditionalCheckFailed") throw error;
    }
  }

  /** Reads how far the erasure has come; undefined if nothing is being erased. */
  async readPass<Pass>(): Promise<Pass | undefined> {
    const row = await this.#table.get<{ pass: string }>({ installation: ERASURE });
    return row && (JSON.parse(row.pass) as Pass);
  }

  async writePass(pass: object | undefined): Promise<void> {
    if (pass === undefined) await this.#table.delete({ installation: ERASURE });
    else await this.#table.put({ installation: ERASURE, pass: JSON.stringify(pass) });
  }

  /** Lets one caller refresh the tokens of an installation, for a minute. Returns false if another one does or did. */
  async lease({ installation, refresh_token: refreshToken }: Installation, refresher: string, atSeconds: number): Promise<boolean> {
    const { isWritten } = await this.#table.updateIf({
      Key: { installation },
      UpdateExpression: "SET refresher = :refresher, refresher_until = :until",
      ConditionExpression:
        "#status = :installed AND refresh_token = :refresh AND (attribute_not_exists(refresher_until) OR refresher_until < :now)",
      ExpressionAttributeNames: { "#status": "status" },
      ExpressionAttributeValues: {
        ":installed": "installed",
        ":refresh": refreshToken,
        ":refresher": refresher,
        ":until": atSeconds + LEASE_SECONDS,
        ":now": atSeconds,
      },
    });
    return isWritten;
  }

  /** Stores refreshed tokens. Returns false if the app was removed or installed again in the meantime. */
  async refresh({ installation, refresh_token: before }: Installation, tokens: EncryptedTokens, atSeconds: number): Promise<boolean> {
    const { isWritten } = await this.#table.updateIf({
      Key: { installation },
      UpdateExpression:
        "SET #token = :token, refresh_token = :refresh, token_expires_at = :expires, changed_at = :at REMOVE refresher, refresher_until",
      ConditionExpression: "refresh_token = :before",
      ExpressionAttributeNames: { "#token": "token" },
      ExpressionAttributeValues: {
        ":token": tokens.token,
        ":refresh": tokens.refreshToken,
        ":expires": tokens.expiresAtSeconds,
        ":before": before,
        ":at": atSeconds,
      },
    });
    return isWritten;
  }

  /** Records that Slack refuses a refresh token. The token itself works until it expires. */
  async refuseRefresh({ installation, refresh_token: refreshToken }: Installation, refusal: Refusal): Promise<boolean> {
    const { atSeconds, eraseAtSeconds } = refusal;
    const { isWritten } = await this.#table.updateIf({
      Key: { installation },
      UpdateExpression: "SET #status = :reinstall, changed_at = :at, erase_at = :erase REMOVE refresh_token, refresher, refresher_until",
      ConditionExpression: "refresh_token = :refresh",
      ExpressionAttributeNames: { "#status": "status" },
      ExpressionAttributeValues: { ":reinstall": "reinstall", ":at": atSeconds, ":erase": eraseAtSeconds, ":refresh": refreshToken },
    });
    return isWritten;
  }
}

/**
 * Tells whether the data of an installation is due at that time. A row without a status is of a workspace that has the app only through its
 * organisation, so that the organisation's row decides. `listDue` and `isLeaving` look at it.
 */
const isGone = ({ status, erase_at: eraseAt = Number.POSITIVE_INFINITY }: Installation, dueSeconds: number): boolean =>
  status === undefined || eraseAt <= dueSeconds;

const createInstallationsTable = (name: string): InstallationsTable => new InstallationsTable(createDynamoDB("background"), name);

export type { Installation, InstallationsSettings, WrappedKey };
export { createInstallationsTable, InstallationsTable };
