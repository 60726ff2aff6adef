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

/** Sequences that run side by side. */
interface ParallelDefinition<Arn> {
  name: string;
  branches: StepDefinition<Arn>[][];
}

/** Picks the steps that come next by a field of the state. */
interface ChoiceDefinition<Arn> {
  name: string;
  /** The path of the field: "$.person.kind". */
  choice: string;
  /** The steps for each text that the field may have. */
  when: Record<string, StepDefinition<Arn>[]>;
  /** The steps for any other value, and for none. */
  otherwise: StepDefinition<Arn>[];
}

type StepDefinition<Arn> = TaskDefinition<Arn> | ParallelDefinition<Arn> | ChoiceDefinition<Arn>;

interface DefinitionArgs<Arn> {
  /** In order. The result of the last one contains the success notice. */
  steps: StepDefinition<Arn>[];
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
type States = Record<string, State>;

/** What the steps of a sequence have in common. */
interface Sequence {
  permanentErrors: string[];
  /** The state after the sequence. Undefined in a branch, whose result is that of its last step. */
  next?: string | undefined;
  /** Whether it is in a branch. A failure there fails the parallel step, which catches it. */
  isBranch: boolean;
}

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

/** Stores the failure under the step's name beside the input, so that the notice can say what failed and what it is about. */
const buildCatch = (name: string) => ({
  Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: `$.failure.${name}`, Next: "describeFailure" }],
});

const buildTask = <Arn>({ name, lambdaArn, timeoutSeconds, retry, each }: TaskDefinition<Arn>, permanentErrors: string[]): State => {
  const task = { Type: "Task", Resource: lambdaArn, TimeoutSeconds: timeoutSeconds, Retry: buildRetry(permanentErrors, retry) };
  if (each === undefined) return task;
  const item = `${name}Each`;
  return {
    Type: "Map",
    ItemsPath: each.itemsPath,
    ItemSelector: Object.fromEntries(Object.entries(each.input).map(([key, path]) => [`${key}.$`, path])),
    MaxConcurrency: each.atOnce,
    ItemProcessor: { ProcessorConfig: { Mode: "INLINE" }, StartAt: item, States: { [item]: { ...task, End: true } } },
  };
};

/** Its result is an object with the result of each branch, under the name of the branch's last step. */
const buildParallel = <Arn>({ name, branches }: ParallelDefinition<Arn>, permanentErrors: string[]): State => ({
  Type: "Parallel",
  Branches: branches.map(steps => ({
    StartAt: steps[0]?.name ?? refuseEmpty(name),
    States: buildSequence(steps, { permanentErrors, isBranch: true }),
  })),
  ResultSelector: Object.fromEntries(branches.map((steps, index) => [`${steps.at(-1)!.name}.$`, `$[${index}]`])),
});

/** A comparison with a missing field would end the execution without a notice, so each rule asks first whether it is there. */
const buildChoice = <Arn>({ name, choice, when, otherwise }: ChoiceDefinition<Arn>, sequence: Sequence): States => {
  const next = sequence.next ?? refuseLast(name);
  const options = [...Object.values(when), otherwise];
  return {
    [name]: {
      Type: "Choice",
      Choices: Object.entries(when).map(([text, steps]) => ({
        And: [
          { Variable: choice, IsPresent: true },
          { Variable: choice, StringEquals: text },
        ],
        Next: steps[0]?.name ?? next,
      })),
      Default: otherwise[0]?.name ?? next,
    },
    ...Object.assign({}, ...options.map(steps => buildSequence(steps, { ...sequence, next }))),
  };
};

/** Builds the states of steps that run one after another. */
const buildSequence = <Arn>(steps: StepDefinition<Arn>[], { next: after, ...sequence }: Sequence): States => {
  const states: States = {};
  for (const [index, step] of steps.entries()) {
    const next = steps[index + 1]?.name ?? after;
    const { name } = step;
    if ("choice" in step) {
      Object.assign(states, buildChoice(step, { ...sequence, next }));
      continue;
    }
    const state = "branches" in step ? buildParallel(step, sequence.permanentErrors) : buildTask(step, sequence.permanentErrors);
    states[name] = {
      ...state,
      ResultPath: `$.${name}`,
      ...(sequence.isBranch ? {} : buildCatch(name)),
      ...(next === undefined ? { OutputPath: `$.${name}`, End: true } : { Next: next }),
    };
  }
  return states;
};

const refuseEmpty = (name: string): never => {
  throw new Error(`A branch of the parallel step ${name} is empty, but must have a step.`);
};

const refuseLast = (name: string): never => {
  throw new Error(`The last step is the choice ${name}, but a choice has no result. End with another step.`);
};

const listNames = <Arn>(steps: StepDefinition<Arn>[]): string[] =>
  steps.flatMap(step => {
    const inner = "choice" in step ? [...Object.values(step.when), step.otherwise] : "branches" in step ? step.branches : [];
    return [step.name, ...inner.flatMap(listNames)];
  });

/** The results of two steps with one name would replace each other. */
const refuseRepeated = (names: string[]) => {
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw new Error(`The step ${repeated} is there twice, but each step must have a name of its own.`);
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
const buildUntold = <Arn>({ queueUrl, sendArn }: UntoldQueue<Arn>): States => ({
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
 * Builds the state machine: the steps in order, then the success notice. If any of them fails, it publishes the failure notice and fails the
 * execution. A failure whose notice can't be published is kept in a queue. Throws if a step has the name of another, or if a choice is last.
 */
const buildDefinition = <Arn>({ steps, describeFailureArn, permanentErrors, ...args }: DefinitionArgs<Arn>) => {
  const { successesArn, errorsArn, publishArn, untold } = args;
  const untoldCatch = untold && { Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.untold", Next: "keepUntold" }] };
  const [first, last] = [steps[0]!.name, steps.at(-1)!];
  if ("choice" in last) refuseLast(last.name);
  refuseRepeated(listNames(steps));
  const states = buildSequence(steps, { permanentErrors, next: "successNotification", isBranch: false });
  states["successNotification"] = { ...buildNotification(publishArn, successesArn, `$.${last.name}.notice`), End: true };
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
  states["failed"] = { Type: "Fail", ErrorPath: "$.notice.error", CausePath: "$.notice.text" };
  return { StartAt: first, States: { ...states, ...(untold && buildUntold(untold)) } };
};

export type { Each, Retry, StepDefinition, TaskDefinition };
export { buildDefinition, DESCRIBE_TIMEOUT_SECONDS as describeTimeoutSeconds };
