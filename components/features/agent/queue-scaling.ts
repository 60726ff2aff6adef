import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

interface QueueScalingArgs {
  queue: aws.sqs.Queue;
  /** The most containers at a time. */
  most: number;
  /** The ECS service, `service/CLUSTER/NAME`. */
  resourceId: pulumi.Input<string>;
}

/** SQS reports once a minute. */
const PERIOD_SECONDS = 60;

/** Longer than a container takes to start and to receive messages, so that a second one starts only if messages are left. */
const GROW_SECONDS = 120;

/**
 * How long the queue must be empty before the containers end. SQS may need 15 minutes to resume its metrics after a quiet period; until then a
 * worker that has just started looks idle.
 */
const IDLE_MINUTES = 20;

/**
 * Starts containers one after another while messages wait in a queue, and ends all of them when the queue is empty.
 *
 * It never ends some of them, because it is unknown which containers are idle. Messages in flight count as work, which takes a second metric.
 * The two alarms exclude each other, or they would start and end containers in turn.
 */
class QueueScaling extends pulumi.ComponentResource {
  constructor(name: string, { queue, most, resourceId }: QueueScalingArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:ecs:QueueScaling", name, {}, opts);
    const child = { parent: this };

    const target = new aws.appautoscaling.Target(
      name,
      { serviceNamespace: "ecs", scalableDimension: "ecs:service:DesiredCount", resourceId, minCapacity: 0, maxCapacity: most },
      child,
    );
    const createPolicy = (policyName: string, stepScalingPolicyConfiguration: StepScaling) =>
      new aws.appautoscaling.Policy(
        policyName,
        {
          policyType: "StepScaling",
          serviceNamespace: target.serviceNamespace,
          scalableDimension: target.scalableDimension,
          resourceId: target.resourceId,
          stepScalingPolicyConfiguration,
        },
        child,
      );

    const grow = createPolicy(`${name}-grow`, {
      adjustmentType: "ChangeInCapacity",
      cooldown: GROW_SECONDS,
      stepAdjustments: [{ metricIntervalLowerBound: "0", scalingAdjustment: 1 }],
    });
    new aws.cloudwatch.MetricAlarm(
      `${name}-backlog`,
      {
        alarmDescription: pulumi.interpolate`Messages wait in ${queue.name}: one more container is started.`,
        namespace: "AWS/SQS",
        metricName: "ApproximateNumberOfMessagesVisible",
        dimensions: { QueueName: queue.name },
        statistic: "Maximum",
        period: PERIOD_SECONDS,
        evaluationPeriods: 1,
        comparisonOperator: "GreaterThanOrEqualToThreshold",
        threshold: 1,
        treatMissingData: "notBreaching",
        alarmActions: [grow.arn],
      },
      child,
    );

    const end = createPolicy(`${name}-end`, {
      adjustmentType: "ExactCapacity",
      stepAdjustments: [{ metricIntervalUpperBound: "0", scalingAdjustment: 0 }],
    });
    const measure = (id: string, metricName: string) => ({
      id,
      metric: { namespace: "AWS/SQS", metricName, dimensions: { QueueName: queue.name }, stat: "Maximum", period: PERIOD_SECONDS },
    });
    new aws.cloudwatch.MetricAlarm(
      `${name}-idle`,
      {
        alarmDescription: pulumi.interpolate`Nothing is left to do in ${queue.name}: containers are ended.`,
        metricQueries: [
          { id: "work", expression: "waiting + taken", label: "Messages", returnData: true },
          measure("waiting", "ApproximateNumberOfMessagesVisible"),
          measure("taken", "ApproximateNumberOfMessagesNotVisible"),
        ],
        evaluationPeriods: IDLE_MINUTES,
        comparisonOperator: "LessThanThreshold",
        threshold: 1,
        // SQS reports no data for a queue that has been inactive for hours.
        treatMissingData: "missing",
        alarmActions: [end.arn],
      },
      child,
    );
    this.registerOutputs({});
  }
}

type StepScaling = NonNullable<aws.appautoscaling.PolicyArgs["stepScalingPolicyConfiguration"]>;

export { QueueScaling };
