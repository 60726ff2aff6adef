import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { DeadLetters, type DeadLettersArgs } from "./dead-letters";
import { createRole, invoke, send } from "./grants";
import { ScopedFunction, type ScopedFunctionArgs } from "./scoped-function";

interface ScheduledFunctionArgs
  extends Omit<ScopedFunctionArgs<unknown, void>, "deadLetters">,
    Pick<DeadLettersArgs, "errors" | "redrivables"> {
  /** EventBridge Scheduler's expression, "rate(1 minute)". */
  schedule: string;
}

/** A function that EventBridge Scheduler invokes on a schedule. */
class ScheduledFunction extends pulumi.ComponentResource {
  constructor(
    name: string,
    { schedule, errors, redrivables, ...functionArgs }: ScheduledFunctionArgs,
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
    new aws.scheduler.Schedule(
      name,
      {
        scheduleExpression: schedule,
        flexibleTimeWindow: { mode: "OFF" },
        target: {
          arn: lambda.arn,
          roleArn: role.arn,
          // No retries: the next invocation does the same work.
          retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
          // A failed invocation leaves no log.
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
