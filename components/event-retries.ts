import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/** Lambda's own number; said, because promises rest on it. */
const lambdaRetries = 2;

/** As long as Lambda keeps an event, seconds: 6 hours. */
const longestAgeSeconds = 21_600;

/** How Lambda tries an event again on which its function failed: twice, at most `ageSeconds` after the event came. */
const createEventRetries = (
  name: string,
  lambda: aws.lambda.Function,
  opts: pulumi.CustomResourceOptions,
  ageSeconds = longestAgeSeconds,
): aws.lambda.FunctionEventInvokeConfig =>
  new aws.lambda.FunctionEventInvokeConfig(
    name,
    { functionName: lambda.name, maximumRetryAttempts: lambdaRetries, maximumEventAgeInSeconds: ageSeconds },
    opts,
  );

export { createEventRetries };
