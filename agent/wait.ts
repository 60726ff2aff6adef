/** Waiting by the wall clock, which may be set while one waits: a laptop that slept, or a clock that is moved by hand. */
import { setTimeout as sleepMs } from "node:timers/promises";

/** How late a moved clock may be noticed. */
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
      // The timer's own error says only that it was aborted; the signal says why.
      signal.throwIfAborted();
      throw error;
    }
  }
};

export { waitUntil };
