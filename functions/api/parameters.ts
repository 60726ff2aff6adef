/** What a request to the API says: its query, its body and its idempotency key, each refused where it says more or other than it may. */
import { createHash } from "node:crypto";
import { parseDuration, parseTurnLength } from "#core/dibs/duration";
import { MAX_OWNER_CHARACTERS, MAX_REASON_CHARACTERS } from "#core/dibs/queue";
import { BadRequest } from "#core/errors";
import { type JsonObject, parseJsonObject } from "#core/json";
import { isProblem, type Problem } from "#core/problem";
import { buildQuote } from "#core/quote";

interface ClaimBody {
  owner?: string;
  forSeconds: number | null;
  reason?: string;
  deadAfterSeconds?: number;
  waitSeconds: number;
}

interface LimitBody {
  /** From now on; null for an open turn. */
  forSeconds: number | null;
  leaseId: string;
}

interface Page {
  limit: number;
  /** Where the page before it ended. */
  position?: string;
}

/** API Gateway waits 30 s for an answer. */
const MAX_WAIT_SECONDS = 25;
const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 100;
const CURSOR = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{16})$/;

/** Parses a query in which every parameter comes once, and is one of those named. Throws `BadRequest`. */
const parseQuery = <Name extends string>(rawQuery: string | undefined, names: readonly Name[]): Partial<Record<Name, string>> => {
  const query: Partial<Record<string, string>> = {};
  for (const [name, value] of new URLSearchParams(rawQuery ?? "")) {
    if (!names.some(each => each === name))
      throw new BadRequest(`There is no parameter ${buildQuote(name)} here${names.length === 0 ? "" : `: it takes ${names.join(", ")}`}.`);
    if (query[name] !== undefined) throw new BadRequest(`The parameter ${buildQuote(name)} comes more than once.`);
    query[name] = value;
  }
  return query;
};

/** Parses seconds to wait, 0 to 25. Throws `BadRequest`. */
const parseWait = (wait: unknown): number => {
  if (typeof wait !== "number" || !Number.isInteger(wait) || wait < 0 || wait > MAX_WAIT_SECONDS)
    throw new BadRequest(`wait is ${buildQuote(wait)}: want whole seconds, 0 to ${MAX_WAIT_SECONDS}.`);
  return wait;
};

/** Parses seconds to wait of a query, where numbers are text. Throws `BadRequest`. */
const parseWaitText = (wait: string): number => parseWait(/^[0-9]{1,2}$/.test(wait) ? Number(wait) : wait);

/** Parses a span: text that `read` understands, or whole seconds. Throws `BadRequest`. */
const parseSpan = <T extends number | null>(name: string, value: unknown, read: (text: string) => T | Problem): T => {
  const asked = typeof value === "number" && Number.isInteger(value) ? `${value} s` : value;
  if (typeof asked !== "string") throw new BadRequest(`${name} is ${buildQuote(value)}: want text such as "30m", or whole seconds.`);
  const span = read(asked);
  if (isProblem(span)) throw new BadRequest(`${name}: ${span.problem}`);
  return span;
};

const parseText = (name: string, value: unknown, maxCharacters: number): string => {
  if (typeof value !== "string") throw new BadRequest(`${name} is ${buildQuote(value)}: want text.`);
  const text = value
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .trim();
  if (text === "") throw new BadRequest(`${name} is empty.`);
  if (Array.from(text).length > maxCharacters)
    throw new BadRequest(`${name} is ${buildQuote(value)}: want ${maxCharacters} characters at most.`);
  return text;
};

const CLAIM_FIELDS = ["owner", "for", "reason", "deadAfter", "wait"];
const LIMIT_FIELDS = ["for", "leaseId"];

/** Parses a body that has no other fields than those named. Throws `BadRequest`. */
const parseFields = (rawBody: Buffer, what: string, fields: readonly string[]): JsonObject => {
  const body = rawBody.length === 0 ? {} : parseJsonObject(rawBody);
  const unknown = Object.keys(body).find(name => !fields.includes(name));
  if (unknown !== undefined) throw new BadRequest(`There is no field ${buildQuote(unknown)}: ${what} takes ${fields.join(", ")}.`);
  return body;
};

/** Parses when a turn is to end. Throws `BadRequest`. */
const parseLimitBody = (rawBody: Buffer): LimitBody => {
  const { for: asked, leaseId } = parseFields(rawBody, "a change of a claim", LIMIT_FIELDS);
  if (asked === undefined) throw new BadRequest('for is missing: want how long the turn lasts from now, such as "30m", or "open".');
  if (typeof leaseId !== "string" || leaseId === "")
    throw new BadRequest(`leaseId is ${leaseId === undefined ? "missing" : buildQuote(leaseId)}: want the lease of the turn.`);
  return { forSeconds: parseSpan("for", asked, parseTurnLength), leaseId };
};

/** Parses the body of a claim; what it does not say is the default: the token's owner, and `defaultSeconds` (null: open). Throws `BadRequest`. */
const parseClaimBody = (rawBody: Buffer, defaultSeconds: number | null): ClaimBody => {
  const body = parseFields(rawBody, "a claim", CLAIM_FIELDS);
  const { owner, for: asked, reason, deadAfter, wait } = body;
  return {
    ...(owner === undefined ? {} : { owner: parseText("owner", owner, MAX_OWNER_CHARACTERS) }),
    forSeconds: asked === undefined ? defaultSeconds : parseSpan("for", asked, parseTurnLength),
    ...(reason === undefined ? {} : { reason: parseText("reason", reason, MAX_REASON_CHARACTERS) }),
    ...(deadAfter === undefined ? {} : { deadAfterSeconds: parseSpan("deadAfter", deadAfter, parseDuration) }),
    waitSeconds: wait === undefined ? 0 : parseWait(wait),
  };
};

/** Parses an idempotency key; undefined where there is none. Throws `BadRequest`. */
const parseIdempotencyKey = (header: string | undefined): string | undefined => {
  if (header === undefined) return undefined;
  if (!/^[\x21-\x7e][\x20-\x7e]{0,254}$/.test(header))
    throw new BadRequest(`Idempotency-Key is ${buildQuote(header)}: want 1 to 255 printable ASCII characters.`);
  return header;
};

/** Tells a cursor of one list from those of another, and from what nobody gave out; it keeps nothing secret. */
const checksumOf = (place: string, position: string): string =>
  createHash("sha256")
    .update(JSON.stringify(["cursor", place, position]))
    .digest("base64url")
    .slice(0, 16);

/** Builds the cursor of the next page; `place` says which list it belongs to. */
const buildCursor = (place: string, position: string): string =>
  `${Buffer.from(position).toString("base64url")}.${checksumOf(place, position)}`;

/** Parses which page is asked for. Throws `BadRequest`, also for a cursor that was not given out for this list. */
const parsePage = ({ limit, cursor }: { limit?: string; cursor?: string }, place: string): Page => {
  const size = limit === undefined ? DEFAULT_LIMIT : /^[1-9][0-9]{0,2}$/.test(limit) ? Number(limit) : 0;
  if (size < 1 || size > MAX_LIMIT) throw new BadRequest(`limit is ${buildQuote(limit)}: want a whole number from 1 to ${MAX_LIMIT}.`);
  if (cursor === undefined) return { limit: size };
  const [, encoded = "", checksum] = CURSOR.exec(cursor) ?? [];
  const position = Buffer.from(encoded, "base64url").toString("utf8");
  if (checksum === undefined || checksumOf(place, position) !== checksum)
    throw new BadRequest(`cursor is ${buildQuote(cursor)}, which is not one that this list gave out.`);
  return { limit: size, position };
};

export type { ClaimBody, LimitBody, Page };
export { buildCursor, parseClaimBody, parseIdempotencyKey, parseLimitBody, parsePage, parseQuery, parseWaitText };
