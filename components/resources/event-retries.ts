import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/** Lambda's default. Explicit, because delivery guarantees depend on it. */
const LAMBDA_RETRIES = 2;

/** How long Lambda keeps an event at most, seconds: 6 hours. */
const LONGEST_AGE_SECONDS = 21_600;

/** Makes Lambda retry a failed event twice, at most `ageSeconds` after it arrived. */
const createEventRetries = (
  name: string,
  lambda: aws.lambda.Function,
  opts: pulumi.CustomResourceOptions,
  ageSeconds = LONGEST_AGE_SECONDS,
): aws.lambda.FunctionEventInvokeConfig =>
  new aws.lambda.FunctionEventInvokeConfig(
    name,
    { functionName: lambda.name, maximumRetryAttempts: LAMBDA_RETRIES, maximumEventAgeInSeconds: ageSeconds },
    opts,
  );

export { createEventRetries };
