import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { StateMachineArn } from "#core/named";
import { parseArn } from "../wiring/arn";
import { createRole, invoke, publish, send, traceExecutions, type Verbs } from "../wiring/grants";
import { ScopedFunction, type ScopedFunctionArgs } from "../wiring/scoped-function";
import { type Edge, edgeTo, wire } from "../wiring/wire";
import { createFailureAlarm } from "./failure-alarm";
import type { FeatureArgs } from "./feature";
import { buildDefinition, describeTimeoutSeconds, type Each, type Retry, type StepDefinition } from "./pipeline-definition";

/** One task of a pipeline: a function that gets the state, and whose result is stored in the state under the task's name. */
interface TaskArgs extends Omit<ScopedFunctionArgs<never, unknown>, "environment" | "logRetentionDays" | "tracing" | "deadLetters"> {
  /** Environment variables in addition to those that all tasks share. */
  environment?: Record<string, pulumi.Input<string>>;
  /** Seconds until Step Functions ends an attempt with `States.Timeout`. Lambda ends it a little later. */
  timeoutSeconds: number;
  /** Retries in addition to those for errors of Lambda and failed attempts. */
  retry?: Retry[];
  /** Runs the task once for each item of a list in the state. */
  each?: Each;
}

/** Sequences of steps that run side by side. If one fails, the others are abandoned. */
interface ParallelArgs {
  /** The result of a sequence is that of its last step. All are stored under the parallel step's name: `{ LAST_STEP: RESULT }`. */
  parallel: Steps[];
}

/** Picks the steps that come next by a field of the state. It has no result, so it can't be the last of a sequence. */
interface ChoiceArgs {
  /** The path of the field: "$.person.kind". */
  choice: string;
  /** The steps for each text that the field may have. */
  when: Record<string, Steps>;
  /** The steps for any other value, and for none. `{}` goes on with the step after the choice. */
  otherwise: Steps;
}

/** Steps by name, in order. A name occurs once in a pipeline. */
interface Steps {
  [name: string]: TaskArgs | ParallelArgs | ChoiceArgs;
}

/** `environment` is shared by all tasks. */
interface PipelineArgs extends Omit<FeatureArgs, "redrivables" | "production"> {
  /** The result of the last step has a `notice` for `successes`. */
  steps: Steps;
  /** Names of errors that a retry would not change. */
  permanentErrors: string[];
}

type Definition = StepDefinition<pulumi.Output<string>>;

/** Long, so that a failure's description and the end of its execution usually fall into the same period. Otherwise the failure would look unreported. */
const UNTOLD_SECONDS = 300;

/** The longest that SQS keeps a message. */
const UNTOLD_RETENTION_SECONDS = 14 * 24 * 60 * 60;

/** Step Functions must time out first: a timeout of Lambda is reported as an error of the function, not as `States.Timeout`. */
const GRACE_SECONDS = 5;

/**
 * A Step Functions state machine that runs functions, one after another or side by side, and ends in a notice.
 *
 * A failure of any task is described, published to `errors`, and fails the execution. Alarms cover failures without a notice: executions that
 * failed before they were described, were aborted or timed out, and failures whose notice could not be published, which are kept in a queue.
 * The input of an execution needs `about`: what it works on, and where in Slack to report it.
 */
class Pipeline extends pulumi.ComponentResource {
  readonly stateMachine: StateMachine;

  constructor(name: string, args: PipelineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:sfn:Pipeline", name, {}, opts);
    const child = { parent: this };
    const { successes, errors, permanentErrors, environment, logRetentionDays, tracing = false } = args;

    const lambdas: aws.lambda.Function[] = [];
    const createTask = (task: string, { retry, each, timeoutSeconds, ...functionArgs }: TaskArgs): Definition => {
      const { lambda } = new ScopedFunction(
        `${name}-${kebab(task)}`,
        {
          ...functionArgs,
          environment: { ...environment, ...functionArgs.environment },
          timeoutSeconds: timeoutSeconds + GRACE_SECONDS,
          logRetentionDays,
          tracing,
        },
        child,
      );
      lambdas.push(lambda);
      return { name: task, lambdaArn: lambda.arn, timeoutSeconds, retry, each };
    };
    const steps = describeSteps(args.steps, createTask);

    const describing = new ScopedFunction(
      `${name}-describe-failure`,
      {
        ...wire(() => require("#functions/describe-failure") as typeof import("#functions/describe-failure"), {}),
        environment,
        timeoutSeconds: describeTimeoutSeconds + GRACE_SECONDS,
        logRetentionDays,
        tracing,
      },
      child,
    );

    const untold = new aws.sqs.Queue(
      `${name}-untold`,
      { messageRetentionSeconds: UNTOLD_RETENTION_SECONDS, sqsManagedSseEnabled: true },
      child,
    );
    const { role, policy } = createRole(
      `${name}-states`,
      { service: "states.amazonaws.com", inAccountOf: errors },
      [
        ...[...lambdas, describing.lambda].map(invoke),
        publish(successes),
        publish(errors),
        send(untold),
        ...(tracing ? [traceExecutions] : []),
      ],
      child,
    );

    const definition = buildDefinition({
      steps,
      describeFailureArn: describing.lambda.arn,
      successesArn: successes.arn,
      errorsArn: errors.arn,
      publishArn: integrationArn(errors, "sns:publish"),
      untold: { queueUrl: untold.url, sendArn: integrationArn(errors, "sqs:sendMessage") },
      permanentErrors,
    });
    this.stateMachine = new StateMachine(
      name,
      {
        type: "STANDARD",
        roleArn: role.arn,
        definition: pulumi.jsonStringify(definition),
        ...(tracing && { tracingConfiguration: { enabled: true } }),
      },
      { ...child, dependsOn: [policy] },
    );

    // Described failures already have a notice. This alarm covers failures that were not described.
    const sum = (id: string, namespace: string, metricName: string, dimensions: Record<string, pulumi.Input<string>>) => ({
      id,
      metric: { namespace, metricName, dimensions, stat: "Sum", period: UNTOLD_SECONDS },
    });
    const description = { FunctionName: describing.lambda.name };
    createFailureAlarm(
      name,
      {
        runbook: "pipelines",
        alarmDescription: pulumi.interpolate`Executions of ${this.stateMachine.name} failed, and no notice says why. Look at their history.`,
        metricQueries: [
          {
            id: "untold",
            expression: "FILL(failed, 0) - FILL(described, 0) + FILL(undescribed, 0)",
            label: "Failures without a notice",
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
    for (const [suffix, metricName, ended] of [
      ["aborted", "ExecutionsAborted", "were aborted"],
      ["timed-out", "ExecutionsTimedOut", "timed out"],
    ] as const) {
      createFailureAlarm(
        `${name}-${suffix}`,
        {
          runbook: "pipelines",
          alarmDescription: pulumi.interpolate`Executions of ${this.stateMachine.name} ${ended}. Look at their history.`,
          namespace: "AWS/States",
          metricName,
          dimensions: { StateMachineArn: this.stateMachine.arn },
          statistic: "Sum",
          alarmTopic: errors,
        },
        child,
      );
    }
    createFailureAlarm(
      `${name}-untold`,
      {
        runbook: "pipelines",
        alarmDescription: pulumi.interpolate`Notices of failures of ${this.stateMachine.name} could not be published. Each message in ${untold.name} names an execution: look at its history, fix the cause, and purge the queue.`,
        namespace: "AWS/SQS",
        metricName: "ApproximateNumberOfMessagesVisible",
        dimensions: { QueueName: untold.name },
        statistic: "Maximum",
        alarmTopic: errors,
      },
      child,
    );
    this.registerOutputs({ stateMachineArn: this.stateMachine.arn });
  }
}

/** Builds the definition of steps. `createTask` creates the function of a task. */
const describeSteps = (steps: Steps, createTask: (name: string, args: TaskArgs) => Definition): Definition[] =>
  Object.entries(steps).map(([name, step]) => {
    const describe = (inner: Steps) => describeSteps(inner, createTask);
    if ("parallel" in step) return { name, branches: step.parallel.map(describe) };
    if (!("choice" in step)) return createTask(name, step);
    const when = Object.fromEntries(Object.entries(step.when).map(([text, inner]) => [text, describe(inner)]));
    return { name, choice: step.choice, when, otherwise: describe(step.otherwise) };
  });

class StateMachine extends aws.sfn.StateMachine {
  /** The state machine's ARN for a function, and what the function may do with it. */
  may(...verbs: Verbs<aws.sfn.StateMachine>): Edge<StateMachineArn> {
    return edgeTo(this, this.arn, verbs);
  }
}

/** The ARN of a service integration of Step Functions, in the partition of a topic. */
const integrationArn = ({ arn }: aws.sns.Topic, action: string) => arn.apply(text => `arn:${parseArn(text).partition}:states:::${action}`);

const kebab = (name: string) => name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);

export type { TaskArgs };
export { Pipeline };
