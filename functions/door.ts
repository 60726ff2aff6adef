/** What all doors share: they read a request within limits, answer it, and never throw. */
import { Deadline, monotonicMs } from "#core/deadline";
import { type ErrorCode, FanoutError, SENTENCES, TooLarge, UnsupportedMediaType } from "#core/errors";
import type { Log } from "#core/log";
import { metrics } from "#core/metrics";
import { buildQuote } from "#core/quote";
import { isNotDurable } from "#core/side-by-side";
import { verifySignature } from "#core/slack/signature";

/** The part of an HTTP API request (payload format 2.0) that doors read. */
interface HttpRequest {
  headers: Record<string, string | undefined>;
  body?: string | undefined;
  isBase64Encoded?: boolean;
}

interface HttpResponse {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

type Handler = (request: HttpRequest) => Promise<HttpResponse>;

const MAX_BODY_BYTES = 1024 * 1024;
/** Slack waits three seconds. The rest is for the network and a cold start. */
const ACK_BUDGET_MS = 2500;
/** Then Slack hangs up, and counts the request as failed. Source: https://docs.slack.dev/apis/events-api/ */
const SLACK_PATIENCE_MS = 3000;

const STATUS: Partial<Record<ErrorCode, number>> = { BadRequest: 400, Unauthorized: 401, TooLarge: 413, UnsupportedMediaType: 415 };

/** Reads a header. Pass its name in lower case; the request may use any case. Undefined if it is missing. */
const readHeader = (request: HttpRequest, name: string): string | undefined =>
  Object.entries(request.headers ?? {}).find(([key]) => key.toLowerCase() === name)?.[1];

const verifyMediaType = (request: HttpRequest, mediaType: string): void => {
  const encoding = readHeader(request, "content-encoding");
  if (encoding !== undefined)
    throw new UnsupportedMediaType(`The body is encoded (${buildQuote(encoding)}); this door accepts unencoded bodies only.`);
  const contentType = readHeader(request, "content-type") ?? "";
  const [given = "", ...parameters] = contentType.split(";").map(part => part.trim().toLowerCase());
  if (given !== mediaType)
    throw new UnsupportedMediaType(`The content type is ${buildQuote(contentType)}; this door accepts ${mediaType} only.`);
  // All of them: we must not ignore a second charset, or one with spaces around the equals sign.
  const charsets = parameters.filter(parameter => /^charset\s*=/.test(parameter));
  if (!charsets.every(charset => /^charset="?utf-?8"?$/.test(charset))) {
    throw new UnsupportedMediaType(`The content type is ${buildQuote(contentType)}; this door accepts UTF-8 only.`);
  }
};

/** Reads the body's bytes. Throws `TooLarge` above 1 MB, before it decodes anything, and `UnsupportedMediaType`. */
const readBody = (request: HttpRequest, mediaType: string): Buffer => {
  const { body = "", isBase64Encoded = false } = request;
  const encoding = isBase64Encoded ? "base64" : "utf8";
  const sizeBytes = Buffer.byteLength(body, encoding);
  if (sizeBytes > MAX_BODY_BYTES) throw new TooLarge(`The body has ${sizeBytes} bytes; the limit is ${MAX_BODY_BYTES}.`);
  verifyMediaType(request, mediaType);
  return Buffer.from(body, encoding);
};

/** Verifies that Slack signed a body's raw bytes. Throws `Unauthorized`. */
const verifySigned = (request: HttpRequest, rawBody: Buffer, signingSecrets: readonly string[], nowMs: number): void => {
  const timestamp = readHeader(request, "x-slack-request-timestamp");
  const signature = readHeader(request, "x-slack-signature");
  verifySignature({ timestamp, signature, rawBody }, signingSecrets, nowMs);
};

const buildEmpty = (statusCode = 200): HttpResponse => ({ statusCode, headers: {}, body: "" });

const buildJson = <T>(value: T, statusCode = 200): HttpResponse => ({
  statusCode,
  headers: { "Content-Type": "application/json; charset=utf-8" },
  body: JSON.stringify(value),
});

/** Builds the answer for an error: a 4xx tells Slack not to retry, and 503 asks it to. */
const buildFailure = (error: unknown): HttpResponse => {
  const status = error instanceof FanoutError ? STATUS[error.name] : undefined;
  if (!(error instanceof FanoutError) || status === undefined)
    return buildJson({ error: "NotDurable", message: SENTENCES.NotDurable }, 503);
  const detail = status === 401 ? {} : { message: error.message };
  const refusal = buildJson({ error: error.name, ...detail }, status);
  return { ...refusal, headers: { ...refusal.headers, "X-Slack-No-Retry": "1" } };
};

/** Wraps a door so that it always answers, and reports how. The door gets the deadline of its answer. */
const guard =
  (log: Log, handle: (request: HttpRequest, deadline: Deadline) => Promise<HttpResponse>): Handler =>
  request =>
    metrics.measure(async () => {
      const startedMs = monotonicMs();
      const deadline = new Deadline(ACK_BUDGET_MS);
      const response = await answer(log, () => handle(request, deadline));
      deadline.end();
      reportAck(request, response, monotonicMs() - startedMs);
      return response;
    });

const reportAck = (request: HttpRequest, { statusCode }: HttpResponse, ackMs: number): void => {
  metrics.add("AckMs", Math.round(ackMs));
  metrics.add("FailedAcks", Number(statusCode >= 400 || ackMs > SLACK_PATIENCE_MS));
  if (readHeader(request, "x-slack-retry-num") !== undefined) metrics.add("SlackRetries", 1);
};

const answer = async (log: Log, handle: () => Promise<HttpResponse>): Promise<HttpResponse> => {
  try {
    const response = await handle();
    log.debug("answered", { status: response.statusCode });
    return response;
  } catch (error) {
    const response = buildFailure(error);
    if (response.statusCode < 500) log.info("refused", { status: response.statusCode, reason: String(error) });
    else log.error(isNotDurable(error) ? "not durable in time" : "unexpected error", error);
    return response;
  }
};

export type { Handler, HttpRequest, HttpResponse };
export { ACK_BUDGET_MS, buildEmpty, buildJson, guard, readBody, readHeader, verifySigned };
