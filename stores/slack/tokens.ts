/** The bot tokens of the workspaces: one from the environment, or many from the table `installations`. */
import { SlackRefused } from "#core/errors";
import type { HttpUrl, KmsKeyArn, TopicArn } from "#core/named";
import { buildReinstallNotice } from "#core/slack/reinstall-notice";
import { createNoticesTopic, type NoticesTopic } from "#stores/notice/topic";
import { createInstallationsTable, type InstallationsSettings, type InstallationsTable } from "#stores/slack/installations-table";
import { createTokenCipher, type TokenCipher } from "#stores/slack/token-cipher";

/** Where the tokens of many workspaces are. */
interface TokensSettings extends InstallationsSettings {
  tokenKeyArn: KmsKeyArn;
  /** The topic for the notice to the installer that Slack refuses the token. */
  errorsTopicArn: TopicArn;
  /** Where the app can be installed again. */
  installUrl: HttpUrl;
  /** How long data is kept after Slack has refused the token, in days, if the workspace neither reinstalls nor uses the app. */
  eraseAfterDays: number;
}

interface Tokens {
  /** Reads a workspace's bot token. Throws `SlackRefused` with the code `not_installed`, or `reinstall` if Slack refuses the token. */
  of(team: string): Promise<string>;
  /**
   * Handles Slack's refusal of a token: everywhere and for good (`isRevoked`), or in this workspace only. Returns true if the workspace may have
   * another token by now, so that the caller can try again.
   */
  refuse(team: string, token: string, isRevoked: boolean): Promise<boolean>;
}

/** A decrypted token. */
interface Known {
  token: string;
  ciphertext: string;
  untilMs: number;
}

interface InstalledTokensParts {
  installations: Pick<InstallationsTable, "getForTeam" | "refuseToken">;
  cipher: Pick<TokenCipher, "decrypt">;
  errors: Pick<NoticesTopic, "publish">;
  settings: Pick<TokensSettings, "installUrl" | "eraseAfterDays">;
  nowMs?: () => number;
}

const CACHE_MS = 300_000;
const DAY_SECONDS = 86_400;

/** The refusal's code if a workspace does not have the app, or must install it again. */
const NOT_INSTALLED = "not_installed";
const REINSTALL = "reinstall";
const WITHOUT_APP: readonly unknown[] = [NOT_INSTALLED, REINSTALL];

/** Reads and decrypts a workspace's token. Throws `SlackRefused` with the code `not_installed`, or `reinstall` if Slack refuses the token. */
const readToken = async (
  { installations, cipher }: Pick<InstalledTokensParts, "cipher"> & { installations: Pick<InstallationsTable, "getForTeam"> },
  team: string,
): Promise<Pick<Known, "token" | "ciphertext">> => {
  const { installation, status, token: ciphertext } = (await installations.getForTeam(team)) ?? {};
  if (status === REINSTALL && ciphertext === undefined)
    throw new SlackRefused(`The app must be installed again in ${team}.`, { context: { code: REINSTALL } });
  if (installation === undefined || ciphertext === undefined)
    throw new SlackRefused(`The app is not installed in ${team}.`, { context: { code: NOT_INSTALLED } });
  return { token: await cipher.decrypt(installation, ciphertext), ciphertext };
};

class InstalledTokens implements Tokens {
  /** By workspace. A workspace without a token is never cached. */
  readonly #known = new Map<string, Known>();

  readonly #parts: Required<InstalledTokensParts>;

  constructor(parts: InstalledTokensParts) {
    this.#parts = { nowMs: Date.now, ...parts };
  }

  async of(team: string): Promise<string> {
    const known = this.#known.get(team);
    if (known !== undefined && this.#parts.nowMs() < known.untilMs) return known.token;
    this.#known.delete(team);
    const read = await readToken(this.#parts, team);
    this.#known.set(team, { ...read, untilMs: this.#parts.nowMs() + CACHE_MS });
    return read.token;
  }

  /**
   * If a token is revoked, notifies the installer and then marks the installation. Does neither if the workspace has another token by now: the cached
   * token may be from before a reinstallation, or from the organisation of a workspace that has since installed the app itself. If this dies after the
   * notice, the next call publishes the notice again under the same id.
   */
  async refuse(team: string, token: string, isRevoked: boolean): Promise<boolean> {
    const { installations, errors, settings, nowMs } = this.#parts;
    const known = this.#known.get(team);
    if (known?.token !== token) return true;
    this.#known.delete(team);
    const row = await installations.getForTeam(team);
    if (row?.token !== known.ciphertext) return true;
    if (!isRevoked) return false;
    const { installUrl, eraseAfterDays } = settings;
    const text = `Slack no longer lets this app into the workspace. Install it again at ${installUrl} within ${eraseAfterDays} days to keep its data.`;
    await errors.publish(buildReinstallNotice(row, text));
    const atSeconds = Math.floor(nowMs() / 1000);
    return !(await installations.refuseToken(row, { atSeconds, eraseAtSeconds: atSeconds + eraseAfterDays * DAY_SECONDS }));
  }
}

/** Creates the store: of many workspaces, or of the one whose token is `ACCESS_TOKEN`. */
const createTokens = (settings?: TokensSettings, environment: Record<string, string | undefined> = process.env): Tokens =>
  settings === undefined
    ? { of: async () => environment["ACCESS_TOKEN"] ?? "", refuse: async () => false }
    : new InstalledTokens({
        installations: createInstallationsTable(settings.installationsTable),
        cipher: createTokenCipher(settings.tokenKeyArn),
        errors: createNoticesTopic(settings.errorsTopicArn),
        settings,
      });

export type { Tokens, TokensSettings };
export { createTokens, InstalledTokens, readToken, WITHOUT_APP };
