import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createBucket } from "./bucket";
import { put, writeObjects } from "./grants";
import { Pipeline } from "./pipeline";
import { createTable } from "./table";

const fetchFile = () => require("#functions/documents/fetch-file") as typeof import("#functions/documents/fetch-file");
const metadata = () => require("#functions/documents/metadata") as typeof import("#functions/documents/metadata");

interface DocumentsArgs {
  /** Media types that are archived. */
  mimeTypes: string[];
  successes: aws.sns.Topic;
  errors: aws.sns.Topic;
  /** Switches of every function. */
  environment: Record<string, pulumi.Input<string>>;
  /** What fetches files in the app's name: `ACCESS_TOKEN`, `SLACK_URL`. */
  slackEnvironment: Record<string, pulumi.Input<string>>;
  logRetentionDays: number;
  production: boolean;
}

/** Slack takes files of up to 1 GB. Source: https://slack.com/help/articles/201330736 */
const maxBytes = 1024 ** 3;

/** A gigabyte at 2 MB a second, and inside Lambda's 15 minutes. */
const fetchSeconds = 600;

/** Time beside the download: to ask Slack about the file, and for the last part's way to S3. */
const fetchGraceSeconds = 60;

const metadataSeconds = 30;

/** What another attempt would only meet again. */
const permanentErrors = ["FileRefused", "SlackRefused"];

/** The file archive: each file that is shared in Slack, with what is known about it, in a bucket. */
class Documents extends pulumi.ComponentResource {
  readonly archive: aws.s3.Bucket;
  /** Which files carry which tag. */
  readonly files: aws.dynamodb.Table;
  readonly stateMachine: aws.sfn.StateMachine;

  constructor(name: string, args: DocumentsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:documents:Documents", name, {}, opts);
    const child = { parent: this };
    const { mimeTypes, successes, errors, environment, slackEnvironment, logRetentionDays, production } = args;

    const archive = createBucket(`${name}-archive`, { production }, child);
    const files = createTable(`${name}-files`, { partitionKey: "tag:S", sortKey: "posted:S", production }, child);
    this.archive = archive;
    this.files = files;

    const { stateMachine } = new Pipeline(
      name,
      {
        successes,
        errors,
        permanentErrors,
        environment,
        logRetentionDays,
        tasks: {
          // Streams the file from Slack into the bucket.
          fetchFile: {
            allow: [writeObjects(archive)],
            environment: { ...environment, ...slackEnvironment },
            timeoutSeconds: fetchSeconds + fetchGraceSeconds,
            // Parts of 8 MB on their way to S3; processor time for hashing comes with memory.
            memoryMegabytes: 1024,
            retry: [
              // A scan of a new file takes seconds to minutes: these are five minutes in all.
              { ErrorEquals: ["FileNotReady"], IntervalSeconds: 10, MaxAttempts: 5, BackoffRate: 2 },
              { ErrorEquals: ["SlackBusy"], IntervalSeconds: 30, MaxAttempts: 5, BackoffRate: 2 },
            ],
            callbackFactory: () =>
              fetchFile().create({ archiveBucket: archive.bucket.get(), mimeTypes, maxBytes, limitSeconds: fetchSeconds }),
          },
          // Says beside it what it is, and makes it findable by tag.
          metadata: {
            allow: [writeObjects(archive), put(files)],
            environment,
            timeoutSeconds: metadataSeconds,
            callbackFactory: () => metadata().create({ archiveBucket: archive.bucket.get(), filesTable: files.name.get() }),
          },
        },
      },
      child,
    );
    this.stateMachine = stateMachine;
    this.registerOutputs({});
  }
}

export type { DocumentsArgs };
export { Documents };
