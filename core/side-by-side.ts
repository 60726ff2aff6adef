import { pMapSettled } from "p-map";
import { NotDurable } from "#core/errors";

/**
 * Runs `work` for every item, at most `concurrency` at a time, and waits for all of them even if one fails: a Lambda must not answer while
 * work is still going on. Throws the error of the only item that failed, or one `AggregateError` for several.
 */
const runSideBySide = async <T>(items: readonly T[], concurrency: number, work: (item: T) => Promise<void>): Promise<void> => {
  const results = await pMapSettled(items, work, { concurrency });
  const failures = results.flatMap(result => (result.status === "rejected" ? [result.reason] : []));
  if (failures.length > 1) throw new AggregateError(failures, `${failures.length} of ${items.length} failed`);
  if (failures.length === 1) throw failures[0];
};

/** Tells whether an error says that the time was up, for one call or for several that ran side by side. */
const isNotDurable = (error: unknown): boolean =>
  error instanceof NotDurable || (error instanceof AggregateError && error.errors.every(isNotDurable));

export { isNotDurable, runSideBySide };
