/**
 * Runs `work` for every item, at most `atMost` at once, and waits for all of them even when one fails: nothing goes on after a Lambda has
 * answered. Throws what failed: the error itself, or an `AggregateError` of several.
 */
const runSideBySide = async <T>(items: readonly T[], atMost: number, work: (item: T) => Promise<void>): Promise<void> => {
  const failures: unknown[] = [];
  const queue = items.values();
  const runLane = async () => {
    // The lanes share one iterator, so each item is taken once.
    for (const item of queue) {
      try {
        await work(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atMost, items.length) }, runLane));
  if (failures.length > 1) throw new AggregateError(failures, `${failures.length} of ${items.length} failed`);
  if (failures.length === 1) throw failures[0];
};

export { runSideBySide };
