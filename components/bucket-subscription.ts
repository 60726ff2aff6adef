import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { DeadLetters, type Redrivable } from "./dead-letters";
import { createEventRetries } from "./event-retries";
import { accountOf } from "./grants";
import { ScopedFunction, type ScopedFunctionArgs } from "./scoped-function";

interface BucketSubscriptionArgs<Event> extends Omit<ScopedFunctionArgs<Event, void>, "deadLetters"> {
  /** A bucket has one notification configuration in all: give it one subscription. */
  bucket: aws.s3.Bucket;
  /** Told of dead letters. */
  alarmTopic: aws.sns.Topic;
}

/** The edge from a bucket to a function that is told of each new object. */
class BucketSubscription<Event> extends pulumi.ComponentResource {
  readonly lambda: aws.lambda.CallbackFunction<Event, void>;
  readonly redrivable: Redrivable;

  constructor(name: string, args: BucketSubscriptionArgs<Event>, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:s3:BucketSubscription", name, {}, opts);
    const child = { parent: this };
    const { bucket, alarmTopic, ...functionArgs } = args;

    const { queue } = new DeadLetters(`${name}-dead-letters`, { alarmTopic }, child);
    const { lambda } = new ScopedFunction<Event, void>(name, { ...functionArgs, deadLetters: queue }, child);
    this.lambda = lambda;
    this.redrivable = { functionName: lambda.name, deadLettersUrl: queue.url };

    const retries = createEventRetries(name, lambda, child);

    const permission = new aws.lambda.Permission(
      name,
      {
        function: lambda.name,
        action: "lambda:InvokeFunction",
        principal: "s3.amazonaws.com",
        sourceArn: bucket.arn,
        // A bucket's ARN names no account: once it is deleted, anybody's may have its name.
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

export type { BucketSubscriptionArgs };
export { BucketSubscription };
