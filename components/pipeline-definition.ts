/** The state machine of a pipeline, in Amazon States Language. Source: https://states-language.net */

interface Retry {
  ErrorEquals: string[];
  IntervalSeconds?: number;
  MaxAttempts: number;
  BackoffRate?: number;
  JitterStrategy?: "FULL" | "NONE";
}

/** A task that runs once for each item of a list. */
interface Each {
  /** The path of the list in the state: "$.processData.ranges". */
  itemsPath: string;
  /** The input of each run. "$$.Map.Item.Value" is its item. */
  input: Record<string, string>;
  /** How many run in parallel. */
  atOnce: number;
}

/** One task. `Arn` is a string, or an output of one. */
interface TaskDefinition<Arn> {
  name: string;
  lambdaArn: Arn;
  timeoutSeconds: number;
  /** Takes precedence over the retries of every task. */
  retry?: Retry[];
  each?: Each;
}

interface DefinitionArgs<Arn> {
  /** In order. The result of the last one contains the success notice. */
  tasks: TaskDefinition<Arn>[];
  describeFailureArn: Arn;
  successesArn: Arn;
  errorsArn: Arn;
  /** The service integration that publishes, `arn:PARTITION:states:::sns:publish`. */
  publishArn: Arn;
  /** The queue for failures whose notice could not be published. Default: none. */
  untold?: UntoldQueue<Arn>;
  /** Names of errors that a retry would not change. */
  permanentErrors: string[];
}

/** A queue, and the service integration that sends to it, `arn:PARTITION:states:::sqs:sendMessage`. */
interface UntoldQueue<Arn> {
  queueUrl: Arn;
  sendArn: Arn;
}

type State = Record<string, unknown>;

/** Errors of Lambda itself. Source: https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html */
const LAMBDA_ERRORS = [
  "Lambda.ClientExecutionTimeoutException",
  "Lambda.ServiceException",
  "Lambda.AWSLambdaException",
  "Lambda.SdkClientException",
  "Lambda.TooManyRequestsException",
];

/** Describing takes milliseconds; the rest is for a cold start. */
const DESCRIBE_TIMEOUT_SECONDS = 10;

/** SNS answers in milliseconds. A longer call has failed. */
const PUBLISH_TIMEOUT_SECONDS = 10;

/** Retries SNS and SQS for two minutes. A notice has an id, so it is posted once even if published twice. */
const RETRY_SERVICE = [{ ErrorEquals: ["States.ALL"], IntervalSeconds: 2, MaxAttempts: 6, BackoffRate: 2, JitterStrategy: "FULL" }];

/** Builds the retry rules of a task. The first that matches applies: the task's own, none for permanent errors, six for Lambda, four for other failures. */
const buildRetry = (permanentErrors: string[], own: Retry[] = []): Retry[] => [
  ...own,
  ...(permanentErrors.length === 0 ? [] : [{ ErrorEquals: permanentErrors, MaxAttempts: 0 }]),
  { ErrorEquals: LAMBDA_ERRORS, IntervalSeconds: 2, MaxAttempts: 6, BackoffRate: 2, JitterStrategy: "FULL" },
  // Everything except a timeout: a killed process, a throttle, a broken connection.
  { ErrorEquals: ["States.TaskFailed"], IntervalSeconds: 1, MaxAttempts: 4, BackoffRate: 2 },
];

/** Stores the failure beside the input, so that the notice can name what it is about. */
const CATCH_ALL = [{ ErrorEquals: ["States.ALL"], ResultPath: "$.failure", Next: "describeFailure" }];

const buildTask = <Arn>({ name, lambdaArn, timeoutSeconds, retry, each }: TaskDefinition<Arn>, permanentErrors: string[]): State => {
  const task = { Type: "Task", Resource: lambdaArn, TimeoutSeconds: timeoutSeconds, Retry: buildRetry(permanentErrors, retry) };
  if (each === undefined) return { ...task, ResultPath: `$.${name}`, Catch: CATCH_ALL };
  const item = `${name}Each`;
  return {
    Type: "Map",
    ItemsPath: each.itemsPath,
    ItemSelector: Object.fromEntries(Object.entries(each.input).map(([key, path]) => [`${key}.$`, path])),
    MaxConcurrency: each.atOnce,
    ItemProcessor: { ProcessorConfig: { Mode: "INLINE" }, StartAt: item, States: { [item]: { ...task, End: true } } },
    ResultPath: `$.${name}`,
    Catch: CATCH_ALL,
  };
};

/** Publishes the notice at a path of the state. */
const buildNotification = <Arn>(publishArn: Arn, topicArn: Arn, notice: string): State => ({
  Type: "Task",
  Resource: publishArn,
  Parameters: {
    TopicArn: topicArn,
    "Subject.$": `${notice}.subject`,
    "Message.$": `${notice}.message`,
    MessageAttributes: { notice: { DataType: "String", "StringValue.$": `${notice}.details` } },
  },
  TimeoutSeconds: PUBLISH_TIMEOUT_SECONDS,
  Retry: RETRY_SERVICE,
  ResultPath: null,
});

/** Keeps a failure whose notice could not be published, and fails. */
const buildUntold = <Arn>({ queueUrl, sendArn }: UntoldQueue<Arn>): Record<string, State> => ({
  keepUntold: {
    Type: "Task",
    Resource: sendArn,
    Parameters: {
      QueueUrl: queueUrl,
      MessageBody: { "execution.$": "$$.Execution.Id", "about.$": "$.about", "untold.$": "$.untold" },
    },
    TimeoutSeconds: PUBLISH_TIMEOUT_SECONDS,
    Retry: RETRY_SERVICE,
    ResultPath: null,
    Next: "untold",
  },
  untold: { Type: "Fail", ErrorPath: "$.untold.Error", CausePath: "$.untold.Cause" },
});

/**
 * Builds the state machine: the tasks in order, then the success notice. If any of them fails, it publishes the failure notice and fails the
 * execution. A failure whose notice can't be published is kept in a queue.
 */
const buildDefinition = <Arn>({ tasks, describeFailureArn, permanentErrors, ...args }: DefinitionArgs<Arn>) => {
  const { successesArn, errorsArn, publishArn, untold } = args;
  const untoldCatch = untold && { Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.untold", Next: "keepUntold" }] };
  const [first, last] = [tasks[0]!.name, tasks.at(-1)!.name];
  const states: Record<string, State> = {};
  for (const [index, task] of tasks.entries()) {
    states[task.name] = { ...buildTask(task, permanentErrors), Next: tasks[index + 1]?.name ?? "successNotification" };
  }
  states["successNotification"] = { ...buildNotification(publishArn, successesArn, `$.${last}.notice`), End: true };
  states["describeFailure"] = {
    Type: "Task",
    Resource: describeFailureArn,
    Parameters: { "execution.$": "$$.Execution.Name", "state.$": "$" },
    TimeoutSeconds: DESCRIBE_TIMEOUT_SECONDS,
    Retry: buildRetry([]),
    ResultPath: "$.notice",
    Next: "errorNotification",
  };
  states["errorNotification"] = { ...buildNotification(publishArn, errorsArn, "$.notice"), ...untoldCatch, Next: "failed" };
  states["failed"] = { Type: "Fail", ErrorPath: "$.failure.Error", CausePath: "$.notice.text" };
  return { StartAt: first, States: { ...states, ...(untold && buildUntold(untold)) } };
};

export type { DefinitionArgs, Each, Retry, TaskDefinition, UntoldQueue };
export { buildDefinition, DESCRIBE_TIMEOUT_SECONDS as describeTimeoutSeconds };
