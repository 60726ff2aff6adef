/**
 * What the AWS provider of Pulumi calls to create, read, change and delete resources, by type. Sources: the provider's own source, and for which
 * actions and resources there are https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 * (compared on 2026-11-29).
 */
interface Access {
  service: string;
  actions: readonly string[];
  /**
   * ARNs of the resources, where `NAME` stands for the beginning of a name. Without it, the statement is for
   * all resources, because the actions do not support resource-level permissions, or because AWS makes up the names.
   */
  arns?: readonly string[];
}

const tagging = ["TagResource", "UntagResource"];

const table = (service: string, actions: string[], ...arns: string[]): Access[] => [{ service, actions, ...(arns.length > 0 && { arns }) }];

const BUCKET = "arn:aws:s3:::NAME";

/** An empty list: another type's actions are enough. */
const ACTIONS: Readonly<Record<string, readonly Access[]>> = {
  "aws:acm/certificate:Certificate": table("acm", [
    "RequestCertificate",
    "DescribeCertificate",
    "DeleteCertificate",
    "ListTagsForCertificate",
    "AddTagsToCertificate",
    "RemoveTagsFromCertificate",
  ]),
  "aws:acm/certificateValidation:CertificateValidation": [],
  // The HTTP verbs are the actions, also for tags. AWS makes up the ids.
  "aws:apigatewayv2/api:Api": table(
    "apigateway",
    ["GET", "POST", "PUT", "PATCH", "DELETE"],
    "arn:aws:apigateway:*::/apis",
    "arn:aws:apigateway:*::/apis/*",
    "arn:aws:apigateway:*::/tags/*",
  ),
  "aws:apigatewayv2/apiMapping:ApiMapping": [],
  "aws:apigatewayv2/domainName:DomainName": table(
    "apigateway",
    ["GET", "POST", "PATCH", "DELETE"],
    "arn:aws:apigateway:*::/domainnames",
    "arn:aws:apigateway:*::/domainnames/*",
  ),
  "aws:apigatewayv2/integration:Integration": [],
  "aws:apigatewayv2/route:Route": [],
  // The access log of the stage is delivered by CloudWatch Logs.
  "aws:apigatewayv2/stage:Stage": table("logs", [
    "CreateLogDelivery",
    "GetLogDelivery",
    "UpdateLogDelivery",
    "DeleteLogDelivery",
    "ListLogDeliveries",
    "PutResourcePolicy",
    "DescribeResourcePolicies",
  ]),
  "aws:appautoscaling/policy:Policy": table("application-autoscaling", [
    "PutScalingPolicy",
    "DescribeScalingPolicies",
    "DeleteScalingPolicy",
  ]),
  "aws:appautoscaling/target:Target": table("application-autoscaling", [
    "RegisterScalableTarget",
    "DescribeScalableTargets",
    "DeregisterScalableTarget",
    "ListTagsForResource",
    ...tagging,
  ]),
  "aws:bedrock/agentcoreAgentRuntime:AgentcoreAgentRuntime": table("bedrock-agentcore", [
    "CreateAgentRuntime",
    "GetAgentRuntime",
    "UpdateAgentRuntime",
    "DeleteAgentRuntime",
    "CreateWorkloadIdentity",
    "DeleteWorkloadIdentity",
    "ListTagsForResource",
    ...tagging,
  ]),
  "aws:bedrock/agentcoreGateway:AgentcoreGateway": table("bedrock-agentcore", [
    "CreateGateway",
    "GetGateway",
    "UpdateGateway",
    "DeleteGateway",
  ]),
  "aws:bedrock/agentcoreGatewayTarget:AgentcoreGatewayTarget": table("bedrock-agentcore", [
    "CreateGatewayTarget",
    "GetGatewayTarget",
    "UpdateGatewayTarget",
    "DeleteGatewayTarget",
  ]),
  "aws:budgets/budget:Budget": table(
    "budgets",
    ["ModifyBudget", "ViewBudget", "ListTagsForResource", ...tagging],
    "arn:aws:budgets::*:budget/NAME",
  ),
  "aws:cloudwatch/dashboard:Dashboard": table(
    "cloudwatch",
    ["PutDashboard", "GetDashboard", "DeleteDashboards"],
    "arn:aws:cloudwatch::*:dashboard/NAME",
  ),
  "aws:cloudwatch/logGroup:LogGroup": [
    ...table(
      "logs",
      ["CreateLogGroup", "DeleteLogGroup", "PutRetentionPolicy", "DeleteRetentionPolicy", "ListTagsForResource", ...tagging],
      "arn:aws:logs:*:*:log-group:NAME",
    ),
    ...table("logs", ["DescribeLogGroups"]),
  ],
  "aws:cloudwatch/metricAlarm:MetricAlarm": table(
    "cloudwatch",
    ["PutMetricAlarm", "DescribeAlarms", "DeleteAlarms", "ListTagsForResource", ...tagging],
    "arn:aws:cloudwatch:*:*:alarm:NAME",
  ),
  "aws:dynamodb/table:Table": table(
    "dynamodb",
    [
      "CreateTable",
      "DescribeTable",
      "UpdateTable",
      "DeleteTable",
      "DescribeContinuousBackups",
      "UpdateContinuousBackups",
      "DescribeTimeToLive",
      "UpdateTimeToLive",
      "ListTagsOfResource",
      ...tagging,
    ],
    "arn:aws:dynamodb:*:*:table/NAME",
  ),
  "aws:ec2/securityGroup:SecurityGroup": table("ec2", [
    "CreateSecurityGroup",
    "DescribeSecurityGroups",
    "DeleteSecurityGroup",
    "AuthorizeSecurityGroupEgress",
    "RevokeSecurityGroupEgress",
    "RevokeSecurityGroupIngress",
    "DescribeNetworkInterfaces",
    "CreateTags",
    "DeleteTags",
  ]),
  "aws:ecs/cluster:Cluster": table(
    "ecs",
    ["CreateCluster", "DescribeClusters", "UpdateCluster", "DeleteCluster", "ListTagsForResource", ...tagging],
    "arn:aws:ecs:*:*:cluster/NAME",
  ),
  "aws:iam/role:Role": table(
    "iam",
    [
      "CreateRole",
      "GetRole",
      "UpdateRole",
      "UpdateAssumeRolePolicy",
      "DeleteRole",
      "TagRole",
      "UntagRole",
      "ListRolePolicies",
      "ListAttachedRolePolicies",
      "ListInstanceProfilesForRole",
      "PutRolePolicy",
      "GetRolePolicy",
      "DeleteRolePolicy",
      "PassRole",
    ],
    "arn:aws:iam::*:role/NAME",
  ),
  "aws:iam/rolePolicy:RolePolicy": [],
  "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": table(
    "firehose",
    [
      "CreateDeliveryStream",
      "DescribeDeliveryStream",
      "UpdateDestination",
      "DeleteDeliveryStream",
      "StartDeliveryStreamEncryption",
      "StopDeliveryStreamEncryption",
      "ListTagsForDeliveryStream",
      "TagDeliveryStream",
      "UntagDeliveryStream",
    ],
    "arn:aws:firehose:*:*:deliverystream/NAME",
  ),
  // AWS makes up the ids.
  "aws:kms/key:Key": [
    ...table("kms", ["CreateKey"]),
    ...table(
      "kms",
      [
        "DescribeKey",
        "GetKeyPolicy",
        "PutKeyPolicy",
        "GetKeyRotationStatus",
        "EnableKeyRotation",
        "DisableKeyRotation",
        "EnableKey",
        "DisableKey",
        "UpdateKeyDescription",
        "ScheduleKeyDeletion",
        "ListResourceTags",
        ...tagging,
      ],
      "arn:aws:kms:*:*:key/*",
    ),
  ],
  "aws:lambda/eventSourceMapping:EventSourceMapping": table("lambda", [
    "CreateEventSourceMapping",
    "GetEventSourceMapping",
    "UpdateEventSourceMapping",
    "DeleteEventSourceMapping",
    "ListTags",
  ]),
  "aws:lambda/function:Function": table(
    "lambda",
    [
      "CreateFunction",
      "GetFunction",
      "GetFunctionConfiguration",
      "GetFunctionCodeSigningConfig",
      "GetFunctionConcurrency",
      "GetRuntimeManagementConfig",
      "ListVersionsByFunction",
      "UpdateFunctionCode",
      "UpdateFunctionConfiguration",
      "DeleteFunction",
      "GetPolicy",
      "AddPermission",
      "RemovePermission",
      "PutFunctionEventInvokeConfig",
      "GetFunctionEventInvokeConfig",
      "UpdateFunctionEventInvokeConfig",
      "DeleteFunctionEventInvokeConfig",
      "ListTags",
      ...tagging,
    ],
    "arn:aws:lambda:*:*:function:NAME",
  ),
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": [],
  "aws:lambda/permission:Permission": [],
  "aws:route53/record:Record": table("route53", ["ChangeResourceRecordSets", "ListResourceRecordSets", "GetHostedZone", "GetChange"]),
  "aws:s3/bucket:Bucket": [
    ...table(
      "s3",
      [
        "CreateBucket",
        "DeleteBucket",
        "ListBucket",
        "ListBucketVersions",
        "GetBucket*",
        "GetAccelerateConfiguration",
        "GetEncryptionConfiguration",
        "GetLifecycleConfiguration",
        "GetReplicationConfiguration",
        "PutBucketTagging",
        "ListTagsForResource",
        ...tagging,
        "PutBucketPolicy",
        "DeleteBucketPolicy",
        "PutBucketPublicAccessBlock",
        "PutBucketVersioning",
        "PutLifecycleConfiguration",
        "PutBucketNotification",
      ],
      BUCKET,
    ),
    // For buckets that are deleted with what is in them.
    ...table("s3", ["DeleteObject", "DeleteObjectVersion"], `${BUCKET}/*`),
  ],
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": [],
  "aws:s3/bucketNotification:BucketNotification": [],
  "aws:s3/bucketPolicy:BucketPolicy": [],
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": [],
  "aws:s3/bucketVersioning:BucketVersioning": [],
  "aws:scheduler/schedule:Schedule": table(
    "scheduler",
    ["CreateSchedule", "GetSchedule", "UpdateSchedule", "DeleteSchedule"],
    "arn:aws:scheduler:*:*:schedule/default/NAME",
  ),
  "aws:scheduler/scheduleGroup:ScheduleGroup": table(
    "scheduler",
    ["CreateScheduleGroup", "GetScheduleGroup", "DeleteScheduleGroup", "ListTagsForResource", ...tagging],
    "arn:aws:scheduler:*:*:schedule-group/NAME",
  ),
  "aws:sfn/stateMachine:StateMachine": [
    ...table(
      "states",
      [
        "CreateStateMachine",
        "DescribeStateMachine",
        "UpdateStateMachine",
        "DeleteStateMachine",
        "ListStateMachineVersions",
        "ListTagsForResource",
        ...tagging,
      ],
      "arn:aws:states:*:*:stateMachine:NAME",
    ),
    ...table("states", ["ValidateStateMachineDefinition"]),
  ],
  "aws:sns/topic:Topic": table(
    "sns",
    [
      "CreateTopic",
      "GetTopicAttributes",
      "SetTopicAttributes",
      "DeleteTopic",
      "Subscribe",
      "Unsubscribe",
      "GetSubscriptionAttributes",
      "SetSubscriptionAttributes",
      "ListSubscriptionsByTopic",
      "ListTagsForResource",
      ...tagging,
    ],
    "arn:aws:sns:*:*:NAME",
  ),
  "aws:sns/topicSubscription:TopicSubscription": [],
  "aws:sqs/queue:Queue": table(
    "sqs",
    ["CreateQueue", "GetQueueAttributes", "GetQueueUrl", "SetQueueAttributes", "DeleteQueue", "ListQueueTags", "TagQueue", "UntagQueue"],
    "arn:aws:sqs:*:*:NAME",
  ),
  "aws:sqs/queuePolicy:QueuePolicy": [],
  "aws:ssm/parameter:Parameter": [
    ...table(
      "ssm",
      [
        "PutParameter",
        "GetParameter",
        "GetParameters",
        "DeleteParameter",
        "ListTagsForResource",
        "AddTagsToResource",
        "RemoveTagsFromResource",
      ],
      "arn:aws:ssm:*:*:parameter/NAME",
    ),
    ...table("ssm", ["DescribeParameters"]),
  ],
  "awsx:ec2:DefaultVpc": table("ec2", ["DescribeVpcs", "DescribeSubnets", "DescribeVpcAttribute", "DescribeRouteTables"]),
  "awsx:ec2:Vpc": table("ec2", [
    "CreateVpc",
    "ModifyVpcAttribute",
    "DeleteVpc",
    "DescribeVpcs",
    "DescribeVpcAttribute",
    "DescribeAvailabilityZones",
    "DescribeNetworkAcls",
    "CreateSubnet",
    "ModifySubnetAttribute",
    "DeleteSubnet",
    "DescribeSubnets",
    "CreateInternetGateway",
    "AttachInternetGateway",
    "DetachInternetGateway",
    "DeleteInternetGateway",
    "DescribeInternetGateways",
    "CreateRouteTable",
    "DeleteRouteTable",
    "DescribeRouteTables",
    "AssociateRouteTable",
    "DisassociateRouteTable",
    "CreateRoute",
    "DeleteRoute",
  ]),
  "awsx:ecr:Image": table("ecr", ["GetAuthorizationToken"]),
  "awsx:ecr:Repository": table(
    "ecr",
    [
      "CreateRepository",
      "DescribeRepositories",
      "DeleteRepository",
      "GetLifecyclePolicy",
      "PutLifecyclePolicy",
      "DeleteLifecyclePolicy",
      "BatchCheckLayerAvailability",
      "BatchGetImage",
      "BatchDeleteImage",
      "ListImages",
      "GetDownloadUrlForLayer",
      "InitiateLayerUpload",
      "UploadLayerPart",
      "CompleteLayerUpload",
      "PutImage",
      "ListTagsForResource",
      ...tagging,
    ],
    "arn:aws:ecr:*:*:repository/NAME",
  ),
  "awsx:ecs:FargateService": [
    // AWS makes these roles when a service is used for the first time.
    ...table("iam", ["CreateServiceLinkedRole"], "arn:aws:iam::*:role/aws-service-role/*"),
    ...table("ecs", ["CreateService", "DescribeServices", "UpdateService", "DeleteService", ...tagging], "arn:aws:ecs:*:*:service/NAME"),
    ...table("ecs", ["RegisterTaskDefinition", "DescribeTaskDefinition", "DeregisterTaskDefinition", "ListTaskDefinitions"]),
  ],
};

/** What `npm run smoke` and `npm run doctor` call after a deployment, in addition. */
const CHECKS: readonly Access[] = [
  ...table("dynamodb", ["GetItem", "DeleteItem"], "arn:aws:dynamodb:*:*:table/words-*", "arn:aws:dynamodb:*:*:table/boards-*"),
  ...table("logs", ["FilterLogEvents"], "arn:aws:logs:*:*:log-group:*slack-fanout-*"),
  ...table("s3", ["GetObject", "PutObject"], "arn:aws:s3:::payroll-*/*"),
  ...table("states", ["ListExecutions"], "arn:aws:states:*:*:stateMachine:payroll-*"),
  ...table("states", ["DescribeExecution"], "arn:aws:states:*:*:execution:payroll-*:*"),
  ...table("cloudwatch", ["DescribeAlarms"]),
  ...table("lambda", ["GetAccountSettings"]),
];

export type { Access };
export { ACTIONS, CHECKS };
