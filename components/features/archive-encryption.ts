import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Batch, TransformedBatch } from "#functions/archive-encryption";
import type { DeadLetters } from "../resources/dead-letters";
import { createFailureAlarm } from "../resources/failure-alarm";
import type { FeatureArgs } from "../resources/feature";
import { KmsKey } from "../resources/kms-key";
import { decryptUnder, generateKeyUnder, send } from "../wiring/grants";
import { ScopedFunction } from "../wiring/scoped-function";
import { wire } from "../wiring/wire";
import type { Workspaces } from "./workspaces";

interface ArchiveEncryptionArgs extends Omit<FeatureArgs, "successes" | "redrivables"> {
  /** The installations, which keep the keys. */
  workspaces: Workspaces;
  /** The queue for records whose key can't be read or made. */
  deadLetters: DeadLetters;
  /** How long the bucket keeps records that were not encrypted, days. */
  failedDays: number;
}

/** The key of the encryption context of each workspace's key. */
const CONTEXT_KEY = "team";

/** Firehose waits for five minutes at most. The function has a batch of a megabyte, and retries calls for some seconds. */
const TIMEOUT_SECONDS = 120;

/** Encrypts what the archive of messages keeps, for each workspace under a key of its own. */
class ArchiveEncryption extends pulumi.ComponentResource {
  readonly lambda: aws.lambda.Function;
  readonly key: KmsKey;

  constructor(name: string, args: ArchiveEncryptionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:firehose:ArchiveEncryption", name, {}, opts);
    const child = { parent: this };
    const { workspaces, deadLetters, failedDays, errors, production, ...shared } = args;

    this.key = new KmsKey(
      name,
      {
        description: "Encrypts the keys under which slack-fanout archives the messages of workspaces.",
        contextKey: CONTEXT_KEY,
        inAccountOf: errors,
        production,
      },
      child,
    );
    const archiveKeyArn = this.key.may(generateKeyUnder(CONTEXT_KEY), decryptUnder(CONTEXT_KEY));
    this.lambda = new ScopedFunction<Batch, TransformedBatch>(
      name,
      {
        ...shared,
        ...wire(() => require("#functions/archive-encryption") as typeof import("#functions/archive-encryption"), {
          keys: { ...workspaces.may("keep"), archiveKeyArn },
          deadLettersUrl: deadLetters.queue.may(send),
        }),
        timeoutSeconds: TIMEOUT_SECONDS,
      },
      child,
    ).lambda;

    createFailureAlarm(
      `${name}-failed`,
      {
        runbook: "archive-failed",
        alarmDescription: pulumi.interpolate`${this.lambda.name} fails, so messages are not archived. Firehose tries again, then writes them into errors/ of the bucket, not encrypted, for ${failedDays} days.`,
        namespace: "AWS/Lambda",
        metricName: "Errors",
        dimensions: { FunctionName: this.lambda.name },
        statistic: "Sum",
        alarmTopic: errors,
      },
      child,
    );
    this.registerOutputs({});
  }
}

export type { ArchiveEncryptionArgs };
export { ArchiveEncryption };
