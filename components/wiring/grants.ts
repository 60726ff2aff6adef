import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { BY_LEVEL } from "#core/message/tables";
import type { TableIndex } from "#core/table-schema";
import { parseArn } from "./arn";

/** Actions on exactly these resources: one statement of a role's policy. */
interface Grant {
  actions: string[];
  resources: pulumi.Input<string>[];
  /** The operators and keys of IAM that must match. */
  condition?: Record<string, Record<string, string[]>>;
}

/** Makes a grant for one resource: `words.may(update)`. */
type Verb<Resource> = (resource: Resource) => Grant;

/** At least one verb. */
type Verbs<Resource> = [Verb<Resource>, ...Verb<Resource>[]];

/** Reads single items by key. */
const read = (table: aws.dynamodb.Table): Grant => onTable(table, "GetItem");

/** Reads many items by key at once. */
const readMany = (table: aws.dynamodb.Table): Grant => onTable(table, "BatchGetItem");

/** Reads, puts and updates single items, also in transactions. */
const readWrite = (table: aws.dynamodb.Table): Grant => onTable(table, "GetItem", "PutItem", "UpdateItem");

/** Puts items, also in transactions. */
const put = (table: aws.dynamodb.Table): Grant => onTable(table, "PutItem");

/** Updates single items, e.g. counters, also in transactions. */
const update = (table: aws.dynamodb.Table): Grant => onTable(table, "UpdateItem");

/** Deletes single items. */
const deleteItems = (table: aws.dynamodb.Table): Grant => onTable(table, "DeleteItem");

/** Checks the condition of an item in a transaction. */
const checkItems = (table: aws.dynamodb.Table): Grant => onTable(table, "ConditionCheckItem");

/** Queries one index. */
const query =
  ({ name }: Pick<TableIndex, "name">) =>
  (table: aws.dynamodb.Table): Grant => ({
    actions: ["dynamodb:Query"],
    resources: [pulumi.interpolate`${table.arn}/index/${name}`],
  });

/** Queries the table itself. */
const queryTable = (table: aws.dynamodb.Table): Grant => onTable(table, "Query");

/** Reads the most frequent words: queries the index that finds them, and reads their counts by key. */
const queryTop: Verbs<aws.dynamodb.Table> = [query(BY_LEVEL), readMany];

/** Reads the most frequent tokens of boards: the same, and whole boards if the index has too few of their tokens. */
const queryBoards: Verbs<aws.dynamodb.Table> = [...queryTop, queryTable];

/** Reads the whole table. */
const scan = (table: aws.dynamodb.Table): Grant => onTable(table, "Scan");

const onTable = (table: aws.dynamodb.Table, ...operations: string[]): Grant => ({
  actions: operations.map(operation => `dynamodb:${operation}`),
  resources: [table.arn],
});

/** Gets objects by key. It does not include listing, so S3 answers 403 for a key that does not exist. */
const readObjects = (bucket: aws.s3.Bucket): Grant => onObjects(bucket, "GetObject");

/** Puts objects, in one piece or as multipart uploads, which it may abort. */
const writeObjects = (bucket: aws.s3.Bucket): Grant => onObjects(bucket, "PutObject", "AbortMultipartUpload");

/** Deletes objects. In a versioned bucket, their old versions stay. */
const deleteObjects = (bucket: aws.s3.Bucket): Grant => onObjects(bucket, "DeleteObject");

const listObjects = (bucket: aws.s3.Bucket): Grant => ({ actions: ["s3:ListBucket"], resources: [bucket.arn] });

const onObjects = (bucket: aws.s3.Bucket, ...operations: string[]): Grant => ({
  actions: operations.map(operation => `s3:${operation}`),
  resources: [pulumi.interpolate`${bucket.arn}/*`],
});

/** What Firehose needs of its bucket. Source: https://docs.aws.amazon.com/firehose/latest/dev/console-managed-roles.html */
const writeArchive = (bucket: aws.s3.Bucket): Grant[] => [
  onObjects(bucket, "GetObject", "PutObject", "AbortMultipartUpload"),
  { actions: ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], resources: [bucket.arn] },
];

/** What SNS needs of a delivery stream; AWS also names ListDeliveryStreams, which supports no resource-level permissions. Source: https://docs.aws.amazon.com/sns/latest/dg/prereqs-kinesis-data-firehose.html */
const putRecords = (stream: aws.kinesis.FirehoseDeliveryStream): Grant => ({
  actions: ["DescribeDeliveryStream", "ListTagsForDeliveryStream", "PutRecord", "PutRecordBatch"].map(operation => `firehose:${operation}`),
  resources: [stream.arn],
});

const publish = (topic: aws.sns.Topic): Grant => ({ actions: ["sns:Publish"], resources: [topic.arn] });

const send = (queue: aws.sqs.Queue): Grant => ({ actions: ["sqs:SendMessage"], resources: [queue.arn] });

/** Receives messages: what an event source mapping needs, and changing the visibility timeout. */
const receive = (queue: aws.sqs.Queue): Grant => ({
  actions: ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes", "ChangeMessageVisibility"].map(operation => `sqs:${operation}`),
  resources: [queue.arn],
});

/** Counts the messages of a queue. */
const measure = (queue: aws.sqs.Queue): Grant => ({ actions: ["sqs:GetQueueAttributes"], resources: [queue.arn] });

/** What a worker does with its queue: receives, extends, deletes messages, and sends copies of them back. */
const work = (queue: aws.sqs.Queue): Grant => ({
  actions: ["ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "SendMessage"].map(operation => `sqs:${operation}`),
  resources: [queue.arn],
});

/** What Firehose may do with the function that transforms its records. Source: https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html */
const transform = (lambda: aws.lambda.Function): Grant => ({
  actions: ["lambda:InvokeFunction", "lambda:GetFunctionConfiguration"],
  resources: [lambda.arn, latestOf(lambda)],
});

/** The ARN of a function's only version. */
const latestOf = ({ arn }: aws.lambda.Function): pulumi.Output<string> => pulumi.interpolate`${arn}:$LATEST`;

const invoke = (lambda: aws.lambda.Function): Grant => ({ actions: ["lambda:InvokeFunction"], resources: [lambda.arn] });

const start = (machine: aws.sfn.StateMachine): Grant => ({ actions: ["states:StartExecution"], resources: [machine.arn] });

const createSchedules = (group: aws.scheduler.ScheduleGroup): Grant => ({
  actions: ["scheduler:CreateSchedule"],
  resources: [
    pulumi.all([group.arn, group.name]).apply(([arn, name]) => {
      const { partition, region, account } = parseArn(arn);
      return `arn:${partition}:scheduler:${region}:${account}:schedule/${name}/*`;
    }),
  ],
});

const passRole = (role: aws.iam.Role): Grant => ({ actions: ["iam:PassRole"], resources: [role.arn] });

const writeLogs = (group: aws.cloudwatch.LogGroup): Grant => ({
  actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
  resources: [pulumi.interpolate`${group.arn}:*`],
});

/** Sends traces to X-Ray. They support no resource-level permissions. Source: https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html */
const sendTraces: Grant = { actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], resources: ["*"] };

/** Step Functions also asks X-Ray what to trace. Source: https://docs.aws.amazon.com/step-functions/latest/dg/xray-iam.html */
const traceExecutions: Grant = {
  actions: [...sendTraces.actions, "xray:GetSamplingRules", "xray:GetSamplingTargets"],
  resources: sendTraces.resources,
};

/** Pulls an image. `GetAuthorizationToken` takes no resource. */
const pullImage = (repositoryArn: pulumi.Input<string>): Grant[] => [
  { actions: ["ecr:GetAuthorizationToken"], resources: ["*"] },
  {
    actions: ["BatchCheckLayerAvailability", "GetDownloadUrlForLayer", "BatchGetImage"].map(operation => `ecr:${operation}`),
    resources: [repositoryArn],
  },
];

/** Reads and sets the desired count of an ECS service. */
const scaleService = (cluster: aws.ecs.Cluster, service: string): Grant => ({
  actions: ["ecs:DescribeServices", "ecs:UpdateService"],
  resources: [
    pulumi.all([cluster.arn, cluster.name]).apply(([arn, name]) => {
      const { partition, region, account } = parseArn(arn);
      return `arn:${partition}:ecs:${region}:${account}:service/${name}/${service}`;
    }),
  ],
});

/** Encrypts, makes encrypted keys, or decrypts with a KMS key, under an encryption context that names a workspace (T...) or an organisation (E...). */
const encryptUnder =
  (contextKey: string) =>
  (key: aws.kms.Key): Grant =>
    useUnder(contextKey, key, "Encrypt");
const generateKeyUnder =
  (contextKey: string) =>
  (key: aws.kms.Key): Grant =>
    useUnder(contextKey, key, "GenerateDataKey");
const decryptUnder =
  (contextKey: string) =>
  (key: aws.kms.Key): Grant =>
    useUnder(contextKey, key, "Decrypt");

const useUnder = (contextKey: string, key: aws.kms.Key, operation: string): Grant => ({
  actions: [`kms:${operation}`],
  resources: [key.arn],
  condition: { StringLike: { [`kms:EncryptionContext:${contextKey}`]: ["T*", "E*"] } },
});

/** Reads one parameter. The AWS managed key that encrypts it needs no grant. */
const readParameter = ({ arn }: aws.ssm.Parameter): Grant => ({ actions: ["ssm:GetParameters"], resources: [arn] });

/**
 * Invokes one model of Amazon Bedrock, in the region and account of the queue. An inference profile (`us.anthropic...`) invokes the model
 * in any region of its geography, which needs a grant too.
 */
const invokeModel = (model: string, queue: aws.sqs.Queue): Grant => {
  const place = queue.arn.apply(parseArn);
  const [, profiled] = /^(?:us|us-gov|eu|apac|jp|au|ca|global)\.(.+)$/.exec(model) ?? [];
  const resources =
    profiled === undefined
      ? [place.apply(({ partition, region }) => `arn:${partition}:bedrock:${region}::foundation-model/${model}`)]
      : [
          place.apply(({ partition, region, account }) => `arn:${partition}:bedrock:${region}:${account}:inference-profile/${model}`),
          place.apply(({ partition }) => `arn:${partition}:bedrock:*::foundation-model/${profiled}`),
        ];
  return { actions: ["bedrock:InvokeModelWithResponseStream"], resources };
};

/** Applies one guardrail of Amazon Bedrock, `ID:VERSION`, in the region and account of the queue. */
const applyGuardrail = (guardrail: string, queue: aws.sqs.Queue): Grant => ({
  actions: ["bedrock:ApplyGuardrail"],
  resources: [
    queue.arn.apply(arn => {
      const { partition, region, account } = parseArn(arn);
      return `arn:${partition}:bedrock:${region}:${account}:guardrail/${guardrail.split(":")[0]}`;
    }),
  ],
});

/** Invokes an agent in AgentCore's runtime, through any of its endpoints. */
const invokeRuntime = (runtimeArn: pulumi.Output<string>): Grant => ({
  actions: ["bedrock-agentcore:InvokeAgentRuntime"],
  resources: [runtimeArn, pulumi.interpolate`${runtimeArn}/runtime-endpoint/*`],
});

/** Invokes a runtime that is not the program's own, and stops its sessions. */
const useRuntime = (runtimeArn: string): Grant => {
  const { actions, resources } = invokeRuntime(pulumi.output(runtimeArn));
  return { actions: [...actions, "bedrock-agentcore:StopRuntimeSession"], resources };
};

/** Calls tools through an AgentCore Gateway. */
const invokeGateway = (gatewayArn: pulumi.Output<string>): Grant => ({
  actions: ["bedrock-agentcore:InvokeGateway"],
  resources: [gatewayArn],
});

/** Writes the log of an AgentCore runtime, whose log group AgentCore names, in the region and account of the queue. */
const writeRuntimeLogs = (queue: aws.sqs.Queue): Grant[] => {
  const groups = queue.arn.apply(arn => {
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
    Statement: grants.map(({ actions, resources, condition }) => ({
      Effect: "Allow",
      Action: actions,
      Resource: resources,
      ...(condition && { Condition: condition }),
    })),
  });

/** The service that assumes a role. */
interface Principal {
  service: string;
  /**
   * The service may assume the role only for resources in the account of this one. Without it, a service that works for all accounts could be
   * tricked by another account into using the role. Not needed for Lambda, which assumes the roles of its own functions only.
   */
  inAccountOf?: { arn: pulumi.Output<string> };
}

/** A role that one service may assume, with just these grants, and the policy that holds them: dependents have to wait for the policy. */
const createRole = (name: string, principal: Principal, grants: Grant[], opts: pulumi.ResourceOptions) => {
  const role = createBareRole(name, principal, opts);
  return { role, policy: grantTo(name, role, grants, opts) };
};

/** A role without grants, for resources that need the role before the resources in its grants exist. */
const createBareRole = (name: string, { service, inAccountOf }: Principal, opts: pulumi.ResourceOptions): aws.iam.Role =>
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
            ...(inAccountOf && { Condition: { StringEquals: { "aws:SourceAccount": accountOf(inAccountOf) } } }),
          },
        ],
      }),
    },
    opts,
  );

const grantTo = (name: string, role: aws.iam.Role, grants: Grant[], opts: pulumi.ResourceOptions): aws.iam.RolePolicy =>
  new aws.iam.RolePolicy(name, { role: role.id, policy: policyOf(grants) }, opts);

const accountOf = ({ arn }: { arn: pulumi.Output<string> }): pulumi.Output<string> => arn.apply(text => parseArn(text).account);

export type { Grant, Verbs };
export {
  accountOf,
  applyGuardrail,
  checkItems,
  createBareRole,
  createRole,
  createSchedules,
  decryptUnder,
  deleteItems,
  deleteObjects,
  encryptUnder,
  generateKeyUnder,
  grantTo,
  invoke,
  invokeGateway,
  invokeModel,
  invokeRuntime,
  latestOf,
  listObjects,
  measure,
  passRole,
  policyOf,
  publish,
  pullImage,
  put,
  putRecords,
  query,
  queryBoards,
  queryTable,
  queryTop,
  read,
  readMany,
  readObjects,
  readParameter,
  readWrite,
  receive,
  scaleService,
  scan,
  send,
  sendTraces,
  start,
  traceExecutions,
  transform,
  update,
  useRuntime,
  work,
  writeArchive,
  writeLogs,
  writeObjects,
  writeRuntimeLogs,
};
