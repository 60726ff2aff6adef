/** Runs `read` soon after it is asked to, never twice at a time, and once more if it was asked to meanwhile. */
const createRefresh = (read: () => Promise<void>, afterMs: number, failed: (error: unknown) => void): (() => void) => {
  let waiting = false;
  let running = false;
  const run = async () => {
    waiting = false;
    running = true;
    await read().catch(failed);
    running = false;
    if (waiting) schedule();
  };
  const schedule = () => setTimeout(run, afterMs);
  return () => {
    if (waiting) return;
    waiting = true;
    if (!running) schedule();
  };
};

export { createRefresh };
