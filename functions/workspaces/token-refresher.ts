/**
 * Runs every quarter of an hour where Slack's tokens expire: refreshes them two hours ahead.
 * Source: https://docs.slack.dev/authentication/using-token-rotation
 */

import { randomUUID } from "node:crypto";
import { SlackRefused } from "#core/errors";
import { createLog, type Log } from "#core/log";
import type { HttpUrl, KmsKeyArn, TableName, TopicArn } from "#core/named";
import { runSideBySide } from "#core/side-by-side";
import { parseTokens } from "#core/slack/installation";
import { buildReinstallNotice } from "#core/slack/reinstall-notice";
import { createNoticesTopic, type NoticesTopic } from "#stores/notice/topic";
import { createInstallationsTable, type Installation, type InstallationsTable } from "#stores/slack/installations-table";
import { createTokenCipher, type TokenCipher } from "#stores/slack/token-cipher";
import { createTokenlessSlack, type Slack } from "#stores/slack/web-api";

interface TokenRefresherSettings {
  installationsTable: TableName;
  tokenKeyArn: KmsKeyArn;
  errorsTopicArn: TopicArn;
  /** Where the app can be installed again. */
  installUrl: HttpUrl;
  /** How long data is kept after Slack has refused the token, in days, if the workspace neither reinstalls nor uses the app. */
  eraseAfterDays: number;
  clientId?: string | undefined;
}

interface TokenRefresherParts {
  installations: Pick<InstallationsTable, "listInstalled" | "lease" | "refresh" | "refuseRefresh">;
  cipher: Pick<TokenCipher, "encrypt" | "decrypt">;
  slack: Pick<Slack, "call">;
  errors: Pick<NoticesTopic, "publish">;
  settings: Pick<TokenRefresherSettings, "installUrl" | "eraseAfterDays">;
  credentials: { client_id: string; client_secret: string };
  log: Pick<Log, "info" | "error">;
  nowMs?: () => number;
  newId?: () => string;
}

/** Tokens live 12 hours. Eight runs fall into this time, so Slack may be down for an hour and a half. */
const AHEAD_SECONDS = 7200;
const MAX_AT_ONCE = 5;
const DAY_SECONDS = 86_400;

class TokenRefresher {
  readonly #parts: Required<TokenRefresherParts>;

  constructor(parts: TokenRefresherParts) {
    this.#parts = { nowMs: Date.now, newId: randomUUID, ...parts };
  }

  /** Refreshes what is due. A failure does not hold up the others; it is thrown at the end, to count as an error. */
  async handle(): Promise<void> {
    const due: Installation[] = [];
    for await (const each of this.#parts.installations.listInstalled()) if (this.isDue(each)) due.push(each);
    await runSideBySide(due, MAX_AT_ONCE, each => this.refresh(each));
  }

  private isDue({ token_expires_at: expiresAt, refresh_token: refreshToken }: Installation): boolean {
    return refreshToken !== undefined && expiresAt !== undefined && expiresAt - AHEAD_SECONDS <= this.nowSeconds();
  }

  /**
   * Refreshes the tokens of one installation, unless another run does. Slack revokes a refresh token once it is used, so a crash before the new one
   * is stored ends in `reinstall`; only the encryption lies between.
   */
  async refresh(row: Installation): Promise<void> {
    const { installations, cipher, slack, credentials, log, newId } = this.#parts;
    const { installation } = row;
    if (!(await installations.lease(row, newId(), this.nowSeconds()))) return;
    const refreshToken = await cipher.decrypt(installation, row.refresh_token!);
    try {
      const answer = await slack.call("oauth.v2.access", { ...credentials, grant_type: "refresh_token", refresh_token: refreshToken });
      const { token, refreshToken: next, expiresInSeconds = 0 } = parseTokens(answer);
      const tokens = {
        token: await cipher.encrypt(installation, token),
        refreshToken: next && (await cipher.encrypt(installation, next)),
        expiresAtSeconds: this.nowSeconds() + expiresInSeconds,
      };
      const isStored = await installations.refresh(row, tokens, this.nowSeconds());
      log.info(isStored ? "refreshed" : "not stored: the app was removed or installed again", { installation });
    } catch (error) {
      if (!(error instanceof SlackRefused) || error.context["code"] !== "invalid_refresh_token") throw error;
      await this.tellInstaller(row, error);
    }
  }

  /** The notice comes first: if this dies in between, the next run tells it again under the same id, and Slack shows it once. */
  private async tellInstaller(row: Installation, error: SlackRefused): Promise<void> {
    const { installations, errors, settings, log } = this.#parts;
    const { installUrl, eraseAfterDays } = settings;
    log.error("to be installed again", error, { installation: row.installation });
    const text = `Slack no longer renews this app's access to your workspace. Install it again at ${installUrl} within two hours.`;
    await errors.publish(buildReinstallNotice(row, text));
    const atSeconds = this.nowSeconds();
    await installations.refuseRefresh(row, { atSeconds, eraseAtSeconds: atSeconds + eraseAfterDays * DAY_SECONDS });
  }

  private nowSeconds(): number {
    return Math.floor(this.#parts.nowMs() / 1000);
  }
}

/** Creates the function; its secret is `CLIENT_SECRET`, and `SLACK_URL` says where Slack is. */
const create = (settings: TokenRefresherSettings): (() => Promise<void>) => {
  const refresher = new TokenRefresher({
    installations: createInstallationsTable(settings.installationsTable),
    cipher: createTokenCipher(settings.tokenKeyArn),
    slack: createTokenlessSlack(),
    errors: createNoticesTopic(settings.errorsTopicArn),
    settings,
    credentials: { client_id: settings.clientId ?? "", client_secret: process.env["CLIENT_SECRET"] ?? "" },
    log: createLog("token-refresher"),
  });
  return () => refresher.handle();
};

export type { TokenRefresherSettings };
export { create, TokenRefresher };
