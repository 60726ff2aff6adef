import { AwsError } from "../../kernel/aws-error";
import { isObject } from "../../kernel/json";
import { targetService } from "../../kernel/target-call";
import { parsePath } from "./event-path";
import { invalid, isName } from "./names";

/** A target of a rule, in the format of PutTargets. */
interface Target {
  Id: string;
  Arn: string;
  RoleArn?: string;
  Input?: string;
  InputPath?: string;
  InputTransformer?: { InputPathsMap?: Record<string, string>; InputTemplate: string };
  DeadLetterConfig?: { Arn?: string };
  RetryPolicy?: { MaximumEventAgeInSeconds?: number; MaximumRetryAttempts?: number };
}

/** Ranges and defaults (RetryPolicy, EventBridge API reference). */
const MIN_EVENT_AGE_SECONDS = 60;
const MAX_EVENT_AGE_SECONDS = 86_400;
const MAX_RETRIES = 185;

const MAX_VARIABLES = 100;

const known = ["Id", "Arn", "RoleArn", "Input", "InputPath", "InputTransformer", "DeadLetterConfig", "RetryPolicy"];

/** Throws `AwsError` ValidationException that quotes the invalid value, or names what is not imitated. */
const parseTarget = (input: unknown): Target => {
  if (!isObject(input)) throw invalid(`A target is ${JSON.stringify(input)}, but must be an object.`);
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined && value !== null));
  const unknown = Object.keys(given).find(name => !known.includes(name));
  if (unknown !== undefined) throw invalid(`The laptop cloud does not imitate ${unknown} of a target. It knows ${known.join(", ")}.`);
  const target = given as unknown as Target;
  if (!isName(target.Id, 64))
    throw invalid(`The target's Id is ${JSON.stringify(target.Id)}, but must be 1 to 64 letters, digits, . - or _.`);
  verifyArn(target);
  verifyInput(target);
  verifyRetryPolicy(target.RetryPolicy);
  return target;
};

const verifyArn = ({ Arn, RoleArn, DeadLetterConfig }: Target) => {
  const service = targetService(String(Arn));
  if (service === undefined)
    throw invalid(
      `The laptop cloud does not imitate the target ${JSON.stringify(Arn)}. It delivers to Lambda functions, SQS queues, SNS topics and state machines.`,
    );
  if (service === "states" && RoleArn === undefined) throw invalid(`RoleArn is required for target ${Arn}.`);
  if (DeadLetterConfig?.Arn !== undefined && targetService(DeadLetterConfig.Arn) !== "sqs")
    throw invalid(`DeadLetterConfig.Arn is ${JSON.stringify(DeadLetterConfig.Arn)}, but must be the ARN of a queue.`);
};

const verifyInput = ({ Input, InputPath, InputTransformer }: Target) => {
  if ([Input, InputPath, InputTransformer].filter(each => each !== undefined).length > 1)
    throw invalid("Only one of Input, InputPath, or InputTransformer must be provided.");
  if (Input !== undefined && !isJson(Input)) throw invalid(`JSON syntax error in input: ${Input.slice(0, 200)}`);
  if (InputPath !== undefined) parsePath(InputPath);
  const { InputTemplate, InputPathsMap = {} } = InputTransformer ?? {};
  if (InputTransformer !== undefined && (typeof InputTemplate !== "string" || InputTemplate === ""))
    throw invalid("InputTransformer must have an InputTemplate.");
  if (Object.keys(InputPathsMap).length > MAX_VARIABLES) throw invalid(`InputPathsMap has more than ${MAX_VARIABLES} variables.`);
  for (const [name, path] of Object.entries(InputPathsMap)) {
    if (!/^[A-Za-z0-9_-]+$/.test(name))
      throw invalid(`InputPathsMap has the variable ${JSON.stringify(name)}, but variables may contain only letters, digits, _ and -.`);
    parsePath(path);
  }
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const verifyRetryPolicy = ({ MaximumEventAgeInSeconds, MaximumRetryAttempts }: NonNullable<Target["RetryPolicy"]> = {}) => {
  verifyRange("MaximumEventAgeInSeconds", MaximumEventAgeInSeconds, MIN_EVENT_AGE_SECONDS, MAX_EVENT_AGE_SECONDS);
  verifyRange("MaximumRetryAttempts", MaximumRetryAttempts, 0, MAX_RETRIES);
};

const verifyRange = (name: string, value: number | undefined, least: number, most: number) => {
  if (value !== undefined && (!Number.isInteger(value) || value < least || value > most))
    throw invalid(`${name} is ${JSON.stringify(value)}, but must be a whole number from ${least} to ${most}.`);
};

/** The failed entry of PutTargets or PutEvents for an error of the caller. */
const failureOf = (error: unknown): { ErrorCode: string; ErrorMessage: string } => {
  if (!(error instanceof AwsError) || error.status >= 500) throw error;
  return { ErrorCode: error.code, ErrorMessage: error.message };
};

export type { Target };
export { failureOf, parseTarget };
