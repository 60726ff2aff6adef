import type { SFNServiceException } from "@aws-sdk/client-sfn";

/** The error that a call of a stock client ends with; fails where it succeeds. */
const rejection = async (call: Promise<unknown>): Promise<SFNServiceException> => {
  const outcome = await call.then(
    value => ({ value }),
    (error: SFNServiceException) => ({ error }),
  );
  if ("error" in outcome) return outcome.error;
  throw new Error(`It should have been refused, but answered ${JSON.stringify(outcome.value)}.`);
};

export { rejection };
