import * as pulumi from "@pulumi/pulumi";
import { Bucket } from "../resources/bucket";
import { BucketSubscription } from "../resources/bucket-subscription";
import type { FeatureArgs } from "../resources/feature";
import { Pipeline } from "../resources/pipeline";
import { readObjects, start } from "../wiring/grants";
import { wire } from "../wiring/wire";

const START_SECONDS = 30;
const COUNT_SECONDS = 30;

/** Errors that a retry would not change. */
const PERMANENT_ERRORS = ["UploadGone"];

/** Counts the lines of each file that is put into a bucket. */
class SampleName extends pulumi.ComponentResource {
  readonly bucketName: pulumi.Output<string>;

  constructor(name: string, args: FeatureArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:sample-name:SampleName", name, {}, opts);
    const child = { parent: this };
    const bucket = new Bucket(name, { production: args.production }, child);

    const { stateMachine } = new Pipeline(
      name,
      {
        ...args,
        permanentErrors: PERMANENT_ERRORS,
        steps: {
          // The result of the last step is also the notice to people.
          countLines: {
            ...wire(() => require("#functions/sample-name/count-lines") as typeof import("#functions/sample-name/count-lines"), {
              bucket: bucket.may(readObjects),
            }),
            timeoutSeconds: COUNT_SECONDS,
            retry: [{ ErrorEquals: ["States.Timeout"], IntervalSeconds: 2, MaxAttempts: 2 }],
          },
        },
      },
      child,
    );

    // Each upload starts one execution.
    new BucketSubscription(
      `${name}-start`,
      {
        ...args,
        ...wire(() => require("#functions/start-for-upload") as typeof import("#functions/start-for-upload"), {
          stateMachineArn: stateMachine.may(start),
        }),
        bucket,
        timeoutSeconds: START_SECONDS,
      },
      child,
    );
    this.bucketName = bucket.bucket;
    this.registerOutputs({});
  }
}

export { SampleName };
