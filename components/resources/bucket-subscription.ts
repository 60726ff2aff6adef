import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { accountOf } from "../wiring/grants";
import { ScopedFunction, type ScopedFunctionArgs } from "../wiring/scoped-function";
import { DeadLetters, type DeadLettersArgs } from "./dead-letters";
import { createEventRetries } from "./event-retries";

interface BucketSubscriptionArgs<Event>
  extends Omit<ScopedFunctionArgs<Event, void>, "deadLetters">,
    Pick<DeadLettersArgs, "errors" | "redrivables"> {
  /** A bucket has a single notification configuration, so it can have only one subscription. */
  bucket: aws.s3.Bucket;
}

/** The edge from a bucket to a function that is invoked for each new object. */
class BucketSubscription<Event> extends pulumi.ComponentResource {
  constructor(name: string, args: BucketSubscriptionArgs<Event>, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:s3:BucketSubscription", name, {}, opts);
    const child = { parent: this };
    const { bucket, errors, redrivables, ...functionArgs } = args;

    const deadLetters = new DeadLetters(`${name}-dead-letters`, { errors, redrivables }, child);
    const { lambda } = new ScopedFunction<Event, void>(name, { ...functionArgs, deadLetters: deadLetters.queue }, child);
    deadLetters.redriveTo(name, { functionName: lambda.name });

    const retries = createEventRetries(name, lambda, child);

    const permission = new aws.lambda.Permission(
      name,
      {
        function: lambda.name,
        action: "lambda:InvokeFunction",
        principal: "s3.amazonaws.com",
        sourceArn: bucket.arn,
        // The ARN of a bucket names no account. After the bucket is deleted, another account may create one with its name.
        sourceAccount: accountOf(lambda),
      },
      child,
    );

    new aws.s3.BucketNotification(
      name,
      { bucket: bucket.id, lambdaFunctions: [{ lambdaFunctionArn: lambda.arn, events: ["s3:ObjectCreated:*"] }] },
      { ...child, dependsOn: [permission, retries] },
    );
    this.registerOutputs({});
  }
}

export { BucketSubscription };
