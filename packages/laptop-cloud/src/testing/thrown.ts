import { AssertionError } from "node:assert";

/** Returns what `run` throws; fails if it throws nothing. */
const thrownBy = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new AssertionError({ message: "expected a throw, and nothing was thrown" });
};

/** Returns what a promise rejects with; fails if it fulfils. */
const rejectionOf = async <Rejection = unknown>(promise: Promise<unknown>): Promise<Rejection> => {
  try {
    await promise;
  } catch (error) {
    return error as Rejection;
  }
  throw new AssertionError({ message: "expected a rejection, and the promise was fulfilled" });
};

export { rejectionOf, thrownBy };
