import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Bucket } from "../resources/bucket";
import { DeadLetters } from "../resources/dead-letters";
import { createFailureAlarm } from "../resources/failure-alarm";
import type { FeatureArgs } from "../resources/feature";
import type { Topic } from "../resources/topic";
import { createRole, latestOf, putRecords, transform, writeArchive } from "../wiring/grants";
import { ArchiveEncryption } from "./archive-encryption";
import type { Workspaces } from "./workspaces";

interface MessageArchiveArgs extends Omit<FeatureArgs, "successes"> {
  /** Topic whose messages are archived. */
  messages: Topic;
  /** How long objects are kept, days. */
  days: number;
  /** Whether messages of private conversations are archived. */
  withPrivate: boolean;
  /** The installations, where the stack serves many workspaces: what each says is encrypted under a key of its own. */
  workspaces?: Workspaces | undefined;
  /** How long a workspace's data is kept after it has removed the app, days. */
  eraseAfterDays: number;
}

/** Firehose writes an object after this time or size, whichever comes first. A replay is faster with few objects. */
const BUFFERING_SECONDS = 300;
const BUFFERING_MIB = 16;

/** Days for which records that could not be encrypted are kept: time to notice, and to put them into the stream again. */
const FAILED_DAYS = 7;

/** Firehose retries for 24 hours before it loses records. */
const MAX_AGE_SECONDS = 3600;

/**
 * Archives the messages of a topic in a bucket: compressed files with a notification a line, in JSON, and a folder for each day (UTC).
 *
 * Delivery is not raw, because raw messages would lose their attributes. Replays are not archived again. Where many workspaces use the stack, each
 * message is encrypted under the key of its workspace.
 */
class MessageArchive extends pulumi.ComponentResource {
  readonly outputs: {
    messageArchiveBucket: pulumi.Output<string>;
    messageArchiveDays: number;
    messageArchiveKeyArn?: pulumi.Output<string>;
  };

  constructor(name: string, args: MessageArchiveArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:firehose:MessageArchive", name, {}, opts);
    const child = { parent: this };
    const { messages, days, withPrivate, workspaces, eraseAfterDays, redrivables, ...shared } = args;
    const { errors, production } = shared;
    const topic = messages.topicFor(name);

    const deadLetters = new DeadLetters(`${name}-dead-letters`, { errors, redrivables, sources: [topic] }, child);
    // Records that could not be encrypted must not outlive the erasure of their workspace. S3 keeps objects for at least a day.
    const failedDays = Math.max(1, Math.min(FAILED_DAYS, eraseAfterDays));
    const encryption = workspaces && new ArchiveEncryption(`${name}-encryption`, { ...shared, workspaces, deadLetters, failedDays }, child);

    const sooner = encryption && { prefix: "errors/", days: failedDays };
    const bucket = new Bucket(name, { production, expiresAfterDays: days, sooner }, child);
    const writing = [...writeArchive(bucket), ...(encryption ? [transform(encryption.lambda)] : [])];
    const writer = createRole(`${name}-writer`, { service: "firehose.amazonaws.com" }, writing, child);
    const stream = new aws.kinesis.FirehoseDeliveryStream(
      name,
      {
        destination: "extended_s3",
        serverSideEncryption: { enabled: true, keyType: "AWS_OWNED_CMK" },
        extendedS3Configuration: {
          roleArn: writer.role.arn,
          bucketArn: bucket.arn,
          prefix: "messages/!{timestamp:yyyy/MM/dd}/",
          // A prefix with expressions needs one for errors. Source: https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
          errorOutputPrefix: "errors/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/",
          bufferingInterval: BUFFERING_SECONDS,
          bufferingSize: BUFFERING_MIB,
          compressionFormat: "GZIP",
          ...(encryption && { processingConfiguration: buildProcessing(encryption) }),
        },
      },
      { ...child, dependsOn: [writer.policy] },
    );

    createFailureAlarm(
      `${name}-late`,
      {
        alarmDescription: pulumi.interpolate`The archive of messages is an hour behind. Check what keeps the role of ${stream.name} from writing to the bucket: after 24 hours Firehose drops what it could not write.`,
        runbook: "archive-late",
        namespace: "AWS/Firehose",
        metricName: "DeliveryToS3.DataFreshness",
        dimensions: { DeliveryStreamName: stream.name },
        statistic: "Maximum",
        threshold: MAX_AGE_SECONDS,
        alarmTopic: errors,
      },
      child,
    );

    deadLetters.redriveTo(name, { streamName: stream.name });
    const sender = createRole(`${name}-sender`, { service: "sns.amazonaws.com" }, [putRecords(stream)], child);
    new aws.sns.TopicSubscription(
      name,
      {
        topic: topic.arn,
        protocol: "firehose",
        endpoint: stream.arn,
        subscriptionRoleArn: sender.role.arn,
        // Without `withPrivate`, only messages that are marked as public are archived.
        filterPolicy: JSON.stringify({ ...(withPrivate ? {} : { private: ["false"] }), replayTo: [{ exists: false }] }),
        redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: deadLetters.queue.arn }),
      },
      { ...child, dependsOn: [sender.policy, deadLetters] },
    );

    this.outputs = {
      messageArchiveBucket: bucket.bucket,
      messageArchiveDays: days,
      ...(encryption && { messageArchiveKeyArn: encryption.key.arn }),
    };
    this.registerOutputs({});
  }
}

/** The defaults of retries (3), size (1 MiB) and interval (60 s) are left out: the provider would see a change in them at each deployment. */
const buildProcessing = ({ lambda }: ArchiveEncryption) => ({
  enabled: true,
  processors: [{ type: "Lambda", parameters: [{ parameterName: "LambdaArn", parameterValue: latestOf(lambda) }] }],
});

export { MessageArchive };
