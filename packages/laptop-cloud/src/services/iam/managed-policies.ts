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
const listRolePolicies = ["iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies", "iam:ListRoles"];
const readLogs = ["logs:Describe*", "logs:Get*", "logs:List*", "logs:FilterLogEvents"];
const readMetrics = ["cloudwatch:Describe*", "cloudwatch:Get*", "cloudwatch:List*"];
const readTables = ["dynamodb:BatchGetItem", "dynamodb:Describe*", "dynamodb:List*", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"];
const readSchedules = [
  "scheduler:ListSchedules",
  "scheduler:ListScheduleGroups",
  "scheduler:GetSchedule",
  "scheduler:GetScheduleGroup",
  "scheduler:ListTagsForResource",
];
const readEvents = ["events:Describe*", "events:List*", "events:TestEventPattern"];
const pullImages = ["ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"];
const readMachines = ["states:Describe*", "states:GetExecutionHistory", "states:List*", "states:ValidateStateMachineDefinition"];
const readQueues = [
  "sqs:GetQueueAttributes",
  "sqs:GetQueueUrl",
  "sqs:ListDeadLetterSourceQueues",
  "sqs:ListQueues",
  "sqs:ListMessageMoveTasks",
  "sqs:ListQueueTags",
];
const readTopics = ["sns:GetTopicAttributes", "sns:List*", "sns:GetDataProtectionPolicy", "sns:GetSubscriptionAttributes"];
const readParameters = ["ssm:Describe*", "ssm:Get*", "ssm:List*"];

/**
 * The AWS managed policies that a role may have, after the AWS Managed Policy Reference, reduced to the services that the
 * laptop cloud imitates. They include the defaults of `aws.lambda.CallbackFunction` without role and policies; two of
 * these concern other services only.
 */
const managedPolicies: Record<string, PolicyDocument> = {
  "service-role/AWSLambdaBasicExecutionRole": allow(...writeLogs),
  "service-role/AWSLambdaSQSQueueExecutionRole": allow("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", ...writeLogs),
  "service-role/AWSLambdaRole": allow("lambda:InvokeFunction"),
  "service-role/AWSLambdaVPCAccessExecutionRole": allow(
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
    ...writeLogs,
  ),
  "service-role/AWSLambdaDynamoDBExecutionRole": allow(
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
    ...writeLogs,
  ),
  "service-role/AWSLambdaKinesisExecutionRole": allow(
    "kinesis:DescribeStream",
    "kinesis:DescribeStreamSummary",
    "kinesis:GetRecords",
    "kinesis:GetShardIterator",
    "kinesis:ListShards",
    "kinesis:ListStreams",
    "kinesis:SubscribeToShard",
    ...writeLogs,
  ),
  "service-role/AmazonAPIGatewayPushToCloudWatchLogs": allow(
    "logs:DescribeLogGroups",
    "logs:DescribeLogStreams",
    "logs:GetLogEvents",
    "logs:FilterLogEvents",
    ...writeLogs,
  ),
  "service-role/AmazonECSTaskExecutionRolePolicy": allow(...pullImages, "logs:CreateLogStream", "logs:PutLogEvents"),
  AdministratorAccess: allow("*"),
  AmazonAPIGatewayAdministrator: documentOf(statementOf(["apigateway:*"], "arn:aws:apigateway:*::/*")),
  AmazonAPIGatewayInvokeFullAccess: documentOf(
    statementOf(["execute-api:Invoke", "execute-api:ManageConnections"], "arn:aws:execute-api:*:*:*"),
  ),
  AmazonCognitoPowerUser: allow("cognito-identity:*", "cognito-idp:*", "cognito-sync:*"),
  AmazonDynamoDBFullAccess: allow(
    "dynamodb:*",
    "cloudwatch:DeleteAlarms",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:GetMetricData",
    "cloudwatch:GetMetricStatistics",
    "cloudwatch:ListMetrics",
    "cloudwatch:PutMetricAlarm",
    "iam:GetRole",
    "iam:ListRoles",
    "lambda:CreateEventSourceMapping",
    "lambda:CreateFunction",
    "lambda:DeleteEventSourceMapping",
    "lambda:DeleteFunction",
    "lambda:GetFunctionConfiguration",
    "lambda:ListEventSourceMappings",
    "lambda:ListFunctions",
    "sns:DeleteTopic",
    "sns:SetTopicAttributes",
    "sns:Unsubscribe",
    ...subscribeTopics,
  ),
  AmazonDynamoDBFullAccess_v2: allow(
    "dynamodb:*",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:GetMetricData",
    "cloudwatch:GetMetricStatistics",
    "iam:ListRoles",
    "lambda:ListEventSourceMappings",
    "lambda:ListFunctions",
    "sns:ListTopics",
  ),
  AmazonDynamoDBReadOnlyAccess: allow(
    ...readTables,
    "cloudwatch:DescribeAlarms",
    "cloudwatch:GetMetricData",
    "cloudwatch:GetMetricStatistics",
    "cloudwatch:ListMetrics",
    "iam:GetRole",
    "iam:ListRoles",
    "lambda:GetFunctionConfiguration",
    "lambda:ListEventSourceMappings",
    "lambda:ListFunctions",
    "sns:ListSubscriptionsByTopic",
    "sns:ListTopics",
  ),
  AmazonEC2ContainerRegistryReadOnly: allow(...pullImages, "ecr:Describe*", "ecr:List*"),
  AmazonEventBridgeFullAccess: documentOf(
    statementOf(["events:*", "schemas:*", "scheduler:*", "pipes:*"]),
    statementOf(
      ["CreateSecret", "UpdateSecret", "DeleteSecret", "GetSecretValue", "PutSecretValue"].map(action => `secretsmanager:${action}`),
      "arn:aws:secretsmanager:*:*:secret:events!*",
    ),
    passingRolesTo("events.amazonaws.com"),
    passingRolesTo("scheduler.amazonaws.com"),
    passingRolesTo("pipes.amazonaws.com"),
  ),
  AmazonEventBridgeReadOnlyAccess: allow(...readEvents, ...readSchedules),
  AmazonEventBridgeSchedulerFullAccess: documentOf(statementOf(["scheduler:*"]), passingRolesTo("scheduler.amazonaws.com")),
  AmazonEventBridgeSchedulerReadOnlyAccess: allow(...readSchedules),
  AmazonKinesisFullAccess: allow("kinesis:*"),
  AmazonS3FullAccess: allow("s3:*"),
  AmazonS3ReadOnlyAccess: allow("s3:Get*", "s3:List*", "s3:Describe*"),
  AmazonSNSFullAccess: allow("sns:*"),
  AmazonSNSReadOnlyAccess: allow(...readTopics),
  AmazonSQSFullAccess: allow("sqs:*"),
  AmazonSQSReadOnlyAccess: allow(...readQueues),
  AmazonSSMFullAccess: allow("ssm:*", "cloudwatch:PutMetricData", "logs:*"),
  AmazonSSMReadOnlyAccess: allow(...readParameters),
  AWSLambdaExecute: documentOf(
    statementOf(["logs:*"], "arn:aws:logs:*:*:*"),
    statementOf(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::*"),
  ),
  AWSLambda_FullAccess: documentOf(
    statementOf([
      "lambda:*",
      "cloudwatch:ListMetrics",
      "cloudwatch:GetMetricData",
      ...listRolePolicies,
      ...readRoles,
      "logs:DescribeLogGroups",
      "states:DescribeStateMachine",
      "states:ListStateMachines",
    ]),
    passingRolesTo("lambda.amazonaws.com"),
    statementOf(["logs:DescribeLogStreams", "logs:GetLogEvents", "logs:FilterLogEvents"], "arn:aws:logs:*:*:log-group:/aws/lambda/*"),
  ),
  AWSLambda_ReadOnlyAccess: documentOf(
    statementOf([
      "lambda:Get*",
      "lambda:List*",
      "cloudwatch:GetMetricData",
      "cloudwatch:ListMetrics",
      ...listRolePolicies,
      ...readRoles,
      "logs:DescribeLogGroups",
      "states:DescribeStateMachine",
      "states:ListStateMachines",
    ]),
    statementOf(["logs:DescribeLogStreams", "logs:GetLogEvents", "logs:FilterLogEvents"], "arn:aws:logs:*:*:log-group:/aws/lambda/*"),
  ),
  AWSStepFunctionsConsoleFullAccess: documentOf(
    statementOf(["states:*", "iam:ListRoles", "lambda:ListFunctions"]),
    statementOf(["iam:PassRole"], "arn:aws:iam::*:role/service-role/StatesExecutionRole*"),
  ),
  AWSStepFunctionsFullAccess: allow("states:*"),
  AWSStepFunctionsReadOnlyAccess: allow(...readMachines),
  AWSXRayDaemonWriteAccess: allow(...sendTraces),
  AWSXrayWriteOnlyAccess: allow(...sendTraces),
  CloudWatchEventsFullAccess: documentOf(
    statementOf(["events:*", "schemas:*", "scheduler:*", "pipes:*"]),
    statementOf(["iam:PassRole"], "arn:aws:iam::*:role/AWS_Events_Invoke_Targets"),
    passingRolesTo("scheduler.amazonaws.com"),
    passingRolesTo("pipes.amazonaws.com"),
  ),
  CloudWatchFullAccess: allow("cloudwatch:*", "logs:*", "sns:*", ...readRoles),
  CloudWatchFullAccessV2: allow("cloudwatch:*", "logs:*", ...subscribeTopics, ...readRoles, "xray:*"),
  CloudWatchLambdaInsightsExecutionRolePolicy: documentOf(
    statementOf(["logs:CreateLogGroup"]),
    statementOf(["logs:CreateLogStream", "logs:PutLogEvents"], "arn:aws:logs:*:*:log-group:/aws/lambda-insights:*"),
  ),
  CloudWatchLogsFullAccess: allow("logs:*"),
  CloudWatchLogsReadOnlyAccess: allow(...readLogs),
  CloudWatchReadOnlyAccess: allow(...readMetrics, ...readLogs, "sns:Get*", "sns:List*"),
  PowerUserAccess: documentOf(
    { Effect: "Allow", NotAction: ["iam:*", "organizations:*", "account:*"], Resource: "*" },
    statementOf(["iam:CreateServiceLinkedRole", "iam:DeleteServiceLinkedRole", "iam:ListRoles"]),
  ),
  ReadOnlyAccess: allow(
    "apigateway:GET",
    "dynamodb:BatchGet*",
    "dynamodb:Describe*",
    "dynamodb:Get*",
    "dynamodb:List*",
    "dynamodb:Query",
    "dynamodb:Scan",
    "ecr:BatchCheck*",
    "ecr:BatchGet*",
    "ecr:Describe*",
    "ecr:Get*",
    "ecr:List*",
    "ecs:Describe*",
    "ecs:List*",
    "iam:Get*",
    "iam:List*",
    "lambda:Get*",
    "lambda:List*",
    "s3:Get*",
    "s3:List*",
    "secretsmanager:Describe*",
    "secretsmanager:GetResourcePolicy",
    "secretsmanager:List*",
    "sns:Get*",
    "sns:List*",
    "sqs:Get*",
    "sqs:List*",
    "sqs:Receive*",
    "sts:GetCallerIdentity",
    ...readEvents,
    ...readLogs,
    ...readMachines,
    ...readMetrics,
    ...readParameters,
    ...readSchedules,
  ),
  SecretsManagerReadWrite: documentOf(
    statementOf(["secretsmanager:*", "lambda:ListFunctions"]),
    statementOf(
      ["AddPermission", "CreateFunction", "GetFunction", "InvokeFunction", "UpdateFunctionConfiguration"].map(action => `lambda:${action}`),
      "arn:aws:lambda:*:*:function:SecretsManager*",
    ),
  ),
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

interface AwsPolicy {
  arn: string;
  name: string;
  path: string;
  document: PolicyDocument;
}

const awsPolicies = new Map(
  Object.entries(managedPolicies).map(([pathAndName, document]): [string, AwsPolicy] => {
    const name = pathAndName.split("/").at(-1)!;
    const arn = managedArnPrefix + pathAndName;
    return [arn, { arn, name, path: `/${pathAndName.slice(0, -name.length)}`, document }];
  }),
);

/** An AWS managed policy by its ARN, or undefined for an unknown one. */
const findManagedPolicy = (arn: string): AwsPolicy | undefined => awsPolicies.get(arn);

const managedPolicyNamed = (name: string): AwsPolicy | undefined => [...awsPolicies.values()].find(policy => policy.name === name);

const managedPolicyArns = () => [...awsPolicies.keys()];

export { findManagedPolicy, managedPolicyArns, managedPolicyNamed };
