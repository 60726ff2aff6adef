import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createRole, invoke, send } from "../wiring/grants";
import { ScopedFunction, type ScopedFunctionArgs } from "../wiring/scoped-function";
import { DeadLetters, type DeadLettersArgs } from "./dead-letters";
import { createFailureAlarm } from "./failure-alarm";

interface ScheduledFunctionArgs
  extends Omit<ScopedFunctionArgs<unknown, void>, "deadLetters">,
    Pick<DeadLettersArgs, "errors" | "redrivables"> {
  /** EventBridge Scheduler's expression, "rate(1 minute)". */
  schedule: string;
  /** How often a failed invocation is retried, at most twice, within an hour. Default 0: the next one does the same work. */
  retries?: 0 | 1 | 2;
  /** Raises an alarm after so many minutes without a run. Default: no alarm. */
  idleMinutes?: number | undefined;
}

/** A function that EventBridge Scheduler invokes on a schedule. */
class ScheduledFunction extends pulumi.ComponentResource {
  constructor(
    name: string,
    { schedule, retries = 0, idleMinutes, errors, redrivables, ...functionArgs }: ScheduledFunctionArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("slack-fanout:scheduler:ScheduledFunction", name, {}, opts);
    const child = { parent: this };
    const deadLetters = new DeadLetters(`${name}-dead-letters`, { errors, redrivables }, child);
    const { queue } = deadLetters;
    const { lambda } = new ScopedFunction(name, { ...functionArgs, deadLetters: queue }, child);
    deadLetters.redriveTo(name, { functionName: lambda.name });
    const { role, policy } = createRole(
      `${name}-schedule`,
      { service: "scheduler.amazonaws.com", inAccountOf: lambda },
      [invoke(lambda), send(queue)],
      child,
    );
    const retryPolicy = { maximumRetryAttempts: retries, maximumEventAgeInSeconds: retries === 0 ? 60 : 3600 };
    new aws.scheduler.Schedule(
      name,
      {
        scheduleExpression: schedule,
        flexibleTimeWindow: { mode: "OFF" },
        target: {
          arn: lambda.arn,
          roleArn: role.arn,
          retryPolicy,
          // A failed invocation leaves no log.
          deadLetterConfig: { arn: queue.arn },
        },
      },
      { ...child, dependsOn: [policy] },
    );
    if (idleMinutes !== undefined) {
      createFailureAlarm(
        `${name}-idle`,
        {
          runbook: "relay",
          alarmDescription: pulumi.interpolate`${lambda.name} has not run for ${idleMinutes} minutes. Look at its schedule.`,
          namespace: "AWS/Lambda",
          metricName: "Invocations",
          dimensions: { FunctionName: lambda.name },
          statistic: "Sum",
          whenLow: true,
          minutes: { above: idleMinutes, of: idleMinutes },
          alarmTopic: errors,
        },
        child,
      );
    }
    // Lambda's own retries.
    new aws.lambda.FunctionEventInvokeConfig(name, { functionName: lambda.name, ...retryPolicy }, child);
    this.registerOutputs({});
  }
}

export type { ScheduledFunctionArgs };
export { ScheduledFunction };
