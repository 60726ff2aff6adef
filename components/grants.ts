import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { parseArn } from "./arn";

/** What a function may do, on exactly which resource. Becomes one statement of its role's policy. */
interface Grant {
  actions: string[];
  resources: pulumi.Input<string>[];
}

/** A single item by its key. */
const read = (table: aws.dynamodb.Table): Grant => onTable(table, "GetItem");

/** Many items by key at once, and nothing else. */
const readMany = (table: aws.dynamodb.Table): Grant => onTable(table, "BatchGetItem");

/** Single items: look up, put in and change, also within transactions. */
const readWrite = (table: aws.dynamodb.Table): Grant => onTable(table, "GetItem", "PutItem", "UpdateItem");

/** New items, also within transactions. */
const put = (table: aws.dynamodb.Table): Grant => onTable(table, "PutItem");

/** Changes of single items such as counters, also within transactions. */
const update = (table: aws.dynamodb.Table): Grant => onTable(table, "UpdateItem");

/** Taking single items out. */
const deleteItems = (table: aws.dynamodb.Table): Grant => onTable(table, "DeleteItem");

/** Items whose state decides whether a transaction is done. */
const checkItems = (table: aws.dynamodb.Table): Grant => onTable(table, "ConditionCheckItem");

/** One index in its order. */
const query = (table: aws.dynamodb.Table, index: string): Grant => ({
  actions: ["dynamodb:Query"],
  resources: [pulumi.interpolate`${table.arn}/index/${index}`],
});

/** A table's own order. */
const queryTable = (table: aws.dynamodb.Table): Grant => onTable(table, "Query");

const onTable = (table: aws.dynamodb.Table, ...operations: string[]): Grant => ({
  actions: operations.map(operation => `dynamodb:${operation}`),
  resources: [table.arn],
});

/** Objects of a bucket, each by its key; without leave to list them, S3 answers 403 for one that is not there. */
const readObjects = (bucket: aws.s3.Bucket): Grant => onObjects(bucket, "GetObject");

/** New objects, in one piece or in parts; parts that come to nothing are taken back. */
const writeObjects = (bucket: aws.s3.Bucket): Grant => onObjects(bucket, "PutObject", "AbortMultipartUpload");

const onObjects = (bucket: aws.s3.Bucket, ...operations: string[]): Grant => ({
  actions: operations.map(operation => `s3:${operation}`),
  resources: [pulumi.interpolate`${bucket.arn}/*`],
});

const publish = (topic: aws.sns.Topic): Grant => ({ actions: ["sns:Publish"], resources: [topic.arn] });

const send = (queue: aws.sqs.Queue): Grant => ({ actions: ["sqs:SendMessage"], resources: [queue.arn] });

/** What an event source mapping does with a queue in the name of its function, and hiding a message for longer. */
const receive = (queue: aws.sqs.Queue): Grant => ({
  actions: ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes", "ChangeMessageVisibility"].map(operation => `sqs:${operation}`),
  resources: [queue.arn],
});

/** Counting a queue's messages. */
const measure = (queue: aws.sqs.Queue): Grant => ({ actions: ["sqs:GetQueueAttributes"], resources: [queue.arn] });

/** What a worker does with its queue: takes messages, holds them, hands them back as copies, and deletes them. */
const work = (queue: aws.sqs.Queue): Grant => ({
  actions: ["ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "SendMessage"].map(operation => `sqs:${operation}`),
  resources: [queue.arn],
});

const invoke = (lambda: aws.lambda.Function): Grant => ({ actions: ["lambda:InvokeFunction"], resources: [lambda.arn] });

const start = (machine: aws.sfn.StateMachine): Grant => ({ actions: ["states:StartExecution"], resources: [machine.arn] });

/** New schedules of one group. */
const createSchedules = (group: aws.scheduler.ScheduleGroup): Grant => ({
  actions: ["scheduler:CreateSchedule"],
  resources: [
    pulumi.all([group.arn, group.name]).apply(([arn, name]) => {
      const { partition, region, account } = parseArn(arn);
      return `arn:${partition}:scheduler:${region}:${account}:schedule/${name}/*`;
    }),
  ],
});

/** Lets a service act as one role. */
const passRole = (role: aws.iam.Role): Grant => ({ actions: ["iam:PassRole"], resources: [role.arn] });

const writeLogs = (group: aws.cloudwatch.LogGroup): Grant => ({
  actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
  resources: [pulumi.interpolate`${group.arn}:*`],
});

/** What starts a container does with its image's repository. Leave to sign in is not given for one registry only. */
const pullImage = (repositoryArn: pulumi.Input<string>): Grant[] => [
  { actions: ["ecr:GetAuthorizationToken"], resources: ["*"] },
  {
    actions: ["BatchCheckLayerAvailability", "GetDownloadUrlForLayer", "BatchGetImage"].map(operation => `ecr:${operation}`),
    resources: [repositoryArn],
  },
];

/** Reads how many containers a service has, and changes it. */
const scaleService = (cluster: aws.ecs.Cluster, service: string): Grant => ({
  actions: ["ecs:DescribeServices", "ecs:UpdateService"],
  resources: [
    pulumi.all([cluster.arn, cluster.name]).apply(([arn, name]) => {
      const { partition, region, account } = parseArn(arn);
      return `arn:${partition}:ecs:${region}:${account}:service/${name}/${service}`;
    }),
  ],
});

/** Reads one parameter. It needs no grant for the AWS managed key that encrypts it. */
const readParameter = ({ arn }: aws.ssm.Parameter): Grant => ({ actions: ["ssm:GetParameters"], resources: [arn] });

/**
 * Asks one model of Amazon Bedrock, in the region and account of `neighbour`. An inference profile (`us.anthropic...`) hands over to the
 * model itself, in whichever region of its geography has room.
 */
const invokeModel = (model: string, neighbour: aws.sqs.Queue): Grant => {
  const place = neighbour.arn.apply(parseArn);
  const [, profiled] = /^(?:us|us-gov|eu|apac|jp|au|ca|global)\.(.+)$/.exec(model) ?? [];
  const resources =
    profiled === undefined
      ? [place.apply(({ partition, region }) => `arn:${partition}:bedrock:${region}::foundation-model/${model}`)]
      : [
          place.apply(({ partition, region, account }) => `arn:${partition}:bedrock:${region}:${account}:inference-profile/${model}`),
          place.apply(({ partition }) => `arn:${partition}:bedrock:*::foundation-model/${profiled}`),
        ];
  return { actions: ["bedrock:InvokeModel"], resources };
};

/** Invokes an agent in AgentCore's runtime, through any of its endpoints. */
const invokeRuntime = (runtimeArn: pulumi.Output<string>): Grant => ({
  actions: ["bedrock-agentcore:InvokeAgentRuntime"],
  resources: [runtimeArn, pulumi.interpolate`${runtimeArn}/runtime-endpoint/*`],
});

/** Calls tools through an AgentCore Gateway. */
const invokeGateway = (gatewayArn: pulumi.Output<string>): Grant => ({
  actions: ["bedrock-agentcore:InvokeGateway"],
  resources: [gatewayArn],
});

/** What AgentCore's runtime does for its log, a group that it names itself, in the region and account of `neighbour`. */
const writeRuntimeLogs = (neighbour: aws.sqs.Queue): Grant[] => {
  const groups = neighbour.arn.apply(arn => {
    const { partition, region, account } = parseArn(arn);
    return `arn:${partition}:logs:${region}:${account}:log-group:/aws/bedrock-agentcore/runtimes/*`;
  });
  return [
    { actions: ["logs:CreateLogGroup", "logs:DescribeLogStreams"], resources: [groups] },
    { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [pulumi.interpolate`${groups}:log-stream:*`] },
  ];
};

/** The policy document that holds just these grants. */
const policyOf = (grants: Grant[]): pulumi.Output<string> =>
  pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: grants.map(({ actions, resources }) => ({ Effect: "Allow", Action: actions, Resource: resources })),
  });

/**
 * The service that may take a role on; with a neighbour, on behalf of resources of that one's account only. Services that work for
 * anybody's resources could otherwise be led by a stranger's to this role. Lambda takes the roles of its functions, and says no account.
 */
interface Taker {
  service: string;
  neighbour?: { arn: pulumi.Output<string> };
}

/** A role that one service may take, with just these grants, and the policy that holds them: who works as the role waits for it. */
const createRole = (name: string, taker: Taker, grants: Grant[], opts: pulumi.ResourceOptions) => {
  const role = createBareRole(name, taker, opts);
  return { role, policy: grantTo(name, role, grants, opts) };
};

/** A role that may do nothing yet: for where those who are to be called must know it first. */
const createBareRole = (name: string, { service, neighbour }: Taker, opts: pulumi.ResourceOptions): aws.iam.Role =>
  new aws.iam.Role(
    name,
    {
      assumeRolePolicy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: service },
            Action: "sts:AssumeRole",
            ...(neighbour && { Condition: { StringEquals: { "aws:SourceAccount": accountOf(neighbour) } } }),
          },
        ],
      }),
    },
    opts,
  );

/** All that a role may do. */
const grantTo = (name: string, role: aws.iam.Role, grants: Grant[], opts: pulumi.ResourceOptions): aws.iam.RolePolicy =>
  new aws.iam.RolePolicy(name, { role: role.id, policy: policyOf(grants) }, opts);

const accountOf = ({ arn }: { arn: pulumi.Output<string> }): pulumi.Output<string> => arn.apply(text => parseArn(text).account);

export type { Grant, Taker };
export {
  accountOf,
  checkItems,
  createBareRole,
  createRole,
  createSchedules,
  deleteItems,
  grantTo,
  invoke,
  invokeGateway,
  invokeModel,
  invokeRuntime,
  measure,
  passRole,
  policyOf,
  publish,
  pullImage,
  put,
  query,
  queryTable,
  read,
  readMany,
  readObjects,
  readParameter,
  readWrite,
  receive,
  scaleService,
  send,
  start,
  update,
  work,
  writeLogs,
  writeObjects,
  writeRuntimeLogs,
};
