/** Retries calls to AWS that fail for a moment, until a deadline. */
import { setTimeout as sleepMs } from "node:timers/promises";
import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { isServerError, isThrottlingError, isTransientError } from "@smithy/core/retry";
import type { Deadline } from "#core/deadline";
import { NotDurable } from "#core/errors";

/** The first and the longest wait. Full jitter (a random time between zero and the wait) spreads contenders best. */
const BASE_WAIT_MS = 20;
const MAX_WAIT_MS = 400;

/** Reasons of a cancelled transaction that pass. Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
const TRANSIENT_REASONS = new Set(["ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"]);
/** Errors that the SDK does not classify as transient. Only a deadline aborts calls here, and it ends the loop by itself. */
const MORE_TRANSIENT_NAMES = new Set(["AbortError", "TransactionConflictException"]);

/** An answer that is correct but incomplete, such as a batch with unprocessed keys. */
class Incomplete extends Error {
  override readonly name = "Incomplete";
}

/** Tells whether the same request may succeed a moment later. */
const isTransient = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false;
  if (error instanceof TransactionCanceledException) {
    const codes = (error.CancellationReasons ?? []).map(({ Code = "None" }) => Code).filter(code => code !== "None");
    return codes.length > 0 && codes.every(code => TRANSIENT_REASONS.has(code));
  }
  const sdkError = error as Error & { cause?: Error };
  return (
    error instanceof Incomplete ||
    MORE_TRANSIENT_NAMES.has(error.name) ||
    isThrottlingError(sdkError) ||
    isTransientError(sdkError) ||
    isServerError(sdkError)
  );
};

/**
 * Repeats `attempt` after transient errors, with full jitter, until the deadline; afterwards it starts none. Throws `NotDurable` with the last
 * error as its cause when time runs out, and any other error unchanged.
 */
const retryUntil = async <T>(deadline: Deadline, attempt: () => Promise<T>): Promise<T> => {
  if (deadline.leftMs === 0) throw new NotDurable("The time was up.", { context: { tries: 0 } });
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
