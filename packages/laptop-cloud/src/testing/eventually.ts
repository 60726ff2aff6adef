/** Values for which `eventually` keeps waiting. */
type Held<T> = Exclude<T, false | null | undefined>;

/** Long for a busy machine, and less than a test may take: waiting longer than needed costs nothing. */
const patienceMs = 30_000;

/** Waits until `check` returns something truthy (or does not throw); fails with the last error after `limitMs`. */
const eventually = async <T>(check: () => T | Promise<T>, limitMs = patienceMs): Promise<Held<T>> => {
  const deadlineMs = performance.now() + limitMs;
  let last: unknown = new Error("the condition never held");
  while (performance.now() < deadlineMs) {
    try {
      const value = await check();
      if (value) return value as Held<T>;
    } catch (error) {
      last = error;
    }
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  throw last;
};

export { eventually };
