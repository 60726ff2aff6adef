import * as pulumi from "@pulumi/pulumi";
import { FILES, SHARES } from "#core/documents/tables";
import { Bucket } from "../resources/bucket";
import type { FeatureArgs } from "../resources/feature";
import { deletions } from "../resources/message-filter";
import { Pipeline } from "../resources/pipeline";
import { Table } from "../resources/table";
import type { Topic } from "../resources/topic";
import { deleteItems, deleteObjects, publish, put, queryTable, read, start, update, writeObjects } from "../wiring/grants";
import { wire } from "../wiring/wire";
import type { Workspaces } from "./workspaces";

interface DocumentsArgs extends FeatureArgs {
  /** Messages whose files are archived. */
  messages: Topic;
  /** Media types that are archived. */
  mimeTypes: string[];
  /** What becomes of a message's files when the message is deleted in Slack. */
  deletedMessages: "keep" | "remove";
  /** How long deleted messages are remembered, days. */
  archiveDays: number;
  /** `ACCESS_TOKEN` and `SLACK_URL`, to fetch files as the app. */
  slackEnvironment: Record<string, pulumi.Input<string>>;
  /** The installations, where the stack serves many workspaces. */
  workspaces?: Workspaces | undefined;
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
  readonly archive: Bucket;
  /** All tables, by their names in the program. */
  readonly tables: { "documents-files": Table; "documents-shares"?: Table };
  readonly outputs: Record<string, pulumi.Output<string>>;

  constructor(name: string, args: DocumentsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:documents:Documents", name, {}, opts);
    const child = { parent: this };
    const { messages, errors, mimeTypes, deletedMessages, archiveDays, slackEnvironment, workspaces, production } = args;

    const archive = new Bucket(`${name}-archive`, { production }, child);
    this.archive = archive;
    this.files = new Table(`${name}-files`, { ...FILES, production }, child);

    // A function that has written a file then checks whether its message was deleted, and if so deletes the file again.
    const shares = deletedMessages === "remove" ? new Table(`${name}-shares`, { ...SHARES, production }, child) : undefined;
    this.tables = { "documents-files": this.files, ...(shares && { "documents-shares": shares }) };
    const undo = shares === undefined ? { objects: [], items: [] } : { objects: [deleteObjects], items: [deleteItems] };
    const asking = () => ({ sharesTable: shares?.may(read, queryTable) });

    const { stateMachine } = new Pipeline(
      name,
      {
        ...args,
        permanentErrors: PERMANENT_ERRORS,
        steps: {
          // Streams the file from Slack into the bucket.
          fetchFile: {
            ...wire(() => require("#functions/documents/fetch-file") as typeof import("#functions/documents/fetch-file"), {
              archiveBucket: archive.may(writeObjects, ...undo.objects),
              ...asking(),
              mimeTypes,
              maxBytes: MAX_BYTES,
              limitSeconds: FETCH_SECONDS,
              tokens: workspaces?.may("act"),
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
              archiveBucket: archive.may(writeObjects, ...undo.objects),
              filesTable: this.files.may(put, ...undo.items),
              ...asking(),
            }),
            timeoutSeconds: METADATA_SECONDS,
          },
        },
      },
      child,
    );

    // Each file of a message starts one execution.
    messages.subscribe("archiver", () => require("#subscribers/archiver") as typeof import("#subscribers/archiver"), {
      filter: { hasFiles: ["true"] },
      stateMachineArn: stateMachine.may(start),
      errorsTopicArn: errors.may(publish),
      sharesTable: shares?.may(update),
      mimeTypes,
    });
    if (shares !== undefined) {
      messages.subscribe(
        "archive-remover",
        () => require("#subscribers/archive-remover") as typeof import("#subscribers/archive-remover"),
        {
          filter: { type: deletions },
          archiveBucket: archive.may(deleteObjects),
          filesTable: this.files.may(deleteItems),
          sharesTable: shares.may(update, queryTable),
          archiveDays,
        },
      );
    }
    this.outputs = { archiveBucket: archive.bucket, filesTable: this.files.name, documentsStateMachineArn: stateMachine.arn };
    this.registerOutputs({});
  }
}

export { Documents };
