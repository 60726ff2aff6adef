import type { Catcher, Retrier } from "./definition";
import type { Failure } from "./failure";

/** The defaults of a retrier ("Fallback states", "Retrying after an error"). */
const defaults = { intervalSeconds: 1, maxAttempts: 3, backoffRate: 2 };

/** Errors that can't be retried or caught, and those that wildcards don't match ("Error names"). */
const terminal = new Set(["States.Runtime"]);
const beyondAll = new Set(["States.DataLimitExceeded"]);
const timeouts = new Set(["States.Timeout", "States.HeartbeatTimeout"]);

interface RetryPlan {
  /** Index of the retrier. */
  index: number;
  delayMs: number;
}

/** The first matching retrier decides; if it has no attempts left, there is no retry. */
const planRetry = (retriers: Retrier[] = [], failure: Failure, retries: number[], random: () => number): RetryPlan | undefined => {
  const index = retriers.findIndex(({ ErrorEquals }) => matches(ErrorEquals, failure.error));
  const retrier = retriers[index];
  if (retrier === undefined || (retries[index] ?? 0) >= (retrier.MaxAttempts ?? defaults.maxAttempts)) return undefined;
  const { IntervalSeconds = defaults.intervalSeconds, BackoffRate = defaults.backoffRate, MaxDelaySeconds, JitterStrategy } = retrier;
  const seconds = Math.min(IntervalSeconds * BackoffRate ** (retries[index] ?? 0), MaxDelaySeconds ?? Number.POSITIVE_INFINITY);
  return { index, delayMs: Math.round(seconds * 1000 * (JitterStrategy === "FULL" ? random() : 1)) };
};

const findCatcher = (catchers: Catcher[] = [], failure: Failure): Catcher | undefined =>
  catchers.find(({ ErrorEquals }) => matches(ErrorEquals, failure.error));

const matches = (names: string[], error: string): boolean => {
  if (terminal.has(error)) return false;
  return names.some(name => {
    if (name === error) return true;
    if (name === "States.ALL") return !beyondAll.has(error);
    if (name === "States.TaskFailed") return !beyondAll.has(error) && !timeouts.has(error);
    return name === "States.Timeout" && error === "States.HeartbeatTimeout";
  });
};

export { findCatcher, planRetry };
