/** One phase of a delivery policy: a number of retries with their delays. */
interface Phase {
  retries: number;
  /** `step` counts from 0 within the phase. */
  delayMs(step: number): number;
}

/** Delivery to Lambda and SQS (SNS developer guide, "Amazon SNS message delivery retries", AWS managed endpoints): 100,015 tries in 23 days. */
const phases: Phase[] = [
  { retries: 3, delayMs: () => 0 },
  { retries: 2, delayMs: () => 1000 },
  // From 1 s to 20 s, growing by a constant factor.
  { retries: 10, delayMs: step => Math.round(1000 * 20 ** (step / 9)) },
  { retries: 100_000, delayMs: () => 20_000 },
];

/** The delay before the n-th retry, from 1; undefined if there are no more. */
const retryDelayMs = (retry: number): number | undefined => {
  let step = retry - 1;
  for (const { retries, delayMs } of phases) {
    if (step < retries) return delayMs(step);
    step -= retries;
  }
  return undefined;
};

export { retryDelayMs };
