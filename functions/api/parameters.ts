/** Parses what a request to the API says: its query, its headers and its body. */
import { createHash } from "node:crypto";
import * as z from "zod";
import { parseDuration, parseTurnLength } from "#core/dibs/duration";
import { MAX_OWNER_CHARACTERS, MAX_REASON_CHARACTERS } from "#core/dibs/queue";
import { BadRequest } from "#core/errors";
import { parseJsonObject } from "#core/json";
import { isProblem, type Problem } from "#core/problem";
import { buildQuote } from "#core/quote";
import { type HttpRequest, readHeader } from "#functions/door";

/** API Gateway waits 30 s for an answer. */
const MAX_WAIT_SECONDS = 25;
const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 100;
const CURSOR = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{16})$/;

/** Defines a field: `parse` turns it into a value or throws `BadRequest`, and openapi.json shows it as `schema`. */
const field = <T>(parse: (value: unknown) => T, schema: z.core.JSONSchemaMeta) =>
  z
    .unknown()
    .transform(value => parse(value))
    .meta(schema);

const parseWait = (wait: unknown): number => {
  if (typeof wait !== "number" || !Number.isInteger(wait) || wait < 0 || wait > MAX_WAIT_SECONDS)
    throw new BadRequest(`wait is ${buildQuote(wait)}, but must be a whole number of seconds from 0 to ${MAX_WAIT_SECONDS}.`);
  return wait;
};

/** In a query, numbers are text. */
const parseWaitText = (wait: unknown): number => parseWait(typeof wait === "string" && /^[0-9]{1,2}$/.test(wait) ? Number(wait) : wait);

const parseLimit = (limit: unknown): number => {
  const size = typeof limit === "string" && /^[1-9][0-9]{0,2}$/.test(limit) ? Number(limit) : 0;
  if (size < 1 || size > MAX_LIMIT)
    throw new BadRequest(`limit is ${buildQuote(limit)}, but must be a whole number from 1 to ${MAX_LIMIT}.`);
  return size;
};

/** Parses a span: text that `read` understands, or whole seconds. */
const parseSpan = <T extends number | null>(name: string, value: unknown, read: (text: string) => T | Problem): T => {
  const asked = typeof value === "number" && Number.isInteger(value) ? `${value} s` : value;
  if (typeof asked !== "string")
    throw new BadRequest(`${name} is ${buildQuote(value)}, but must be a string such as "30m", or whole seconds.`);
  const span = read(asked);
  if (isProblem(span)) throw new BadRequest(`${name}: ${span.problem}`);
  return span;
};

const parseText = (name: string, value: unknown, maxCharacters: number): string => {
  if (typeof value !== "string") throw new BadRequest(`${name} is ${buildQuote(value)}, but must be a string.`);
  const text = value
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, " ")
    .trim();
  if (text === "") throw new BadRequest(`${name} is empty.`);
  if (Array.from(text).length > maxCharacters)
    throw new BadRequest(`${name} is ${buildQuote(value)}, but must have at most ${maxCharacters} characters.`);
  return text;
};

const parseNewLength = (value: unknown): number | null => {
  if (value === undefined) throw new BadRequest('for is missing. It must say how long the turn lasts from now, such as "30m", or "open".');
  return parseSpan("for", value, parseTurnLength);
};

const parseLeaseId = (leaseId: unknown): string => {
  if (typeof leaseId !== "string" || leaseId === "")
    throw new BadRequest(`leaseId is ${leaseId === undefined ? "missing" : buildQuote(leaseId)}, but must be the turn's lease id.`);
  return leaseId;
};

const parseIdempotencyKey = (key: unknown): string => {
  if (typeof key !== "string" || !/^[\x21-\x7e][\x20-\x7e]{0,254}$/.test(key))
    throw new BadRequest(`Idempotency-Key is ${buildQuote(key)}, but must be 1 to 255 printable ASCII characters.`);
  return key;
};

const WAIT = { type: "integer", minimum: 0, maximum: MAX_WAIT_SECONDS } as const;
const SECONDS = { type: "integer", minimum: 1, description: "Seconds." } as const;
const SPAN = { oneOf: [{ type: "string", examples: ["30m", "1.5h", "2 days"] }, SECONDS] };
const LENGTH = { oneOf: [{ type: "string", examples: ["30m", "1.5h", "2 days", "open"] }, SECONDS] };

const NO_PARAMETERS = z.object({});

const PAGE_QUERY = z.object({
  limit: field(parseLimit, {
    type: "integer",
    minimum: 1,
    maximum: MAX_LIMIT,
    description: "The maximum number of items on a page.",
  }).default(DEFAULT_LIMIT),
  cursor: z.string().meta({ description: "The nextCursor of the previous page." }).optional(),
});

const WAIT_QUERY = z.object({ wait: field(parseWaitText, { ...WAIT, description: "Seconds to wait for its turn." }).default(0) });

/** A query that may name the lease of a turn. */
const leaseQuery = (description: string) => z.object({ leaseId: z.string().meta({ description }).optional() });

/** Headers that may hold an idempotency key. */
const keyHeaders = (description: string) =>
  z.object({ "Idempotency-Key": field(parseIdempotencyKey, { type: "string", minLength: 1, maxLength: 255, description }).optional() });

const CLAIM_REQUEST = z.strictObject({
  owner: field(value => parseText("owner", value, MAX_OWNER_CHARACTERS), {
    type: "string",
    maxLength: MAX_OWNER_CHARACTERS,
    description: "The id of a Slack user, who then gets direct messages, or any name. Default: the user who created the token.",
  }).optional(),
  for: field(value => parseSpan("for", value, parseTurnLength), {
    ...LENGTH,
    description:
      'How long the turn lasts, 1 second to 30 days, or "open": until it is released. Default: the setting dibsDefault, or "open" without one.',
  }).optional(),
  reason: field(value => parseText("reason", value, MAX_REASON_CHARACTERS), {
    type: "string",
    maxLength: MAX_REASON_CHARACTERS,
  }).optional(),
  deadAfter: field(value => parseSpan("deadAfter", value, parseDuration), {
    ...SPAN,
    description: "The claim ends this long after its last heartbeat, whether it holds the turn or waits.",
  }).optional(),
  wait: field(parseWait, { ...WAIT, description: "Seconds to wait for the turn before answering." }).default(0),
});

const LIMIT_REQUEST = z.strictObject({
  for: field(parseNewLength, { ...LENGTH, description: 'Time from now, 1 second to 30 days, or "open".' }),
  leaseId: field(parseLeaseId, {
    type: "string",
    description: "The lease of the turn. Answers 409 if it is not the claim's current lease.",
  }),
});

/** Parses a query. Throws `BadRequest` for an unknown parameter, a repeated one, or one with a bad value. */
const parseQuery = <Query extends z.ZodObject = typeof NO_PARAMETERS>(rawQuery = "", schema?: Query): z.infer<Query> => {
  const known = schema ?? NO_PARAMETERS;
  const names = Object.keys(known.shape);
  const query: Partial<Record<string, string>> = {};
  for (const [name, value] of new URLSearchParams(rawQuery)) {
    if (!names.includes(name))
      throw new BadRequest(`There is no parameter ${buildQuote(name)} here${names.length === 0 ? "" : `: it takes ${names.join(", ")}`}.`);
    if (query[name] !== undefined) throw new BadRequest(`The parameter ${buildQuote(name)} comes more than once.`);
    query[name] = value;
  }
  return known.parse(query) as z.infer<Query>;
};

/** Parses the headers that a schema names. Throws `BadRequest`. */
const parseHeaders = <Headers extends z.ZodObject>(request: HttpRequest, schema: Headers): z.infer<Headers> =>
  schema.parse(Object.fromEntries(Object.keys(schema.shape).map(name => [name, readHeader(request, name.toLowerCase())])));

/** Parses a body; an empty one is an empty object. Throws `BadRequest` for an unknown field, or one with a bad value. */
const parseBody = <Body extends z.ZodObject>(rawBody: Buffer, { noun, schema }: { noun: string; schema: Body }): z.infer<Body> => {
  const body = rawBody.length === 0 ? {} : parseJsonObject(rawBody);
  const fields = Object.keys(schema.shape);
  const unknown = Object.keys(body).find(name => !fields.includes(name));
  if (unknown !== undefined) throw new BadRequest(`There is no field ${buildQuote(unknown)}: ${noun} takes ${fields.join(", ")}.`);
  return schema.parse(body);
};

/** Ties a cursor to its list, so that we recognize the cursors that we made for it. It protects no secret. */
const checksumOf = (list: string, position: string): string =>
  createHash("sha256")
    .update(JSON.stringify(["cursor", list, position]))
    .digest("base64url")
    .slice(0, 16);

const buildCursor = (list: string, position: string): string =>
  `${Buffer.from(position).toString("base64url")}.${checksumOf(list, position)}`;

/** Parses where the page before ended. Throws `BadRequest` for a cursor that we did not make for this list. */
const parseCursor = (list: string, cursor: string | undefined): string | undefined => {
  if (cursor === undefined) return undefined;
  const [, encoded = "", checksum] = CURSOR.exec(cursor) ?? [];
  const position = Buffer.from(encoded, "base64url").toString("utf8");
  if (checksum === undefined || checksumOf(list, position) !== checksum)
    throw new BadRequest(`cursor is ${buildQuote(cursor)}, which is not one that this list gave out.`);
  return position;
};

type ClaimRequest = z.infer<typeof CLAIM_REQUEST>;

export type { ClaimRequest };
export {
  buildCursor,
  CLAIM_REQUEST,
  keyHeaders,
  LIMIT_REQUEST,
  leaseQuery,
  PAGE_QUERY,
  parseBody,
  parseCursor,
  parseHeaders,
  parseQuery,
  WAIT_QUERY,
};
