/** The bot tokens of the workspaces: one from the environment, or many from the table `installations`. */
import { SlackRefused } from "#core/errors";
import type { KmsKeyArn } from "#core/named";
import { createInstallationsTable, type InstallationsSettings, type InstallationsTable } from "#stores/slack/installations-table";
import { createTokenCipher, type TokenCipher } from "#stores/slack/token-cipher";

/** Where the tokens of many workspaces are. */
interface TokensSettings extends InstallationsSettings {
  tokenKeyArn: KmsKeyArn;
}

interface Tokens {
  /** Reads a workspace's bot token. Throws `SlackRefused` with the code `not_installed`, or `reinstall` if Slack refuses the token. */
  of(team: string): Promise<string>;
  /**
   * Takes note that Slack refuses a workspace's token: for good (`isRevoked`), or in this workspace. Returns true if the workspace may have another
   * token by now.
   */
  refuse(team: string, token: string, isRevoked: boolean): Promise<boolean>;
}

/** A decrypted token. */
interface Known {
  token: string;
  installation: string;
  ciphertext: string;
  untilMs: number;
}

const CACHE_MS = 300_000;

/** The code of the refusal if a workspace does not have the app. */
const NOT_INSTALLED = "not_installed";

class InstalledTokens implements Tokens {
  /** By workspace. A workspace without a token is never cached. */
  readonly #known = new Map<string, Known>();

  constructor(
    private readonly installations: Pick<InstallationsTable, "getForTeam" | "refuseToken">,
    private readonly cipher: Pick<TokenCipher, "decrypt">,
    private readonly nowMs: () => number = Date.now,
  ) {}

  async of(team: string): Promise<string> {
    const known = this.#known.get(team);
    if (known !== undefined && this.nowMs() < known.untilMs) return known.token;
    this.#known.delete(team);
    const { installation, status, token: ciphertext } = (await this.installations.getForTeam(team)) ?? {};
    if (status === "reinstall" && ciphertext === undefined)
      throw new SlackRefused(`The app must be installed again in ${team}.`, { context: { code: status } });
    if (installation === undefined || ciphertext === undefined)
      throw new SlackRefused(`The app is not installed in ${team}.`, { context: { code: NOT_INSTALLED } });
    const token = await this.cipher.decrypt(installation, ciphertext);
    this.#known.set(team, { token, installation, ciphertext, untilMs: this.nowMs() + CACHE_MS });
    return token;
  }

  /**
   * Marks the installation of a revoked token, unless the workspace has another token by now: within the time of the cache, the app was removed and
   * installed again, or the workspace got an installation of its own beside its organisation's.
   */
  async refuse(team: string, token: string, isRevoked: boolean): Promise<boolean> {
    const known = this.#known.get(team);
    if (known?.token !== token) return true;
    this.#known.delete(team);
    const current = await this.installations.getForTeam(team);
    if (current?.token !== known.ciphertext) return true;
    if (!isRevoked) return false;
    const refused = { installation: known.installation, token: known.ciphertext };
    return !(await this.installations.refuseToken(refused, Math.floor(this.nowMs() / 1000)));
  }
}

/** Creates the store: of many workspaces, or of the one whose token is `ACCESS_TOKEN`. */
const createTokens = (settings?: TokensSettings, environment: Record<string, string | undefined> = process.env): Tokens =>
  settings === undefined
    ? { of: async () => environment["ACCESS_TOKEN"] ?? "", refuse: async () => false }
    : new InstalledTokens(createInstallationsTable(settings.installationsTable), createTokenCipher(settings.tokenKeyArn));

export type { Tokens, TokensSettings };
export { createTokens, InstalledTokens, NOT_INSTALLED };
