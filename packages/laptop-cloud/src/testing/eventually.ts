import { setTimeout as sleep } from "node:timers/promises";

/** Values for which `eventually` keeps waiting. */
type Held<T> = Exclude<T, false | null | undefined>;

/** Long for a busy machine, and less than a test may take: waiting longer than needed costs nothing. */
const patienceMs = 30_000;

/** The pause after a check is this share of the time waited so far. So a wait ends late by this share at most, and long waits take little CPU time. */
const pauseShare = 0.2;
const minPauseMs = 10;
const maxPauseMs = 250;

/** Waits until `check` returns something truthy (or does not throw); fails with the last error after `limitMs`. */
const eventually = async <T>(check: () => T | Promise<T>, limitMs = patienceMs): Promise<Held<T>> => {
  const startedMs = performance.now();
  const passedMs = () => performance.now() - startedMs;
  let last: unknown = new Error("the condition never held");
  while (passedMs() < limitMs) {
    try {
      const value = await check();
      if (value) return value as Held<T>;
    } catch (error) {
      last = error;
    }
    await sleep(Math.min(maxPauseMs, Math.max(minPauseMs, pauseShare * passedMs())));
  }
  throw last;
};

export { eventually };
