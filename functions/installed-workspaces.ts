/** Tells doors in which workspaces the app is installed, and records that one removes it. Only for stacks that serve many workspaces. */

import type { Deadline } from "#core/deadline";
import { isJsonObject, type JsonObject } from "#core/json";
import type { Log } from "#core/log";
import { isSlackId, isSlackTs } from "#core/message/message";
import type { HttpUrl } from "#core/named";
import { chooseInstallation, chooseOfEvent, type Origin } from "#core/slack/installation";
import type { VersionedSettings } from "#core/slack/team-settings";
import { createDynamoDB } from "#stores/aws-clients";
import { type Installation, InstallationsTable } from "#stores/slack/installations-table";
import { readSettings, type TeamSettingsNames } from "#stores/slack/team-settings";

interface InstalledSettings extends TeamSettingsNames {
  /** Where the app can be installed. */
  installUrl: HttpUrl;
  /** How long the data of a workspace is kept after it has removed the app. */
  eraseAfterDays: number;
}

/** The installation of a workspace, and what the workspace has chosen. */
interface Found extends Installation {
  chosen: VersionedSettings;
}

/** A cached installation, and when the cache entry expires. */
interface Known {
  found: Found;
  untilMs: number;
}

/** A workspace may have removed the app in the meantime. */
const CACHE_MS = 60_000;
const DAY_SECONDS = 86_400;

class InstalledWorkspaces {
  /** By installation and workspace. What is not installed is never cached. */
  readonly #known = new Map<string, Known>();

  constructor(
    private readonly installations: Pick<InstallationsTable, "get" | "link" | "remove" | "postpone">,
    private readonly settings: Omit<InstalledSettings, "installationsTable">,
    private readonly log: Pick<Log, "info">,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /**
   * Finds the installation of a command or a button's press; undefined, with a line in the log, if the app is not installed. Throws `NotDurable`.
   */
  async find(origin: Origin, deadline: Deadline): Promise<Found | undefined> {
    return this.read(chooseInstallation(origin), origin.team, deadline);
  }

  /** The same for an event, which belongs to one of our workspaces. Throws `NotDurable`. */
  async findOfEvent(body: JsonObject, team: string, deadline: Deadline): Promise<Found | undefined> {
    return this.read(chooseOfEvent(body), team, deadline);
  }

  /** Answers a command in a workspace without the app. */
  get sentence(): string {
    return `The app is not installed in this workspace. It can be installed at ${this.settings.installUrl}.`;
  }

  /** Records the end of an installation, if an event tells it. Returns false for any other event. Throws `NotDurable`. */
  async takeLeave(body: JsonObject, event: JsonObject, deadline: Deadline): Promise<boolean> {
    const { type } = event;
    if (type !== "app_uninstalled" && type !== "tokens_revoked") return false;
    const installation = chooseOfEvent(body);
    if (installation !== undefined && (type === "app_uninstalled" || (await this.isBotToken(installation, event, deadline))))
      await this.remove(installation, body["event_time"], deadline);
    return true;
  }

  /** Tells whether the bot's token was revoked, and not that of a person. */
  private async isBotToken(installation: string, { tokens }: JsonObject, deadline: Deadline): Promise<boolean> {
    const bots = isJsonObject(tokens) ? tokens["bot"] : undefined;
    const { bot_user: botUser } = (await this.installations.get(installation, deadline)) ?? {};
    return Array.isArray(bots) && botUser !== undefined && bots.includes(botUser);
  }

  private async remove(installation: string, eventTime: unknown, deadline: Deadline): Promise<void> {
    const isTime = typeof eventTime === "number" && isSlackTs(String(eventTime));
    const atSeconds = Math.floor(isTime ? eventTime : this.nowMs() / 1000);
    const eraseAtSeconds = this.eraseAt(atSeconds);
    const isRemoved = await this.installations.remove({ installation, atSeconds, eraseAtSeconds }, deadline);
    this.#known.clear();
    this.log.info(isRemoved ? "removed" : "not removed: it is unknown, was removed before, or was installed at about that time or later", {
      installation,
    });
  }

  private async read(chosen: string | undefined, team: unknown, deadline: Deadline): Promise<Found | undefined> {
    if (chosen === undefined || !isSlackId(team)) return undefined;
    // Only an organisation's installation is one of several workspaces. An event may name another workspace's, which says nothing about this one.
    const installation = chosen.startsWith("E") ? chosen : team;
    const key = `${installation}#${team}`;
    const known = this.#known.get(key);
    if (known !== undefined && this.nowMs() < known.untilMs) return known.found;
    this.#known.delete(key);
    const row = await this.installations.get(installation, deadline);
    if (row?.status === undefined || row.status === "uninstalled") {
      this.log.info("not installed", { installation, team });
      return undefined;
    }
    await this.keep(row, deadline);
    // Background work knows only the workspace, and finds the organisation's token this way.
    const own = installation === team ? row : await this.installations.link(team, installation, deadline);
    const found = { ...row, chosen: readSettings(own ?? {}, this.settings.teamDefaults) };
    this.#known.set(key, { found, untilMs: this.nowMs() + CACHE_MS });
    return found;
  }

  /** Postpones the erasure of a workspace that still uses the app, once a day. */
  private async keep(row: Installation, deadline: Deadline): Promise<void> {
    const eraseAtSeconds = this.eraseAt(this.nowMs() / 1000);
    if (row.erase_at !== undefined && row.erase_at < eraseAtSeconds - DAY_SECONDS)
      await this.installations.postpone(row, eraseAtSeconds, deadline);
  }

  private eraseAt(fromSeconds: number): number {
    return Math.floor(fromSeconds) + this.settings.eraseAfterDays * DAY_SECONDS;
  }
}

/** Creates the store for a door; undefined where the stack serves one workspace. */
const createInstalledWorkspaces = (settings: InstalledSettings | undefined, log: Log): InstalledWorkspaces | undefined =>
  settings && new InstalledWorkspaces(new InstallationsTable(createDynamoDB("ack"), settings.installationsTable), settings, log);

export type { InstalledSettings };
export { createInstalledWorkspaces, InstalledWorkspaces };
