/** After a read, the pause is at least this many times as long as the read. Otherwise slow reads would keep the cloud busy. */
const PAUSE_FACTOR = 4;

/**
 * Returns a function that requests a read. The first read starts at once; later ones start after a pause of at least `afterMs`. Reads never
 * overlap: a request during a read causes one more read after it. While requests keep coming, a read starts at least `restMs` after the one before.
 */
const createRefresh = (read: () => Promise<void>, afterMs: number, onError: (error: unknown) => void, restMs = 0): (() => void) => {
  let waiting = false;
  let running = false;
  let pauseMs = 0;
  let restUntilMs = 0;
  const run = async () => {
    waiting = false;
    running = true;
    const startedMs = performance.now();
    await read().catch(onError);
    pauseMs = Math.max(afterMs, (performance.now() - startedMs) * PAUSE_FACTOR);
    restUntilMs = performance.now() + restMs;
    running = false;
    if (waiting) schedule();
  };
  const schedule = () => setTimeout(run, Math.max(pauseMs, restUntilMs - performance.now()));
  return () => {
    if (waiting) return;
    waiting = true;
    if (!running) schedule();
  };
};

export { createRefresh };
