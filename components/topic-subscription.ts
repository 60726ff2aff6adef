import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { DeadLetters } from "./dead-letters";
import { createEventRetries } from "./event-retries";
import { buildFilterPolicy, type MessageFilter } from "./message-filter";
import { ScopedFunction, type ScopedFunctionArgs } from "./scoped-function";

interface TopicSubscriptionArgs extends Omit<ScopedFunctionArgs<aws.sns.TopicEvent, void>, "deadLetters" | "timeoutSeconds"> {
  topic: aws.sns.Topic;
  /** The subscriber's name, as `replayTo` addresses it. Default: the component's name. */
  subscriber?: string;
  /** The filter on message attributes. Replays to other subscribers are always left out. Default: every message of a person. */
  filter?: MessageFilter;
  /** Seconds an invocation may take. Default 30: a few transactions with patience for throttles. */
  timeoutSeconds?: number;
  /** Told of dead letters. */
  alarmTopic: aws.sns.Topic;
}

const defaultTimeoutSeconds = 30;

/**
 * The edge from a topic to a function that reacts to its messages.
 *
 * Two services retry on the way, and each has its own end: what SNS can't hand over ends in the dead-letter queue by the
 * subscription's redrive policy; once Lambda has the event, only Lambda's retries count, and its `deadLetterConfig` ends in the
 * same queue.
 */
class TopicSubscription extends pulumi.ComponentResource {
  readonly lambda: aws.lambda.CallbackFunction<aws.sns.TopicEvent, void>;
  readonly deadLetters: aws.sqs.Queue;

  constructor(name: string, args: TopicSubscriptionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:sns:TopicSubscription", name, {}, opts);
    const child = { parent: this };
    const { topic, alarmTopic, filter = {}, subscriber = name, timeoutSeconds = defaultTimeoutSeconds, ...functionArgs } = args;

    const deadLetters = new DeadLetters(`${name}-dead-letters`, { alarmTopic, sources: [topic] }, child);
    this.deadLetters = deadLetters.queue;

    const { lambda } = new ScopedFunction(name, { ...functionArgs, timeoutSeconds, deadLetters: this.deadLetters }, child);
    this.lambda = lambda;

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
        filterPolicy: buildFilterPolicy(subscriber, filter),
        redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: this.deadLetters.arn }),
      },
      // Nothing is handed over before failures have where to go.
      { ...child, dependsOn: [permission, retries, deadLetters] },
    );
    this.registerOutputs({});
  }
}

export type { TopicSubscriptionArgs };
export { TopicSubscription };
