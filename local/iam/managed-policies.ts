import type { PolicyDocument, PolicyStatement } from "../kernel/service";

/**
 * The AWS managed policies that a role may have here, as AWS publishes them (AWS Managed Policy Reference), less what concerns
 * services that the laptop cloud does not imitate.
 */
const managedPolicies: Record<string, PolicyDocument> = {
  "service-role/AWSLambdaBasicExecutionRole": allow("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"),
  "service-role/AWSLambdaSQSQueueExecutionRole": allow(
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
  ),
  "service-role/AWSLambdaRole": allow("lambda:InvokeFunction"),
  AWSXRayDaemonWriteAccess: allow(
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:GetSamplingStatisticSummaries",
  ),
};
const managedArnPrefix = "arn:aws:iam::aws:policy/";

function allow(...actions: string[]): PolicyDocument {
  const statement: PolicyStatement = { Effect: "Allow", Action: actions, Resource: "*" };
  return { Version: "2012-10-17", Statement: [statement] };
}

/** The document of an AWS managed policy, or nothing where it is not known here. */
const findManagedPolicy = (arn: string): PolicyDocument | undefined => {
  const name = arn.startsWith(managedArnPrefix) ? arn.slice(managedArnPrefix.length) : "";
  return Object.hasOwn(managedPolicies, name) ? managedPolicies[name] : undefined;
};

const managedPolicyArns = () => Object.keys(managedPolicies).map(name => managedArnPrefix + name);

export { findManagedPolicy, managedPolicyArns };
