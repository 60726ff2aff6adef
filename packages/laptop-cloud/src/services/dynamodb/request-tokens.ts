import { createHash } from "node:crypto";
import { AwsError } from "../../kernel/aws-error";
import type { Clock } from "../../kernel/clock";
import { type Change, type Database, tokenKey, under } from "./database";

/** How long a transaction's token is remembered (TransactWriteItems API page, ClientRequestToken). */
const TOKEN_LIFETIME_MS = 10 * 60 * 1000;

interface Remembered {
  digest: string;
  expiresAtMs: number;
}

/** The client request tokens of transactions that were carried out, for ten minutes each. */
class RequestTokens {
  /** In order of expiry, since all are kept equally long. */
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

  /** Whether a request with this token was carried out. Throws IdempotentParameterMismatchException if it was another request. */
  wasUsed(token: string, request: object): boolean {
    const remembered = this.#tokens.get(token);
    if (remembered === undefined || remembered.expiresAtMs <= this.clock.nowMs()) return false;
    if (remembered.digest === digestOf(request)) return true;
    throw new AwsError(
      "IdempotentParameterMismatchException",
      "DynamoDB rejected the request because you retried a request with a different payload but with an idempotent token that was already used.",
    );
  }

  /** The change that remembers the token: it is to be written with the transaction; then `remember` it here. */
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
