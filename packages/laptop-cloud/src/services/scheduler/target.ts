import { isObjectText } from "../../kernel/json";
import type { Place } from "../../kernel/service";
import { buildTargetCall as buildTemplatedCall, type TargetCall, targetService } from "../../kernel/target-call";

/** The target of a schedule, in the format of CreateSchedule. */
interface Target {
  Arn: string;
  RoleArn: string;
  Input?: string;
  DeadLetterConfig?: { Arn?: string };
  RetryPolicy: { MaximumEventAgeInSeconds: number; MaximumRetryAttempts: number };
  SqsParameters?: { MessageGroupId?: string };
}

/** One attempt to call a target. The target's input may refer to it. */
interface Attempt {
  scheduleArn: string;
  scheduledMs: number;
  executionId: string;
  /** From 1. */
  number: number;
}

const universalPrefix = "arn:aws:scheduler:::aws-sdk:";

/** Services of universal targets, `arn:aws:scheduler:::aws-sdk:SERVICE:action`, by their names in the SDK. */
const universalServices: Record<string, string> = {
  sqs: "sqs",
  sns: "sns",
  lambda: "lambda",
  dynamodb: "dynamodb",
  sfn: "states",
  s3: "s3",
  logs: "logs",
};

/** Read-only actions can't be targets ("Using universal targets", EventBridge Scheduler). */
const readingActions =
  /^(get|describe|list|poll|receive|search|scan|query|select|read|lookup|discover|validate|batchGet|batchDescribe|batchRead|transactGet|adminGet|adminList|testMigration|retrieve|testConnection|translateDocument|isAuthorized|invokeModel)/;

/** The reason why this can't be a target, if there is one. */
const refuseTarget = ({ Arn, Input }: Target): string | undefined => {
  if (Arn.startsWith(universalPrefix)) return refuseUniversal(Arn, Input);
  if (targetService(Arn) !== undefined) return undefined;
  return `The laptop cloud does not imitate the target ${JSON.stringify(Arn)}. It calls Lambda functions, SQS queues, SNS topics, state machines and arn:aws:scheduler:::aws-sdk:SERVICE:action.`;
};

const refuseUniversal = (arn: string, input: string | undefined): string | undefined => {
  const [service, action] = arn.slice(universalPrefix.length).split(":");
  if (service === undefined || action === undefined || !Object.hasOwn(universalServices, service))
    return `The laptop cloud does not imitate the target ${JSON.stringify(arn)}. It knows the services ${Object.keys(universalServices).join(", ")}.`;
  if (readingActions.test(action)) return `${JSON.stringify(arn)} only reads, so it can't be a target.`;
  return isObjectText(input ?? "{}") ? undefined : `The Input of ${JSON.stringify(arn)} is not a JSON object.`;
};

/** Builds the call of one attempt. `refuseTarget` has accepted the target. */
const buildTargetCall = (target: Target, attempt: Attempt, place: Place): TargetCall => {
  const input = fillIn(target.Input ?? "", attempt);
  const templated = buildTemplatedCall(target.Arn, input || defaultPayload(target.Arn, attempt, place), place);
  if (templated !== undefined) return { ...templated, input: { ...templated.input, ...target.SqsParameters } };
  const [service, action] = target.Arn.slice(universalPrefix.length).split(":") as [string, string];
  return { service: universalServices[service]!, operation: action[0]!.toUpperCase() + action.slice(1), input: JSON.parse(input || "{}") };
};

const defaultPayload = (arn: string, attempt: Attempt, place: Place): string => {
  if (targetService(arn) === "lambda") return defaultEvent(attempt, place);
  return targetService(arn) === "states" ? "{}" : "";
};

/** "Adding context attributes", EventBridge Scheduler. */
const fillIn = (input: string, { scheduleArn, scheduledMs, executionId, number }: Attempt): string =>
  input
    .replaceAll("<aws.scheduler.schedule-arn>", scheduleArn)
    .replaceAll("<aws.scheduler.scheduled-time>", toSeconds(scheduledMs))
    .replaceAll("<aws.scheduler.execution-id>", executionId)
    .replaceAll("<aws.scheduler.attempt-number>", String(number));

/** The default input of a function. */
const defaultEvent = ({ scheduleArn, scheduledMs, executionId }: Attempt, { account, region }: Place): string =>
  JSON.stringify({
    version: "0",
    id: executionId,
    "detail-type": "Scheduled Event",
    source: "aws.scheduler",
    account,
    time: toSeconds(scheduledMs),
    region,
    resources: [scheduleArn],
    detail: "{}",
  });

/** ISO 8601 without fractions. */
const toSeconds = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");

export type { Attempt, Target };
export { buildTargetCall, refuseTarget, toSeconds };
