import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { DeadLetters, type DeadLettersArgs, type Redrivable } from "./dead-letters";
import { createEventRetries } from "./event-retries";
import { createFailureAlarm } from "./failure-alarm";
import { buildFilterPolicy, type MessageFilter } from "./message-filter";
import { ownMetric } from "./own-metric";
import { ScopedFunction, type ScopedFunctionArgs } from "./scoped-function";

interface TopicSubscriptionArgs
  extends Omit<ScopedFunctionArgs<aws.sns.TopicEvent, void>, "deadLetters" | "timeoutSeconds">,
    Pick<DeadLettersArgs, "errors" | "redrivables"> {
  topic: aws.sns.Topic;
  /** The filter on message attributes. Replays to other subscribers are always left out. Default: every message. */
  filter?: MessageFilter;
  /** Seconds an invocation may take. Default 30: a few transactions, retried when throttled. */
  timeoutSeconds?: number;
}

const DEFAULT_TIMEOUT_SECONDS = 30;

/** Longer than Lambda's two retries take, which come after one and two minutes. */
const LATE_MS = 10 * 60 * 1000;
const LATE_MINUTES = { above: 3, of: 5 };

/**
 * The edge from a topic to a function that reacts to its messages.
 *
 * Two services retry, and both use one dead-letter queue: SNS, by the subscription's redrive policy, for messages that it can't deliver;
 * Lambda, by the function's `deadLetterConfig`, for events on which the function fails.
 */
class TopicSubscription extends pulumi.ComponentResource {
  readonly redrivable: Redrivable;

  constructor(name: string, args: TopicSubscriptionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:sns:TopicSubscription", name, {}, opts);
    const child = { parent: this };
    const { topic, errors, redrivables, filter = {}, timeoutSeconds = DEFAULT_TIMEOUT_SECONDS, ...functionArgs } = args;

    const deadLetters = new DeadLetters(`${name}-dead-letters`, { errors, redrivables, sources: [topic] }, child);
    const { lambda } = new ScopedFunction(name, { ...functionArgs, timeoutSeconds, deadLetters: deadLetters.queue }, child);
    this.redrivable = deadLetters.redriveTo(name, { functionName: lambda.name });

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

    const retries = createEventRetries(name, lambda, child);

    const permission = new aws.lambda.Permission(
      name,
      { function: lambda.name, action: "lambda:InvokeFunction", principal: "sns.amazonaws.com", sourceArn: topic.arn },
      child,
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
      { ...child, dependsOn: [permission, retries, deadLetters] },
    );
    this.registerOutputs({});
  }
}

export type { TopicSubscriptionArgs };
export { TopicSubscription };
