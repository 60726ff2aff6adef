import { AwsError } from "../../kernel/aws-error";
import { ExpressionError, parseExpression } from "../../kernel/schedule-expression";
import { refuseTarget, type Target } from "./target";

/** A schedule in the format of CreateSchedule; dates are epoch seconds. */
interface ScheduleDefinition {
  Name: string;
  GroupName: string;
  ScheduleExpression: string;
  ScheduleExpressionTimezone: string;
  FlexibleTimeWindow: { Mode: "OFF" | "FLEXIBLE"; MaximumWindowInMinutes?: number };
  State: "ENABLED" | "DISABLED";
  ActionAfterCompletion: "NONE" | "DELETE";
  Target: Target;
  StartDate?: number;
  EndDate?: number;
  Description?: string;
}

/** Maximum and default (RetryPolicy, EventBridge Scheduler API reference). */
const MAX_EVENT_AGE_SECONDS = 86_400;
const MIN_EVENT_AGE_SECONDS = 60;
const MAX_RETRIES = 185;

const known = [
  "Name",
  "GroupName",
  "ScheduleExpression",
  "ScheduleExpressionTimezone",
  "FlexibleTimeWindow",
  "State",
  "ActionAfterCompletion",
  "Target",
  "StartDate",
  "EndDate",
  "Description",
  "ClientToken",
];
const knownOfTarget = ["Arn", "RoleArn", "Input", "DeadLetterConfig", "RetryPolicy", "SqsParameters"];

/** Parses the input of CreateSchedule or UpdateSchedule. Throws `AwsError` ValidationException that quotes the invalid value. */
const parseDefinition = (input: Record<string, unknown>): ScheduleDefinition => {
  refuseUnknown(input, known, "the parameter");
  const target = objectOf(input["Target"], "Target");
  refuseUnknown(target, knownOfTarget, "the target's");
  const window = objectOf(input["FlexibleTimeWindow"], "FlexibleTimeWindow");
  const definition: ScheduleDefinition = {
    Name: nameOf(input["Name"], "Name"),
    GroupName: nameOf(input["GroupName"] ?? "default", "GroupName"),
    ScheduleExpression: textOf(input["ScheduleExpression"], "ScheduleExpression"),
    ScheduleExpressionTimezone: textOf(input["ScheduleExpressionTimezone"] ?? "UTC", "ScheduleExpressionTimezone"),
    FlexibleTimeWindow: {
      Mode: oneOf(window["Mode"], "FlexibleTimeWindow.Mode", ["OFF", "FLEXIBLE"]),
      MaximumWindowInMinutes: optionally(window["MaximumWindowInMinutes"], value => wholeOf(value, "MaximumWindowInMinutes", 1, 1440)),
    },
    State: oneOf(input["State"] ?? "ENABLED", "State", ["ENABLED", "DISABLED"]),
    ActionAfterCompletion: oneOf(input["ActionAfterCompletion"] ?? "NONE", "ActionAfterCompletion", ["NONE", "DELETE"]),
    Target: parseTarget(target),
    StartDate: optionally(input["StartDate"], value => secondsOf(value, "StartDate")),
    EndDate: optionally(input["EndDate"], value => secondsOf(value, "EndDate")),
    Description: optionally(input["Description"], value => textOf(value, "Description")),
  };
  verifyWhole(definition);
  return definition;
};

const parseTarget = (target: Record<string, unknown>): Target => {
  const retry = objectOf(target["RetryPolicy"] ?? {}, "RetryPolicy");
  const deadLetters = optionally(target["DeadLetterConfig"], value => objectOf(value, "DeadLetterConfig"));
  const sqs = optionally(target["SqsParameters"], value => objectOf(value, "SqsParameters"));
  return {
    Arn: textOf(target["Arn"], "Target.Arn"),
    RoleArn: textOf(target["RoleArn"], "Target.RoleArn"),
    Input: optionally(target["Input"], value => textOf(value, "Target.Input")),
    DeadLetterConfig: deadLetters && { Arn: optionally(deadLetters["Arn"], value => textOf(value, "DeadLetterConfig.Arn")) },
    RetryPolicy: {
      MaximumEventAgeInSeconds: wholeOf(
        retry["MaximumEventAgeInSeconds"] ?? MAX_EVENT_AGE_SECONDS,
        "MaximumEventAgeInSeconds",
        MIN_EVENT_AGE_SECONDS,
        MAX_EVENT_AGE_SECONDS,
      ),
      MaximumRetryAttempts: wholeOf(retry["MaximumRetryAttempts"] ?? MAX_RETRIES, "MaximumRetryAttempts", 0, MAX_RETRIES),
    },
    SqsParameters: sqs && { MessageGroupId: optionally(sqs["MessageGroupId"], value => textOf(value, "MessageGroupId")) },
  };
};

/** Checks that involve several fields. */
const verifyWhole = ({
  ScheduleExpression,
  ScheduleExpressionTimezone,
  FlexibleTimeWindow,
  Target,
  StartDate,
  EndDate,
}: ScheduleDefinition) => {
  try {
    parseExpression(ScheduleExpression, ScheduleExpressionTimezone);
  } catch (error) {
    if (error instanceof ExpressionError) throw invalid(error.message);
    throw error;
  }
  if ((FlexibleTimeWindow.Mode === "FLEXIBLE") !== (FlexibleTimeWindow.MaximumWindowInMinutes !== undefined))
    throw invalid("A flexible time window needs MaximumWindowInMinutes; with Mode OFF it must not have one.");
  if (StartDate !== undefined && EndDate !== undefined && EndDate <= StartDate) throw invalid("The StartDate must be before the EndDate.");
  const refusal = refuseTarget(Target);
  if (refusal !== undefined) throw invalid(refusal);
};

const invalid = (message: string) => new AwsError("ValidationException", message);

const refuseUnknown = (input: object, names: string[], what: string) => {
  const unknown = Object.entries(input).find(([name, value]) => value !== undefined && !names.includes(name));
  if (unknown !== undefined) throw invalid(`The laptop cloud does not imitate ${what} ${unknown[0]}. It knows ${names.join(", ")}.`);
};

const optionally = <T>(value: unknown, read: (value: unknown) => T): T | undefined =>
  value === undefined || value === null || value === "" ? undefined : read(value);

const textOf = (value: unknown, name: string): string => {
  if (typeof value !== "string" || value === "") throw invalid(`${name} is ${JSON.stringify(value)}, but must be a string.`);
  return value;
};

/** Names of schedules and groups. */
const nameOf = (value: unknown, name: string): string => {
  if (typeof value !== "string" || !/^[0-9A-Za-z_.-]{1,64}$/.test(value))
    throw invalid(`${name} is ${JSON.stringify(value)}, but must be 1 to 64 letters, digits, hyphens, underscores or dots.`);
  return value;
};

const objectOf = (value: unknown, name: string): Record<string, unknown> => {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalid(`${name} is ${JSON.stringify(value)}, but must be an object.`);
  return value as Record<string, unknown>;
};

const oneOf = <T extends string>(value: unknown, name: string, choices: readonly T[]): T => {
  const choice = choices.find(each => each === value);
  if (choice === undefined) throw invalid(`${name} is ${JSON.stringify(value)}, but must be ${choices.join(" or ")}.`);
  return choice;
};

const wholeOf = (value: unknown, name: string, least: number, most: number): number => {
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most)
    throw invalid(`${name} is ${JSON.stringify(value)}, but must be a whole number from ${least} to ${most}.`);
  return value as number;
};

/** API calls send epoch seconds, programs ISO 8601. */
const secondsOf = (value: unknown, name: string): number => {
  const seconds = typeof value === "number" ? value : Date.parse(value instanceof Date ? value.toISOString() : String(value)) / 1000;
  if (!Number.isFinite(seconds)) throw invalid(`${name} is ${JSON.stringify(value)}, but must be a date.`);
  return seconds;
};

export type { ScheduleDefinition };
export { nameOf, parseDefinition };
