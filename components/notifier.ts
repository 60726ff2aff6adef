import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { DeadLetters, type Redrivable } from "./dead-letters";
import { receive, send, update } from "./grants";
import { ScopedFunction } from "./scoped-function";
import { createTable } from "./table";
import { createTopicsPolicy } from "./topics-policy";

const notifier = () => require("#subscribers/notifier") as typeof import("#subscribers/notifier");

interface NotifierArgs {
  successes: aws.sns.Topic;
  errors: aws.sns.Topic;
  /** Where notices go that name no place of their own; none: they stay with e-mail. */
  notifyChannel: string | undefined;
  /** `ACCESS_TOKEN`, `SLACK_URL` and the switches. */
  environment: Record<string, pulumi.Input<string>>;
  logRetentionDays: number;
  production: boolean;
}

/** A batch ends within 3 s; the rest is for a cold start and a slow call to AWS. */
const timeoutSeconds = 15;

/** Six times the function's timeout. Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
const visibilitySeconds = 6 * timeoutSeconds;

/** Small, since all but one notice for a channel have to come again. */
const batchSize = 5;

/** The fewest that Lambda allows; Slack takes a message a second and channel. */
const maximumConcurrency = 2;

/** A notice comes again each time that its channel is busy, so this is not about failures alone: 200 notices at once need 40 turns. */
const receives = 100;

/** Posts the notices of both topics to Slack, through a queue that waits where Slack asks for patience. */
class Notifier extends pulumi.ComponentResource {
  readonly redrivable: Redrivable;

  constructor(name: string, args: NotifierArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:notices:Notifier", name, {}, opts);
    const child = { parent: this };
    const { successes, errors, environment, logRetentionDays, production } = args;
    const notifyChannel = args.notifyChannel ?? "";
    const topics = { successes, errors };

    const letters = new DeadLetters(`${name}-dead-letters`, { alarmTopic: errors, sources: [successes, errors] }, child);
    const deadLetters = letters.queue;
    const queue = new aws.sqs.Queue(
      name,
      {
        visibilityTimeoutSeconds: visibilitySeconds,
        sqsManagedSseEnabled: true,
        redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount: receives }),
      },
      child,
    );
    this.redrivable = { queueUrl: queue.url, deadLettersUrl: deadLetters.url };
    const policy = createTopicsPolicy(name, queue, [successes, errors], child);
    for (const [topicName, topic] of Object.entries(topics)) {
      new aws.sns.TopicSubscription(
        `${name}-${topicName}`,
        {
          topic: topic.arn,
          protocol: "sqs",
          endpoint: queue.arn,
          // The subject and the topic say what a notice is.
          rawMessageDelivery: false,
          redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: deadLetters.arn }),
        },
        { ...child, dependsOn: [policy, letters] },
      );
    }

    // Which notices were posted, and when a channel's next turn is.
    const receipts = createTable(`${name}-receipts`, { partitionKey: "id:S", expiresAt: "expires_at", production }, child);

    const { lambda } = new ScopedFunction(
      name,
      {
        // It sends copies of messages that come later.
        allow: [receive(queue), send(queue), send(deadLetters), update(receipts)],
        environment,
        timeoutSeconds,
        logRetentionDays,
        callbackFactory: () =>
          notifier().create({
            receiptsTable: receipts.name.get(),
            queueUrl: queue.url.get(),
            deadLettersUrl: deadLetters.url.get(),
            errorsTopicArn: errors.arn.get(),
            notifyChannel,
          }),
      },
      child,
    );
    new aws.lambda.EventSourceMapping(
      name,
      {
        eventSourceArn: queue.arn,
        functionName: lambda.arn,
        batchSize,
        functionResponseTypes: ["ReportBatchItemFailures"],
        scalingConfig: { maximumConcurrency },
      },
      child,
    );
    this.registerOutputs({});
  }
}

export type { NotifierArgs };
export { Notifier };
