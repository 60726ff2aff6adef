import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { parseArn } from "./arn";
import { createFailureAlarm } from "./failure-alarm";
import { createRole, invoke, publish } from "./grants";
import { buildDefinition, describeTimeoutSeconds, type Each, type Retry, type TaskDefinition } from "./pipeline-definition";
import { ScopedFunction, type ScopedFunctionArgs } from "./scoped-function";

const describeFailure = () => require("#functions/describe-failure") as typeof import("#functions/describe-failure");

/** One task of a pipeline: a function that is given the state, and whose result is kept in it under the task's name. */
interface TaskArgs extends Omit<ScopedFunctionArgs<never, unknown>, "logRetentionDays" | "deadLetters"> {
  /** Seconds until Step Functions gives an attempt up as `States.Timeout`; Lambda ends it a little later. */
  timeoutSeconds: number;
  /** What is retried besides Lambda's own errors and broken attempts. */
  retry?: Retry[];
  /** Runs the task once for each item of a list in the state. */
  each?: Each;
}

interface PipelineArgs {
  /** By name, in their order. The last one's result has a `notice` for `successes`. */
  tasks: Record<string, TaskArgs>;
  /** Names of errors that another attempt would only meet again. */
  permanentErrors: string[];
  successes: aws.sns.Topic;
  errors: aws.sns.Topic;
  /** Switches of the function that describes failures. */
  environment: Record<string, pulumi.Input<string>>;
  logRetentionDays: number;
}

/** Long, since the description of a failure and its end could fall into two periods, and then look like one that nobody told. */
const untoldSeconds = 300;

/** A timeout of Lambda's own would be an error of the function, not `States.Timeout`; so Step Functions comes first. */
const graceSeconds = 5;

/**
 * A Step Functions state machine from a list of functions, which ends in a notice.
 *
 * A failure of any task is described, published to `errors`, and fails the execution; the alarm is for executions that failed
 * without getting that far. An execution's input needs `about`: what it works on, and where in Slack to tell of it.
 */
class Pipeline extends pulumi.ComponentResource {
  readonly stateMachine: aws.sfn.StateMachine;

  constructor(name: string, args: PipelineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:sfn:Pipeline", name, {}, opts);
    const child = { parent: this };
    const { tasks, successes, errors, permanentErrors, environment, logRetentionDays } = args;

    const definitions: TaskDefinition<pulumi.Output<string>>[] = [];
    const lambdas: aws.lambda.Function[] = [];
    for (const [task, { retry, each, timeoutSeconds, ...functionArgs }] of Object.entries(tasks)) {
      const { lambda } = new ScopedFunction(
        `${name}-${kebab(task)}`,
        { ...functionArgs, timeoutSeconds: timeoutSeconds + graceSeconds, logRetentionDays },
        child,
      );
      lambdas.push(lambda);
      definitions.push({ name: task, lambdaArn: lambda.arn, timeoutSeconds, retry, each });
    }

    const taskNames = Object.keys(tasks);
    const describing = new ScopedFunction(
      `${name}-describe-failure`,
      {
        allow: [],
        environment,
        timeoutSeconds: describeTimeoutSeconds + graceSeconds,
        logRetentionDays,
        callbackFactory: () => describeFailure().createDescribeFailure({ tasks: taskNames }),
      },
      child,
    );

    const { role, policy } = createRole(
      `${name}-states`,
      { service: "states.amazonaws.com", neighbour: errors },
      [...[...lambdas, describing.lambda].map(invoke), publish(successes), publish(errors)],
      child,
    );

    const definition = buildDefinition({
      tasks: definitions,
      describeFailureArn: describing.lambda.arn,
      successesArn: successes.arn,
      errorsArn: errors.arn,
      publishArn: errors.arn.apply(arn => `arn:${parseArn(arn).partition}:states:::sns:publish`),
      permanentErrors,
    });
    this.stateMachine = new aws.sfn.StateMachine(
      name,
      { type: "STANDARD", roleArn: role.arn, definition: pulumi.jsonStringify(definition) },
      { ...child, dependsOn: [policy] },
    );

    // A failure that was described has been told already, in a sentence. This is for those that never got that far.
    const sum = (id: string, namespace: string, metricName: string, dimensions: Record<string, pulumi.Input<string>>) => ({
      id,
      metric: { namespace, metricName, dimensions, stat: "Sum", period: untoldSeconds },
    });
    const description = { FunctionName: describing.lambda.name };
    createFailureAlarm(
      name,
      {
        alarmDescription: pulumi.interpolate`Executions of ${this.stateMachine.name} failed, and no notice says why. Look at their history.`,
        metricQueries: [
          {
            id: "untold",
            expression: "FILL(failed, 0) - FILL(described, 0) + FILL(undescribed, 0)",
            label: "Untold failures",
            returnData: true,
          },
          sum("failed", "AWS/States", "ExecutionsFailed", { StateMachineArn: this.stateMachine.arn }),
          sum("described", "AWS/Lambda", "Invocations", description),
          sum("undescribed", "AWS/Lambda", "Errors", description),
        ],
        alarmTopic: errors,
      },
      child,
    );
    this.registerOutputs({ stateMachineArn: this.stateMachine.arn });
  }
}

const kebab = (name: string) => name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);

export type { PipelineArgs, TaskArgs };
export { Pipeline };
