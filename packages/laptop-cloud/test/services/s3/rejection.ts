import type { S3ServiceException } from "@aws-sdk/client-s3";

/** The error that a call of a stock client ends with; fails where it succeeds. */
const rejection = async (call: Promise<unknown>): Promise<S3ServiceException> => {
  const outcome = await call.then(
    value => ({ value }),
    (error: S3ServiceException) => ({ error }),
  );
  if ("error" in outcome) return outcome.error;
  throw new Error(`It should have been refused, but answered ${JSON.stringify(outcome.value)}.`);
};

export { rejection };
