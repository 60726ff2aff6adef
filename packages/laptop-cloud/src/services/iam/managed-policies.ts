import type { PolicyDocument, PolicyStatement } from "../../kernel/service";

const writeLogs = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];
const sendTraces = [
  "xray:PutTraceSegments",
  "xray:PutTelemetryRecords",
  "xray:GetSamplingRules",
  "xray:GetSamplingTargets",
  "xray:GetSamplingStatisticSummaries",
];
const subscribeTopics = ["sns:CreateTopic", "sns:ListSubscriptions", "sns:ListSubscriptionsByTopic", "sns:ListTopics", "sns:Subscribe"];
const readRoles = ["iam:GetPolicy", "iam:GetPolicyVersion", "iam:GetRole"];

/**
 * The AWS managed policies that a role may have, after the AWS Managed Policy Reference, reduced to the services that the
 * laptop cloud imitates. They include the defaults of `aws.lambda.CallbackFunction` without role and policies; two of
 * these concern other services only.
 */
const managedPolicies: Record<string, PolicyDocument> = {
  "service-role/AWSLambdaBasicExecutionRole": allow(...writeLogs),
  "service-role/AWSLambdaSQSQueueExecutionRole": allow("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", ...writeLogs),
  "service-role/AWSLambdaRole": allow("lambda:InvokeFunction"),
  AdministratorAccess: allow("*"),
  AmazonCognitoPowerUser: allow("cognito-identity:*", "cognito-idp:*", "cognito-sync:*"),
  AmazonDynamoDBFullAccess: allow("dynamodb:*", "cloudwatch:DescribeAlarms", "cloudwatch:GetMetricStatistics", "cloudwatch:ListMetrics"),
  AmazonDynamoDBReadOnlyAccess: allow(
    "dynamodb:BatchGetItem",
    "dynamodb:Describe*",
    "dynamodb:List*",
    "dynamodb:GetItem",
    "dynamodb:Query",
    "dynamodb:Scan",
  ),
  AmazonEventBridgeSchedulerFullAccess: documentOf(statementOf(["scheduler:*"]), passingRolesTo("scheduler.amazonaws.com")),
  AmazonKinesisFullAccess: allow("kinesis:*"),
  AmazonS3FullAccess: allow("s3:*"),
  AmazonS3ReadOnlyAccess: allow("s3:Get*", "s3:List*", "s3:Describe*"),
  AmazonSNSFullAccess: allow("sns:*"),
  AmazonSQSFullAccess: allow("sqs:*"),
  AWSLambdaExecute: documentOf(
    statementOf(["logs:*"], "arn:aws:logs:*:*:*"),
    statementOf(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::*"),
  ),
  AWSLambda_FullAccess: documentOf(
    statementOf([
      "lambda:*",
      "cloudwatch:ListMetrics",
      "cloudwatch:GetMetricData",
      "iam:GetRolePolicy",
      "iam:ListAttachedRolePolicies",
      "iam:ListRolePolicies",
      "iam:ListRoles",
      ...readRoles,
      "logs:DescribeLogGroups",
      "states:DescribeStateMachine",
      "states:ListStateMachines",
    ]),
    passingRolesTo("lambda.amazonaws.com"),
    statementOf(["logs:DescribeLogStreams", "logs:GetLogEvents", "logs:FilterLogEvents"], "arn:aws:logs:*:*:log-group:/aws/lambda/*"),
  ),
  AWSStepFunctionsFullAccess: allow("states:*"),
  AWSXRayDaemonWriteAccess: allow(...sendTraces),
  AWSXrayWriteOnlyAccess: allow(...sendTraces),
  CloudWatchEventsFullAccess: documentOf(statementOf(["scheduler:*"]), passingRolesTo("scheduler.amazonaws.com")),
  CloudWatchFullAccessV2: allow("cloudwatch:*", "logs:*", ...subscribeTopics, ...readRoles, "xray:*"),
};
const managedArnPrefix = "arn:aws:iam::aws:policy/";

function allow(...actions: string[]): PolicyDocument {
  return documentOf(statementOf(actions));
}

function documentOf(...statements: PolicyStatement[]): PolicyDocument {
  return { Version: "2012-10-17", Statement: statements };
}

function statementOf(actions: string[], resource = "*"): PolicyStatement {
  return { Effect: "Allow", Action: actions, Resource: resource };
}

function passingRolesTo(service: string): PolicyStatement {
  return { ...statementOf(["iam:PassRole"]), Condition: { StringEquals: { "iam:PassedToService": service } } };
}

/** The document of an AWS managed policy, or undefined for an unknown one. */
const findManagedPolicy = (arn: string): PolicyDocument | undefined => {
  const name = arn.startsWith(managedArnPrefix) ? arn.slice(managedArnPrefix.length) : "";
  return Object.hasOwn(managedPolicies, name) ? managedPolicies[name] : undefined;
};

const managedPolicyArns = () => Object.keys(managedPolicies).map(name => managedArnPrefix + name);

export { findManagedPolicy, managedPolicyArns };
