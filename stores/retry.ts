/** Tries again what AWS refuses for the moment, while time is left. */
import { setTimeout as sleepMs } from "node:timers/promises";
import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import type { Deadline } from "#core/deadline";
import { NotDurable } from "#core/errors";

/** First and largest wait; full jitter between nothing and the wait spreads contenders best. */
const BASE_WAIT_MS = 20;
const MAX_WAIT_MS = 400;

// Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/CommonErrors.html and API_TransactWriteItems.html
const TRANSIENT_NAMES = new Set([
  // Only deadlines abort calls here, and those end the loop by themselves.
  "AbortError",
  "InternalServerError",
  "LimitExceededException",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "ThrottlingException",
  "TimeoutError",
  "TransactionConflictException",
  "TransactionInProgressException",
]);
const TRANSIENT_REASONS = new Set(["ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"]);
const TRANSIENT_NETWORK_CODES = new Set(["ECONNREFUSED", "ECONNRESET", "EAI_AGAIN", "EPIPE", "ETIMEDOUT"]);

/** An answer that is right but not whole, such as a batch with keys left out under load. */
class Incomplete extends Error {
  override readonly name = "Incomplete";
}

interface AwsError extends Error {
  code?: string;
  $metadata?: { httpStatusCode?: number };
}

/** Tells whether the same request may well succeed a moment later. */
const isTransient = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false;
  if (error instanceof Incomplete) return true;
  if (error instanceof TransactionCanceledException) {
    const codes = (error.CancellationReasons ?? []).map(({ Code = "None" }) => Code).filter(code => code !== "None");
    return codes.length > 0 && codes.every(code => TRANSIENT_REASONS.has(code));
  }
  const { code, $metadata }: AwsError = error;
  return (
    TRANSIENT_NAMES.has(error.name) || (code !== undefined && TRANSIENT_NETWORK_CODES.has(code)) || ($metadata?.httpStatusCode ?? 0) >= 500
  );
};

/**
 * Repeats `attempt` after transient errors, with full jitter, until the deadline.
 * Throws `NotDurable` with the last error as its cause when the time is up, and any other error as it is.
 */
const retryUntil = async <T>(deadline: Deadline, attempt: () => Promise<T>): Promise<T> => {
  for (let tries = 0; ; tries += 1) {
    try {
      return await attempt();
    } catch (cause) {
      if (deadline.leftMs === 0) throw new NotDurable("The time was up.", { cause, context: { tries: tries + 1 } });
      if (!isTransient(cause)) throw cause;
      const waitMs = Math.random() * Math.min(MAX_WAIT_MS, BASE_WAIT_MS * 2 ** tries);
      if (waitMs >= deadline.leftMs) throw new NotDurable("The time was up.", { cause, context: { tries: tries + 1 } });
      await sleepMs(waitMs);
    }
  }
};

export { Incomplete, isTransient, retryUntil };
