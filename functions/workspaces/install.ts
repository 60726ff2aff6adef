/**
 * The door for *Add to Slack*: sends a browser to Slack's consent page, and stores the installation with which the browser comes back.
 * Source: https://docs.slack.dev/authentication/installing-with-oauth
 */

import { SlackBusy, SlackRefused, Unauthorized } from "#core/errors";
import { PAGE_HEADERS } from "#core/http/page";
import { createLog, type Log } from "#core/log";
import type { HttpUrl, KmsKeyArn, TableName } from "#core/named";
import { buildInstallPage, type InstallPage } from "#core/slack/install-page";
import { issueState, STATE_SECONDS, verifyState } from "#core/slack/install-state";
import { type Grant, parseGrant } from "#core/slack/installation";
import type { HttpResponse } from "#functions/door";
import { createDynamoDB } from "#stores/aws-clients";
import { InstallStates } from "#stores/slack/install-states";
import { InstallationsTable } from "#stores/slack/installations-table";
import { createTokenCipher, type TokenCipher } from "#stores/slack/token-cipher";
import { createTokenlessSlack, type Slack } from "#stores/slack/web-api";

interface InstallSettings {
  installationsTable: TableName;
  /** Remembers which states were used. */
  seenTable: TableName;
  tokenKeyArn: KmsKeyArn;
  /** The public address of this door. It is never taken from a request, whose Host header anybody can set. */
  installUrl: HttpUrl;
  /** Undefined until the app exists. */
  clientId?: string | undefined;
  /** What the app asks for. */
  scopes: string[];
}

/** The part of an HTTP API request (payload format 2.0) that is read. */
interface InstallRequest {
  routeKey: string;
  rawQueryString?: string;
  cookies?: string[];
}

interface InstallParts {
  slack: Pick<Slack, "call">;
  states: Pick<InstallStates, "use">;
  installations: Pick<InstallationsTable, "install">;
  cipher: Pick<TokenCipher, "encrypt">;
  settings: Pick<InstallSettings, "installUrl" | "clientId" | "scopes">;
  clientSecret: string;
  /** The address of Slack's Web API. The consent page is beside it. */
  slackUrl: string;
  log: Pick<Log, "info" | "error">;
  nowMs?: () => number;
}

const COOKIE = "slack_fanout_install";
const NOT_FINISHED = "The installation did not finish";
const START_AGAIN = "Start again here";
const NOT_STARTED = "No installation was started in this browser within the last ten minutes.";

class Install {
  readonly #parts: Required<InstallParts>;

  constructor(parts: InstallParts) {
    this.#parts = { nowMs: Date.now, ...parts };
  }

  /** Never throws: trouble has a page of its own. */
  async handle(request: InstallRequest): Promise<HttpResponse> {
    try {
      if (this.#parts.settings.clientId === undefined || this.#parts.clientSecret === "")
        return this.answer(503, { title: "Not set up yet", text: "The operator of this app has not set its client id and secret yet." });
      return request.routeKey.endsWith("/callback") ? await this.finish(request) : this.start();
    } catch (error) {
      if (error instanceof Unauthorized) return this.refuse(NOT_STARTED, error);
      if (error instanceof SlackRefused) return this.refuse(error.message, error);
      this.#parts.log.error("not installed", error);
      const reason = error instanceof SlackBusy ? "Slack does not answer at the moment." : "Something went wrong on our side.";
      return this.answer(503, { title: NOT_FINISHED, text: reason, link: this.again() });
    }
  }

  /** Redirects to Slack's consent page. The browser gets a cookie, and must bring it back. */
  start(): HttpResponse {
    const { settings, clientSecret, slackUrl, nowMs } = this.#parts;
    const { state, browser } = issueState(clientSecret, nowMs());
    const url = new URL("../oauth/v2/authorize", slackUrl);
    url.search = new URLSearchParams({
      client_id: settings.clientId!,
      scope: settings.scopes.join(","),
      user_scope: "",
      state,
      redirect_uri: this.redirectUri,
    }).toString();
    const headers = { Location: url.href, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer" };
    return { statusCode: 302, headers: { ...headers, "Set-Cookie": this.buildCookie(browser, STATE_SECONDS) }, body: "" };
  }

  /** Exchanges the code, and stores the installation. Throws `Unauthorized`, `SlackBusy`, `SlackRefused`. */
  async finish({ rawQueryString = "", cookies = [] }: InstallRequest): Promise<HttpResponse> {
    const { clientSecret, states, log, nowMs } = this.#parts;
    const query = new URLSearchParams(rawQueryString);
    const browser = cookies.find(each => each.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);
    const verified = verifyState({ state: query.get("state") ?? "", browser: browser ?? "" }, clientSecret, nowMs());
    const error = query.get("error");
    if (error === "access_denied") throw new SlackRefused("The installation was cancelled in Slack.");
    const code = query.get("code");
    if (error !== null || code === null) throw new SlackRefused("Slack sent no code.");
    if (!(await states.use(verified))) throw new Unauthorized("the state was used before");
    const grant = await this.exchange(code);
    await this.store(grant);
    log.info("installed", { installation: grant.installation, by: grant.installedBy });
    const text = `The app is installed in ${grant.name}. You can close this page, and invite the app to a channel in Slack.`;
    return this.answer(200, { title: "The app is installed", text }, { "Set-Cookie": this.buildCookie("", 0) });
  }

  /** Exchanges the code. Throws `SlackBusy`, and `SlackRefused` also if scopes are missing. */
  async exchange(code: string): Promise<Grant> {
    const { slack, settings, clientSecret } = this.#parts;
    const credentials = { client_id: settings.clientId!, client_secret: clientSecret };
    const grant = parseGrant(await slack.call("oauth.v2.access", { ...credentials, code, redirect_uri: this.redirectUri }));
    const missing = settings.scopes.filter(scope => !grant.scopes.includes(scope));
    if (missing.length > 0) throw new SlackRefused(`Slack did not grant all that the app needs. Missing: ${missing.join(", ")}.`);
    return grant;
  }

  private async store(grant: Grant): Promise<void> {
    const { installations, cipher, nowMs } = this.#parts;
    const atSeconds = Math.floor(nowMs() / 1000);
    const { installation, token, refreshToken, expiresInSeconds } = grant;
    const tokens = {
      token: await cipher.encrypt(installation, token),
      ...(refreshToken === undefined
        ? {}
        : { refreshToken: await cipher.encrypt(installation, refreshToken), expiresAtSeconds: atSeconds + (expiresInSeconds ?? 0) }),
    };
    await installations.install(grant, tokens, atSeconds);
  }

  private refuse(text: string, error: Error): HttpResponse {
    this.#parts.log.info("refused", { reason: error.message });
    return this.answer(400, { title: NOT_FINISHED, text, link: this.again() });
  }

  private answer(statusCode: number, page: InstallPage, headers: Record<string, string> = {}): HttpResponse {
    return { statusCode, headers: { ...PAGE_HEADERS, ...headers }, body: buildInstallPage(page) };
  }

  private again(): InstallPage["link"] {
    return { label: START_AGAIN, url: this.#parts.settings.installUrl };
  }

  private get redirectUri(): string {
    return `${this.#parts.settings.installUrl}/callback`;
  }

  private buildCookie(value: string, maxAgeSeconds: number): string {
    const secure = this.#parts.settings.installUrl.startsWith("https:") ? "; Secure" : "";
    return `${COOKIE}=${value}; Max-Age=${maxAgeSeconds}; Path=/; HttpOnly; SameSite=Lax${secure}`;
  }
}

/** Creates the door; its secret is `CLIENT_SECRET`, and `SLACK_URL` says where Slack is. */
const create = (settings: InstallSettings): ((request: InstallRequest) => Promise<HttpResponse>) => {
  const client = createDynamoDB("background");
  const install = new Install({
    slack: createTokenlessSlack(),
    states: new InstallStates(client, settings.seenTable),
    installations: new InstallationsTable(client, settings.installationsTable),
    cipher: createTokenCipher(settings.tokenKeyArn),
    settings,
    clientSecret: process.env["CLIENT_SECRET"] ?? "",
    slackUrl: process.env["SLACK_URL"] ?? "",
    log: createLog("install"),
  });
  return request => install.handle(request);
};

export type { InstallRequest, InstallSettings };
export { create, Install };
