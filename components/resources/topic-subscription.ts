import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { receive } from "../wiring/grants";
import { ScopedFunction, type ScopedFunctionArgs } from "../wiring/scoped-function";
import { DeadLetters, type DeadLettersArgs, type Redrivable } from "./dead-letters";
import { createEventRetries } from "./event-retries";
import { createFailureAlarm } from "./failure-alarm";
import { buildFilterPolicy, type MessageFilter } from "./message-filter";
import { ownMetric } from "./own-metric";
import { QueueSubscription } from "./queue-subscription";

/** What a subscriber gets: a notification, or a batch of the queue in front of it. */
type SubscriberEvent = aws.sns.TopicEvent | aws.sqs.QueueEvent;

interface TopicSubscriptionArgs
  extends Omit<ScopedFunctionArgs<SubscriberEvent, unknown>, "deadLetters" | "timeoutSeconds">,
    Pick<DeadLettersArgs, "errors" | "redrivables"> {
  topic: aws.sns.Topic;
  /** The filter on message attributes. Replays to other subscribers are always left out. Default: every message. */
  filter?: MessageFilter;
  /** Seconds an invocation may take. Default 30: a few transactions, retried when throttled. */
  timeoutSeconds?: number;
  /** Whether a fair queue in front of the function takes workspaces in turn (ADR 71). Default: SNS invokes the function. */
  fairQueues?: boolean;
}

const DEFAULT_TIMEOUT_SECONDS = 30;

/** Longer than Lambda's two retries take, which come after one and two minutes. */
const LATE_MS = 10 * 60 * 1000;
const LATE_MINUTES = { above: 3, of: 5 };

/** Six times the function's timeout. Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
const VISIBILITY_TIMEOUTS = 6;

/** The fewest that AWS recommends, since a throttled function also counts. Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
const RECEIVES = 5;

/** An hour, in which the first tries fail and later ones may succeed. */
const OLDEST_SECONDS = 3600;

/** The records of a batch are handled side by side. */
const BATCH_SIZE = 10;

/** Few, so that messages wait in the queue: only then can it be fair. All subscribers together leave the doors half of an account's usual 1,000 invocations. */
const MAXIMUM_CONCURRENCY = 50;

/**
 * The edge from a topic to a function that reacts to its messages.
 *
 * Two services retry, and both use one dead-letter queue: SNS, by the subscription's redrive policy, for messages that it can't deliver; and
 * Lambda, by the function's `deadLetterConfig`, or the queue in front of the function, for messages on which the function fails.
 */
class TopicSubscription extends pulumi.ComponentResource {
  readonly redrivable: Redrivable;

  constructor(name: string, args: TopicSubscriptionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:sns:TopicSubscription", name, {}, opts);
    const child = { parent: this };
    const { errors } = args;
    const { lambda, redrivable } = args.fairQueues ? subscribeByQueue(name, args, child) : subscribeDirectly(name, args, child);
    this.redrivable = redrivable;

    createFailureAlarm(
      `${name}-late`,
      {
        runbook: "lag",
        alarmDescription: pulumi.interpolate`${lambda.name} reacts to messages more than ${LATE_MS / 60_000} minutes after they were said. Look for throttles, and for errors that are retried.`,
        ...ownMetric("LagMs", lambda.name),
        statistic: "Maximum",
        threshold: LATE_MS,
        minutes: LATE_MINUTES,
        alarmTopic: errors,
      },
      child,
    );
    this.registerOutputs({});
  }
}

/** A subscribed function, and where its dead letters are. */
interface Subscribed {
  lambda: aws.lambda.Function;
  redrivable: Redrivable;
}

/** SNS invokes the function for each message. */
const subscribeDirectly = (name: string, args: TopicSubscriptionArgs, opts: pulumi.CustomResourceOptions): Subscribed => {
  const { topic, errors, redrivables, filter = {}, fairQueues: _, timeoutSeconds = DEFAULT_TIMEOUT_SECONDS, ...functionArgs } = args;
  const deadLetters = new DeadLetters(`${name}-dead-letters`, { errors, redrivables, sources: [topic] }, opts);
  const { lambda } = new ScopedFunction(name, { ...functionArgs, timeoutSeconds, deadLetters: deadLetters.queue }, opts);
  const retries = createEventRetries(name, lambda, opts);
  const permission = new aws.lambda.Permission(
    name,
    { function: lambda.name, action: "lambda:InvokeFunction", principal: "sns.amazonaws.com", sourceArn: topic.arn },
    opts,
  );
  new aws.sns.TopicSubscription(
    name,
    {
      topic: topic.arn,
      protocol: "lambda",
      endpoint: lambda.arn,
      filterPolicy: buildFilterPolicy(name, filter),
      redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: deadLetters.queue.arn }),
    },
    // Failed deliveries need the dead-letter queue before the first message comes.
    { ...opts, dependsOn: [permission, retries, deadLetters] },
  );
  return { lambda, redrivable: deadLetters.redriveTo(name, { functionName: lambda.name }) };
};

/** Messages wait in a queue, which serves workspaces with few of them first. */
const subscribeByQueue = (name: string, args: TopicSubscriptionArgs, opts: pulumi.CustomResourceOptions): Subscribed => {
  const { topic, errors, redrivables, filter = {}, fairQueues: _, timeoutSeconds = DEFAULT_TIMEOUT_SECONDS, ...functionArgs } = args;
  const waiting = { visibilitySeconds: VISIBILITY_TIMEOUTS * timeoutSeconds, receives: RECEIVES, oldestSeconds: OLDEST_SECONDS };
  const { queue, redrivable } = new QueueSubscription(name, { topic, subscriber: name, filter, ...waiting, errors, redrivables }, opts);
  const allow = [...functionArgs.allow, receive(queue)];
  const { lambda } = new ScopedFunction(name, { ...functionArgs, allow, timeoutSeconds }, opts);
  new aws.lambda.EventSourceMapping(
    name,
    {
      eventSourceArn: queue.arn,
      functionName: lambda.arn,
      batchSize: BATCH_SIZE,
      functionResponseTypes: ["ReportBatchItemFailures"],
      scalingConfig: { maximumConcurrency: MAXIMUM_CONCURRENCY },
    },
    opts,
  );
  return { lambda, redrivable: { ...redrivable, functionName: lambda.name } };
};

export type { SubscriberEvent, TopicSubscriptionArgs };
export { TopicSubscription };
