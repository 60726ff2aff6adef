/** Answers errors as RFC 9457 says: `application/problem+json`, whatever happens. */
import { STATUS_CODES } from "node:http";
import * as z from "zod";
import { type ErrorCode, FanoutError, MethodNotAllowed, SENTENCES, SlackBusy } from "#core/errors";
import type { Log } from "#core/log";
import { metrics } from "#core/metrics";
import type { HttpResponse } from "#functions/door";

const STATUS: Partial<Record<ErrorCode, number>> = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  Conflict: 409,
  TooLarge: 413,
  UnsupportedMediaType: 415,
  KeyReused: 422,
  // Not 503, which raises an alarm: having to wait is not a failure.
  SlackBusy: 429,
  ToolBusy: 429,
};

/** When to try again, if the error does not say. */
const RETRY_AFTER_SECONDS = 1;

const PROBLEM = z.object({
  type: z.literal("about:blank"),
  title: z.string(),
  status: z.number().meta({ type: "integer" }),
  code: z.string().meta({ description: "A stable code for programs." }),
  detail: z.string().meta({ description: "A sentence for people." }).optional(),
});

/** What the answer says about an error. A 401 has no detail. An error that the caller did not cause is a 503. */
interface Description {
  status: number;
  code: ErrorCode;
  detail: string | undefined;
}

const describeError = (error: unknown): Description => {
  const status = error instanceof FanoutError ? STATUS[error.name] : undefined;
  if (!(error instanceof FanoutError) || status === undefined) return { status: 503, code: "NotDurable", detail: SENTENCES.NotDurable };
  return { status, code: error.name, detail: status === 401 ? undefined : error.message };
};

const retryAfterSecondsOf = (error: unknown): number =>
  (error instanceof SlackBusy ? error.retryAfterSeconds : undefined) ?? RETRY_AFTER_SECONDS;

const buildHeaders = (error: unknown, status: number): Record<string, string> => ({
  "Content-Type": "application/problem+json; charset=utf-8",
  ...(status === 401 ? { "WWW-Authenticate": "Bearer" } : {}),
  ...(status === 429 || status === 503 ? { "Retry-After": String(retryAfterSecondsOf(error)) } : {}),
  ...(error instanceof MethodNotAllowed ? { Allow: error.allowed.join(", ") } : {}),
});

/** Builds the answer to a request that failed. */
const buildProblem = (error: unknown): HttpResponse => {
  const { status, code, detail } = describeError(error);
  return {
    statusCode: status,
    headers: buildHeaders(error, status),
    body: JSON.stringify({ type: "about:blank", title: STATUS_CODES[status], status, code, ...(detail === undefined ? {} : { detail }) }),
  };
};

/** Answers a request: with a problem if `work` throws. */
const answer = async (log: Log, work: () => Promise<HttpResponse>): Promise<HttpResponse> => {
  try {
    return await metrics.measure(work);
  } catch (error) {
    const response = buildProblem(error);
    if (response.statusCode < 500) log.info("refused", { status: response.statusCode, reason: String(error) });
    else log.error("not answered", error);
    return response;
  }
};

export { answer, PROBLEM };
