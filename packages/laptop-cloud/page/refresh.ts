/** Slow reads leave the cloud so many times their own length to do something else. */
const restFactor = 4;

/**
 * Runs `read` at once when it is first asked to, later `afterMs` after, never twice at a time, and once more if it was asked to meanwhile.
 * The longer a read takes, the longer the next one waits.
 */
const createRefresh = (read: () => Promise<void>, afterMs: number, failed: (error: unknown) => void): (() => void) => {
  let waiting = false;
  let running = false;
  let restMs = 0;
  const run = async () => {
    waiting = false;
    running = true;
    const startedMs = performance.now();
    await read().catch(failed);
    restMs = Math.max(afterMs, (performance.now() - startedMs) * restFactor);
    running = false;
    if (waiting) schedule();
  };
  const schedule = () => setTimeout(run, restMs);
  return () => {
    if (waiting) return;
    waiting = true;
    if (!running) schedule();
  };
};

export { createRefresh };
