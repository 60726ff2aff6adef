import type { IncomingMessage, ServerResponse } from "node:http";
import { isObject } from "./json";

/** A request that the page's server refuses, with a status and a sentence that quotes the invalid value. */
class HttpError extends Error {
  override name = "HttpError";

  constructor(
    readonly status: number,
    /** A stable error code for programs, "invalid_arguments". */
    readonly code: string,
    message: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
  }
}

/** How much of an oversized body is read and discarded; on loopback that takes a fraction of a second. */
const MAX_DRAINED_BYTES = 512 * 1024 * 1024;

/**
 * Reads a whole body. Throws `HttpError` 413 for more than `largestBytes`, but reads to the end first: a client whose connection is
 * closed while it sends sees a reset instead of the answer.
 */
const readBody = async (request: IncomingMessage, largestBytes: number): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes <= largestBytes) chunks.push(chunk);
    else chunks.length = 0;
    if (sizeBytes > largestBytes + MAX_DRAINED_BYTES) break;
  }
  if (sizeBytes > largestBytes) throw new HttpError(413, "too_large", `The body has more than ${largestBytes} bytes.`);
  return Buffer.concat(chunks);
};

/** Whether the client disconnected before it had sent the whole request. Nobody waits for an answer then, and nothing failed here. */
const isHangUp = (request: IncomingMessage, error: unknown) =>
  !request.complete && (error as NodeJS.ErrnoException | undefined)?.code === "ECONNRESET";

/** Parses a body that must be a JSON object. Throws `HttpError` 400 that quotes its beginning. */
const parseJsonObject = (body: Buffer): Record<string, unknown> => {
  const text = body.toString("utf8");
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Refused below, like JSON that is not an object.
  }
  throw new HttpError(400, "invalid_json", `The body is ${quote(text)}, but must be a JSON object.`);
};

/** Throws `HttpError` 400 that names the first unknown field. */
const refuseUnknownFields = (input: Record<string, unknown>, known: readonly string[]) => {
  const unknown = Object.keys(input).find(field => !known.includes(field));
  if (unknown !== undefined)
    throw new HttpError(400, "invalid_arguments", `There is no field ${quote(unknown)}: there are ${known.join(", ")}.`);
};

/** Throws `HttpError` 405 unless the request's method is one of `methods`. */
const allowMethods = (request: IncomingMessage, ...methods: string[]) => {
  if (!methods.includes(request.method ?? "GET")) {
    const allowed = methods.join(", ");
    throw new HttpError(405, "method_not_allowed", `${request.method} is not allowed here. Use ${allowed}.`, { allow: allowed });
  }
};

const answerJson = (response: ServerResponse, value: unknown, status = 200, headers: Record<string, string> = {}) => {
  // Otherwise the unread rest of the body would be parsed as the connection's next request.
  const connection = status === 413 ? { connection: "close" } : {};
  response
    .writeHead(status, { "content-type": "application/json; charset=utf-8", "cache-control": "no-store", ...connection, ...headers })
    .end(JSON.stringify(value));
};

/** Quotes a value for a sentence, shortened. */
const quote = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
};

export { allowMethods, answerJson, HttpError, isHangUp, parseJsonObject, quote, readBody, refuseUnknownFields };
