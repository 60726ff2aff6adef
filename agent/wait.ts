/** Waits by the wall clock, which may jump: a laptop wakes from sleep, or somebody moves the clock. */
import { setTimeout as sleepMs } from "node:timers/promises";

/** A jump of the clock is noticed within this time. */
const LOOK_MS = 100;

/** Waits until a time in epoch milliseconds. Throws the signal's reason when it aborts. */
const waitUntil = async (untilMs: number, signal: AbortSignal, nowMs: () => number): Promise<void> => {
  for (;;) {
    signal.throwIfAborted();
    const leftMs = untilMs - nowMs();
    if (leftMs <= 0) return;
    try {
      await sleepMs(Math.min(leftMs, LOOK_MS), undefined, { signal });
    } catch (error) {
      // The timer's error does not contain the reason; the signal does.
      signal.throwIfAborted();
      throw error;
    }
  }
};

export { waitUntil };
