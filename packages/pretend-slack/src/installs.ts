import { createHash, createHmac, randomBytes } from "node:crypto";
import type { Clock } from "@slack-fanout/laptop-cloud/kernel/clock";
import type { State, StateChange } from "@slack-fanout/laptop-cloud/kernel/state";
import type { Installation } from "./app";
import { enterprise, firstTeam } from "./directory";
import { SlackError } from "./slack-error";

/** What an installation allows, in a workspace or in the organisation. */
interface Grant {
  /** Of the workspace, or of the organisation, whose installation counts in each workspace. */
  id: string;
  scopes: ReadonlySet<string>;
}

/** What a person allows on the consent page. */
interface Consent {
  id: string;
  scopes: string[];
  /** Who allows it. */
  user: string;
  redirectUri: string;
}

interface StoredGrant {
  id: string;
  scopes: string[];
  user: string;
  isActive: boolean;
  /** How often the app was uninstalled: each installation has another token. */
  generation: number;
}

interface StoredCode extends Consent {
  expiresMs: number;
  isUsed: boolean;
}

interface StoredToken {
  /** Of the grant. */
  id: string;
  kind: "bot" | "refresh";
  state: "valid" | "used" | "revoked" | "inactive";
  /** Absent for tokens that don't expire. */
  expiresMs?: number;
}

/** The tokens of an answer of `oauth.v2.access`. */
interface Tokens {
  access_token: string;
  token_type: "bot";
  refresh_token?: string;
  expires_in?: number;
}

/** Source: https://docs.slack.dev/authentication/installing-with-oauth */
const CODE_LIFETIME_MS = 10 * 60_000;
/** Source: https://docs.slack.dev/authentication/using-token-rotation */
const TOKEN_LIFETIME_SECONDS = 43_200;

/**
 * Where the app is installed, with its codes and tokens, of which only hashes are stored.
 *
 * A program without an install door (output `installUrl`) is a custom app: it has the first workspace from the beginning, with the token of its
 * settings.
 */
class Installs {
  readonly #grants = new Map<string, StoredGrant>();
  readonly #codes = new Map<string, StoredCode>();
  readonly #tokens = new Map<string, StoredToken>();
  #secret = "";

  constructor(
    private readonly state: State,
    private readonly clock: Clock,
    private readonly listing: Installation,
  ) {}

  async load() {
    this.#secret = (await this.state.get<string>("secret")) ?? randomBytes(32).toString("hex");
    await this.state.put("secret", this.#secret);
    for (const [, grant] of await this.state.entries<StoredGrant>("grant/")) this.#grants.set(grant.id, grant);
    for (const [key, token] of await this.state.entries<StoredToken>("token/")) this.#tokens.set(key, token);
    const expired: StateChange[] = [];
    for (const [key, code] of await this.state.entries<StoredCode>("code/")) {
      if (code.expiresMs > this.clock.nowMs()) this.#codes.set(key, code);
      else expired.push({ delete: key });
    }
    await this.state.batch(expired);
  }

  /** Whether the app was ever installed, or uninstalled, there. */
  isKnown(id: string) {
    return this.#grants.has(id);
  }

  /** The installation that counts in a workspace: its own, or else the organisation's. */
  grantOf(teamId: string): Grant | undefined {
    return this.#active(teamId) ?? this.#active(enterprise.id);
  }

  #active(id: string): Grant | undefined {
    const { app } = this.listing;
    if (app === undefined) return undefined;
    const stored = this.#grants.get(id);
    if (stored !== undefined) return stored.isActive ? { id, scopes: new Set(stored.scopes) } : undefined;
    return this.#isCustomApp && id === firstTeam.id ? { id, scopes: app.scopes } : undefined;
  }

  get #isCustomApp() {
    return this.listing.installUrl === undefined;
  }

  /** The grant of a token. Throws `SlackError` `invalid_auth`, `token_revoked`, `account_inactive`, `token_expired`. */
  authenticate(token: string): Grant {
    const { app, secrets } = this.listing;
    if (app === undefined) throw new SlackError("invalid_auth");
    if (this.#isCustomApp && secrets.botToken !== undefined && token === secrets.botToken) {
      const grant = this.#active(firstTeam.id);
      if (grant === undefined) throw new SlackError("account_inactive");
      return grant;
    }
    const stored = this.#tokens.get(tokenKey(token));
    if (stored?.kind !== "bot") throw new SlackError("invalid_auth");
    if (stored.state === "revoked") throw new SlackError("token_revoked");
    const grant = this.#active(stored.id);
    if (stored.state === "inactive" || grant === undefined) throw new SlackError("account_inactive");
    if (stored.expiresMs !== undefined && stored.expiresMs <= this.clock.nowMs()) throw new SlackError("token_expired");
    return grant;
  }

  /** A code for what a person allowed on the consent page. The app has ten minutes to exchange it. */
  async consent(consent: Consent): Promise<string> {
    const code = `${this.clock.nowMs()}.${randomBytes(32).toString("hex")}`;
    const expiresMs = this.clock.nowMs() + CODE_LIFETIME_MS;
    await this.state.batch([this.#keepCode(`code/${hash(code)}`, { ...consent, expiresMs, isUsed: false })]);
    return code;
  }

  /**
   * Exchanges a code: from now on the app is installed. `redirectUri` must be the one of the consent page, if given.
   * Throws `SlackError` `invalid_code`, `code_already_used`, `bad_redirect_uri`.
   */
  async exchangeCode(code: string, redirectUri: string | undefined): Promise<{ consent: Consent; isNew: boolean; tokens: Tokens }> {
    const key = `code/${hash(code)}`;
    const stored = this.#codes.get(key);
    if (stored === undefined || stored.expiresMs <= this.clock.nowMs()) throw new SlackError("invalid_code");
    if (stored.isUsed) throw new SlackError("code_already_used");
    if (redirectUri !== undefined && redirectUri !== stored.redirectUri) throw new SlackError("bad_redirect_uri");
    const { expiresMs: _expires, isUsed: _used, ...consent } = stored;
    const before = this.#grants.get(consent.id);
    const isNew = before?.isActive !== true;
    // Scopes are added to those that were granted before: https://docs.slack.dev/authentication/installing-with-oauth
    const scopes = isNew ? consent.scopes : [...new Set([...before.scopes, ...consent.scopes])];
    const grant = { id: consent.id, scopes, user: consent.user, isActive: true, generation: before?.generation ?? 0 };
    const { tokens, changes } = this.#issue(grant);
    await this.state.batch([this.#keepCode(key, { ...stored, isUsed: true }), this.#keepGrant(grant), ...changes]);
    return { consent: { ...consent, scopes }, isNew, tokens };
  }

  /** Exchanges a refresh token, once. The old access token works until it expires. Throws `SlackError` `invalid_refresh_token`. */
  async refresh(refreshToken: string): Promise<{ grant: Grant; user: string; tokens: Tokens }> {
    const key = tokenKey(refreshToken);
    const stored = this.#tokens.get(key);
    const grant = this.#grants.get(stored?.id ?? "");
    if (stored?.kind !== "refresh" || stored.state !== "valid" || !grant?.isActive) throw new SlackError("invalid_refresh_token");
    const { tokens, changes } = this.#issue(grant);
    await this.state.batch([this.#keepToken(key, { ...stored, state: "used" }), ...changes]);
    return { grant: { id: grant.id, scopes: new Set(grant.scopes) }, user: grant.user, tokens };
  }

  /** Exchanges a token that doesn't expire for one that does. Throws as `authenticate`, and `SlackError` `already_exchanged`. */
  async exchangeToken(token: string): Promise<{ grant: Grant; user: string; tokens: Tokens }> {
    const grant = this.authenticate(token);
    const key = tokenKey(token);
    const stored = this.#tokens.get(key);
    const issued = this.#grants.get(grant.id);
    if (stored === undefined || issued === undefined || stored.expiresMs !== undefined) throw new SlackError("already_exchanged");
    const { tokens, changes } = this.#issue(issued);
    await this.state.batch([this.#keepToken(key, { ...stored, state: "revoked" }), ...changes]);
    return { grant, user: issued.user, tokens };
  }

  /** Revokes all tokens of an installation. A token then answers `account_inactive`, or `token_revoked` if it was revoked itself. */
  async remove(id: string, revokedToken?: string) {
    const before = this.#grants.get(id);
    const generation = (before?.generation ?? 0) + 1;
    const scopes = before?.scopes ?? [...(this.listing.app?.scopes ?? [])];
    const user = before?.user ?? firstTeam.people[0]!.id;
    const valid = [...this.#tokens].filter(([, token]) => token.id === id && token.state === "valid");
    const changes = valid.map(([key, token]) => {
      const isRevoked = revokedToken !== undefined && key === tokenKey(revokedToken);
      return this.#keepToken(key, { ...token, state: isRevoked ? "revoked" : "inactive" });
    });
    await this.state.batch([...changes, this.#keepGrant({ id, scopes, user, isActive: false, generation })]);
  }

  /** Without rotation, one installation has one token, however often it is installed again. */
  #issue({ id, generation }: StoredGrant): { tokens: Tokens; changes: StateChange[] } {
    if (this.listing.app?.rotatesTokens !== true) {
      const access = `xoxb-${createHmac("sha256", this.#secret).update(`${id}/${generation}`).digest("hex")}`;
      const changes = [this.#keepToken(tokenKey(access), { id, kind: "bot", state: "valid" })];
      return { tokens: { access_token: access, token_type: "bot" }, changes };
    }
    const access = `xoxe.xoxb-1-${randomBytes(32).toString("hex")}`;
    const refresh = `xoxe-1-${randomBytes(32).toString("hex")}`;
    const expiresMs = this.clock.nowMs() + TOKEN_LIFETIME_SECONDS * 1000;
    const changes = [
      this.#keepToken(tokenKey(access), { id, kind: "bot", state: "valid", expiresMs }),
      this.#keepToken(tokenKey(refresh), { id, kind: "refresh", state: "valid" }),
    ];
    return { tokens: { access_token: access, token_type: "bot", refresh_token: refresh, expires_in: TOKEN_LIFETIME_SECONDS }, changes };
  }

  #keepGrant(grant: StoredGrant): StateChange {
    this.#grants.set(grant.id, grant);
    return { put: `grant/${grant.id}`, value: grant };
  }

  #keepToken(key: string, token: StoredToken): StateChange {
    this.#tokens.set(key, token);
    return { put: key, value: token };
  }

  #keepCode(key: string, code: StoredCode): StateChange {
    this.#codes.set(key, code);
    return { put: key, value: code };
  }
}

const hash = (secret: string) => createHash("sha256").update(secret).digest("hex");

const tokenKey = (token: string) => `token/${hash(token)}`;

export type { Consent, Grant, Tokens };
export { Installs };
