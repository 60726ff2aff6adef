import type { Place } from "./service";

/** The call that delivers a payload to a target. */
interface TargetCall {
  service: string;
  operation: string;
  input: object;
}

type TargetService = "lambda" | "sqs" | "sns" | "states";

/** The service of a target's ARN; undefined for a target that is not imitated. */
const targetService = (arn: string): TargetService | undefined => {
  const [prefix, , service, , , resource] = arn.split(":");
  if (prefix !== "arn") return undefined;
  if (service === "lambda" && resource === "function") return "lambda";
  if (service === "states" && resource === "stateMachine") return "states";
  return service === "sqs" || service === "sns" ? service : undefined;
};

/** Builds the call for a function, queue, topic or state machine. */
const buildTargetCall = (arn: string, payload: string, place: Place): TargetCall | undefined => {
  switch (targetService(arn)) {
    case "lambda":
      return { service: "lambda", operation: "Invoke", input: { FunctionName: arn, InvocationType: "Event", Payload: payload } };
    case "sqs":
      return { service: "sqs", operation: "SendMessage", input: { QueueUrl: queueUrl(arn, place), MessageBody: payload } };
    case "sns":
      return { service: "sns", operation: "Publish", input: { TopicArn: arn, Message: payload } };
    case "states":
      return { service: "states", operation: "StartExecution", input: { stateMachineArn: arn, input: payload } };
    default:
      return undefined;
  }
};

const queueUrl = (arn: string, { awsUrl, account }: Place) => `${awsUrl}/${account}/${arn.split(":").at(-1)}`;

/** Errors of a target that a retry may cure, although they are the caller's. */
const isThrottling = (code: string) => /Thrott|TooManyRequests|RequestLimitExceeded|ProvisionedThroughput/.test(code);

export type { TargetCall };
export { buildTargetCall, isThrottling, queueUrl, targetService };
