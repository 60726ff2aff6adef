import { createHash } from "node:crypto";
import { AwsError } from "../../kernel/aws-error";
import type { Clock } from "../../kernel/clock";
import { type Change, type Database, tokenKey, under } from "./database";

/** How long a client request token is valid (TransactWriteItems API page, ClientRequestToken). */
const TOKEN_LIFETIME_MS = 10 * 60 * 1000;

interface Remembered {
  digest: string;
  expiresAtMs: number;
}

/** The client request tokens of completed transactions, each for ten minutes. */
class RequestTokens {
  /** In order of expiry, because all are valid for the same time. */
  readonly #tokens = new Map<string, Remembered>();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async load() {
    const entries: [string, Remembered][] = [];
    for await (const [key, value] of this.database.entries(under(tokenKey("")))) {
      entries.push([key.slice(tokenKey("").length), JSON.parse(value) as Remembered]);
    }
    entries.sort(([, a], [, b]) => a.expiresAtMs - b.expiresAtMs);
    for (const [token, remembered] of entries) this.#tokens.set(token, remembered);
  }

  /** Whether this request was already completed. Throws IdempotentParameterMismatchException if another request has its token. */
  wasUsed(token: string, request: object): boolean {
    const remembered = this.#tokens.get(token);
    if (remembered === undefined || remembered.expiresAtMs <= this.clock.nowMs()) return false;
    if (remembered.digest === digestOf(request)) return true;
    throw new AwsError(
      "IdempotentParameterMismatchException",
      "DynamoDB rejected the request because you retried a request with a different payload but with an idempotent token that was already used.",
    );
  }

  /** The change that stores the token. Write it together with the transaction, then call `remember`. */
  changeFor(token: string, request: object): { change: Change; remember: () => void } {
    const remembered = { digest: digestOf(request), expiresAtMs: this.clock.nowMs() + TOKEN_LIFETIME_MS };
    return {
      change: { key: tokenKey(token), value: JSON.stringify(remembered) },
      remember: () => {
        this.#tokens.delete(token);
        this.#tokens.set(token, remembered);
      },
    };
  }

  async forgetExpired() {
    const expired: string[] = [];
    for (const [token, { expiresAtMs }] of this.#tokens) {
      if (expiresAtMs > this.clock.nowMs()) break;
      expired.push(token);
    }
    for (const token of expired) this.#tokens.delete(token);
    if (expired.length > 0) await this.database.write(expired.map(token => ({ key: tokenKey(token) })));
  }
}

const digestOf = (request: object) => createHash("sha256").update(JSON.stringify(request)).digest("base64url");

export { RequestTokens };
