import { AssertionError } from "node:assert";

/** Returns what `run` throws; fails when it throws nothing. */
const thrownBy = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new AssertionError({ message: "expected a throw, and nothing was thrown" });
};

/** Returns what a promise rejects with; fails when it fulfils. */
const rejectionOf = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new AssertionError({ message: "expected a rejection, and the promise was fulfilled" });
};

export { rejectionOf, thrownBy };
