import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { RECEIPTS } from "#core/notice/tables";
import { DeadLetters } from "../resources/dead-letters";
import type { FeatureArgs } from "../resources/feature";
import { buildFilterPolicy } from "../resources/message-filter";
import { Queue } from "../resources/queue";
import { Table } from "../resources/table";
import type { Topic } from "../resources/topic";
import { createTopicsPolicy } from "../resources/topics-policy";
import { read, receive, send, update } from "../wiring/grants";
import { ScopedFunction } from "../wiring/scoped-function";
import { wire, withoutGrant } from "../wiring/wire";
import type { Workspaces } from "./workspaces";

interface NotifierArgs extends FeatureArgs {
  /** Channel for notices that name no place of their own. Undefined: they go out by e-mail only. */
  notifyChannel: string | undefined;
  /** `ACCESS_TOKEN` and `SLACK_URL`. */
  slackEnvironment: Record<string, pulumi.Input<string>>;
  /** The installations, where the stack serves many workspaces. */
  workspaces?: Workspaces | undefined;
  /** The messages to answer, and where their answers are kept. Undefined where the outgoing webhook answers. */
  answers?: { messages: Topic; seen: Table } | undefined;
}

/** A batch ends within 3 s; the rest is for a cold start and a slow call to AWS. */
const TIMEOUT_SECONDS = 15;

/** Six times the function's timeout. Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
const VISIBILITY_SECONDS = 6 * TIMEOUT_SECONDS;

/** Small, since each batch posts one notice per channel, and the others are retried. */
const BATCH_SIZE = 5;

/** For one workspace the fewest that Lambda allows: Slack accepts one message per second and channel. Many workspaces have many channels. */
const MAXIMUM_CONCURRENCY = { one: 2, many: 20 };

/** While its channel is busy, a notice is received again: 200 notices at once need 40 rounds. */
const RECEIVES = 100;

/** Posts the notices of both topics, and answers to messages, to Slack, through a queue that respects Slack's rate limits. */
class Notifier extends pulumi.ComponentResource {
  /** All tables, by their names in the program. */
  readonly tables: Record<"notifier-receipts", Table>;

  constructor(name: string, args: NotifierArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:notices:Notifier", name, {}, opts);
    const child = { parent: this };
    const { successes, errors, redrivables, environment, slackEnvironment, workspaces, answers, logRetentionDays, tracing, production } =
      args;
    const notifyChannel = args.notifyChannel ?? "";
    const topics = { successes, errors, ...(answers && { messages: answers.messages.topic }) };
    const sources = Object.values(topics);

    const deadLetters = new DeadLetters(`${name}-dead-letters`, { errors, redrivables, sources }, child);
    const deadLetterTargetArn = deadLetters.queue.arn;
    const queue = new Queue(
      name,
      {
        visibilityTimeoutSeconds: VISIBILITY_SECONDS,
        sqsManagedSseEnabled: true,
        redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn, maxReceiveCount: RECEIVES }),
      },
      child,
    );
    deadLetters.redriveTo(name, { queueUrl: queue.url });
    const policy = createTopicsPolicy(name, queue, sources, child);
    for (const [topicName, topic] of Object.entries(topics)) {
      new aws.sns.TopicSubscription(
        `${name}-${topicName}`,
        {
          topic: topic.arn,
          protocol: "sqs",
          endpoint: queue.arn,
          // The notifier needs the subject, the topic and the attributes of the notification.
          rawMessageDelivery: false,
          // Only messages that need an answer. Replays are not answered again.
          ...(topicName === "messages" && { filterPolicy: buildFilterPolicy(name, { answered: ["true"] }) }),
          redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn }),
        },
        { ...child, dependsOn: [policy, deadLetters] },
      );
    }

    const receipts = new Table(`${name}-receipts`, { ...RECEIPTS, production }, child);

    this.tables = { "notifier-receipts": receipts };

    const { lambda } = new ScopedFunction(
      name,
      {
        ...wire(() => require("#subscribers/notifier") as typeof import("#subscribers/notifier"), {
          // It sends copies of notices that have to wait.
          queueUrl: queue.may(receive, send),
          deadLettersUrl: deadLetters.queue.may(send),
          receiptsTable: receipts.may(update),
          errorsTopicArn: withoutGrant(errors.arn),
          notifyChannel,
          seenTable: answers?.seen.may(read),
          tokens: workspaces?.may("act"),
          chosen: workspaces?.may("read"),
        }),
        environment: { ...environment, ...slackEnvironment },
        timeoutSeconds: TIMEOUT_SECONDS,
        logRetentionDays,
        tracing,
      },
      child,
    );
    new aws.lambda.EventSourceMapping(
      name,
      {
        eventSourceArn: queue.arn,
        functionName: lambda.arn,
        batchSize: BATCH_SIZE,
        functionResponseTypes: ["ReportBatchItemFailures"],
        scalingConfig: { maximumConcurrency: workspaces === undefined ? MAXIMUM_CONCURRENCY.one : MAXIMUM_CONCURRENCY.many },
      },
      child,
    );
    this.registerOutputs({});
  }
}

export { Notifier };
