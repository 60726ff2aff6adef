import * as pulumi from "@pulumi/pulumi";
import { Bucket } from "./bucket";
import type { FeatureArgs } from "./feature";
import { publish, put, start, writeObjects } from "./grants";
import { Pipeline } from "./pipeline";
import { Table } from "./table";
import type { Topic } from "./topic";
import { wire } from "./wire";

interface DocumentsArgs extends FeatureArgs {
  /** Messages whose files are archived. */
  messages: Topic;
  /** Media types that are archived. */
  mimeTypes: string[];
  /** `ACCESS_TOKEN` and `SLACK_URL`, to fetch files as the app. */
  slackEnvironment: Record<string, pulumi.Input<string>>;
}

/** Slack takes files of up to 1 GB. Source: https://slack.com/help/articles/201330736 */
const MAX_BYTES = 1024 ** 3;

/** Enough for a gigabyte at 2 MB per second, and within Lambda's 15 minutes. */
const FETCH_SECONDS = 600;

/** Time in addition to the download: to ask Slack about the file, and to upload the last part to S3. */
const FETCH_GRACE_SECONDS = 60;

const METADATA_SECONDS = 30;

/** Errors that a retry would not change. */
const PERMANENT_ERRORS = ["FileRefused", "SlackRefused"];

/** The file archive: a bucket with each file that is shared in Slack, and its metadata. */
class Documents extends pulumi.ComponentResource {
  /** The files of each tag. */
  readonly files: Table;
  readonly outputs: Record<string, pulumi.Output<string>>;

  constructor(name: string, args: DocumentsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:documents:Documents", name, {}, opts);
    const child = { parent: this };
    const { messages, errors, mimeTypes, slackEnvironment, production } = args;

    const archive = new Bucket(`${name}-archive`, { production }, child);
    this.files = new Table(`${name}-files`, { partitionKey: "tag:S", sortKey: "posted:S", production }, child);

    const { stateMachine } = new Pipeline(
      name,
      {
        ...args,
        permanentErrors: PERMANENT_ERRORS,
        steps: {
          // Streams the file from Slack into the bucket.
          fetchFile: {
            ...wire(() => require("#functions/documents/fetch-file") as typeof import("#functions/documents/fetch-file"), {
              archiveBucket: archive.may(writeObjects),
              mimeTypes,
              maxBytes: MAX_BYTES,
              limitSeconds: FETCH_SECONDS,
            }),
            environment: slackEnvironment,
            timeoutSeconds: FETCH_SECONDS + FETCH_GRACE_SECONDS,
            // Holds parts of 8 MB while they are uploaded; CPU time for hashing comes with memory.
            memoryMegabytes: 1024,
            retry: [
              // Slack scans new files for seconds to minutes: five minutes in all.
              { ErrorEquals: ["FileNotReady"], IntervalSeconds: 10, MaxAttempts: 5, BackoffRate: 2 },
              { ErrorEquals: ["SlackBusy"], IntervalSeconds: 30, MaxAttempts: 5, BackoffRate: 2 },
            ],
          },
          // Stores the metadata beside the file, and lists the file under its tags.
          metadata: {
            ...wire(() => require("#functions/documents/metadata") as typeof import("#functions/documents/metadata"), {
              archiveBucket: archive.may(writeObjects),
              filesTable: this.files.may(put),
            }),
            timeoutSeconds: METADATA_SECONDS,
          },
        },
      },
      child,
    );

    // Each file of a message starts one execution.
    messages.subscribe(
      "archiver",
      () => require("#subscribers/archiver") as typeof import("#subscribers/archiver"),
      { stateMachineArn: stateMachine.may(start), errorsTopicArn: errors.may(publish), mimeTypes },
      { filter: { hasFiles: ["true"] } },
    );
    this.outputs = { archiveBucket: archive.bucket, filesTable: this.files.name, documentsStateMachineArn: stateMachine.arn };
    this.registerOutputs({});
  }
}

export type { DocumentsArgs };
export { Documents };
