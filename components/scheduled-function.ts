import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { DeadLetters, type Redrivable } from "./dead-letters";
import { createRole, invoke, send } from "./grants";
import { ScopedFunction, type ScopedFunctionArgs } from "./scoped-function";

interface ScheduledFunctionArgs extends Omit<ScopedFunctionArgs<unknown, void>, "deadLetters"> {
  /** EventBridge Scheduler's expression, "rate(1 minute)". */
  schedule: string;
  /** Told of runs that failed to the end. */
  alarmTopic: aws.sns.Topic;
}

/** A function that EventBridge Scheduler calls again and again. */
class ScheduledFunction extends pulumi.ComponentResource {
  readonly redrivable: Redrivable;

  constructor(name: string, { schedule, alarmTopic, ...functionArgs }: ScheduledFunctionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:scheduler:ScheduledFunction", name, {}, opts);
    const child = { parent: this };
    const { queue } = new DeadLetters(`${name}-dead-letters`, { alarmTopic }, child);
    const { lambda } = new ScopedFunction(name, { ...functionArgs, deadLetters: queue }, child);
    this.redrivable = { functionName: lambda.name, deadLettersUrl: queue.url };
    const { role, policy } = createRole(
      `${name}-schedule`,
      { service: "scheduler.amazonaws.com", neighbour: lambda },
      [invoke(lambda), send(queue)],
      child,
    );
    new aws.scheduler.Schedule(
      name,
      {
        scheduleExpression: schedule,
        flexibleTimeWindow: { mode: "OFF" },
        target: {
          arn: lambda.arn,
          roleArn: role.arn,
          // The next call comes anyway; calls that pile up while Lambda is away would only repeat one another.
          retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
          // What can't be called has no log to say so.
          deadLetterConfig: { arn: queue.arn },
        },
      },
      { ...child, dependsOn: [policy] },
    );
    // Likewise for Lambda's own retries.
    new aws.lambda.FunctionEventInvokeConfig(
      name,
      { functionName: lambda.name, maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      child,
    );
    this.registerOutputs({});
  }
}

export type { ScheduledFunctionArgs };
export { ScheduledFunction };
