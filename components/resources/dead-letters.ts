import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createFailureAlarm } from "./failure-alarm";
import { Queue } from "./queue";
import { createTopicsPolicy } from "./topics-policy";

interface DeadLettersArgs {
  /** Topic that receives the alarm as soon as a message is in the queue. */
  errors: aws.sns.Topic;
  /** Where the consumer of the dead letters is registered. */
  redrivables: Redrivables;
  /** Topics whose failed deliveries end here too. A function needs only a grant in its role. */
  sources?: aws.sns.Topic[];
}

/**
 * What failed: a function, a consumer of a queue (then also its function, if it has one), or a delivery stream. `isRaw`: the queue gets messages as
 * they were published, without the notification around them.
 */
type Consumer =
  | { functionName: pulumi.Output<string> }
  | { queueUrl: pulumi.Output<string>; isRaw?: pulumi.Output<boolean>; functionName?: pulumi.Output<string> }
  | { streamName: pulumi.Output<string> };

/** A consumer that has dead letters. `npm run redrive -- NAME` delivers them again. */
type Redrivable = { deadLettersUrl: pulumi.Output<string> } & Consumer;

/** The consumers that have dead letters, by their names for `npm run redrive`. */
type Redrivables = Record<string, Redrivable>;

/** The longest time for which SQS keeps a message, to leave time to notice, fix the cause and redrive. */
const RETENTION_SECONDS = 14 * 24 * 60 * 60;

/** The first alarm is raised once and stays raised while dead letters wait. A second alarm comes this many days before SQS deletes them. */
const LAST_DAYS = 3;

/** The largest message of SQS. A large message exceeds the default of 256 KB once SNS has wrapped and escaped it. */
const LARGEST_MESSAGE_BYTES = 1024 * 1024;

/** The queue of events that failed after all retries, with an alarm. */
class DeadLetters extends pulumi.ComponentResource {
  readonly queue: Queue;
  readonly #redrivables: Redrivables;

  constructor(name: string, { errors, redrivables, sources = [] }: DeadLettersArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:sqs:DeadLetters", name, {}, opts);
    const child = { parent: this };
    this.#redrivables = redrivables;

    this.queue = new Queue(
      name,
      { messageRetentionSeconds: RETENTION_SECONDS, maxMessageSize: LARGEST_MESSAGE_BYTES, sqsManagedSseEnabled: true },
      child,
    );

    if (sources.length > 0) createTopicsPolicy(name, this.queue, sources, child);

    const metric = { namespace: "AWS/SQS", dimensions: { QueueName: this.queue.name }, statistic: "Maximum", alarmTopic: errors } as const;
    createFailureAlarm(
      name,
      {
        ...metric,
        runbook: "dead-letters",
        alarmDescription: pulumi.interpolate`Events that failed after all retries wait in ${this.queue.name}. Fix the cause, then redrive them.`,
        metricName: "ApproximateNumberOfMessagesVisible",
      },
      child,
    );
    createFailureAlarm(
      `${name}-old`,
      {
        ...metric,
        runbook: "dead-letters",
        alarmDescription: pulumi.interpolate`SQS deletes the oldest events in ${this.queue.name} in ${LAST_DAYS} days. Redrive them before that.`,
        metricName: "ApproximateAgeOfOldestMessage",
        threshold: RETENTION_SECONDS - LAST_DAYS * 24 * 60 * 60,
      },
      child,
    );
    this.registerOutputs({});
  }

  /** Registers the consumer to which `npm run redrive -- NAME` delivers these dead letters again. */
  redriveTo(name: string, consumer: Consumer): Redrivable {
    const redrivable = { ...consumer, deadLettersUrl: this.queue.url };
    this.#redrivables[name] = redrivable;
    return redrivable;
  }
}

export type { DeadLettersArgs, Redrivable, Redrivables };
export { DeadLetters };
