/** Rules that every resource of the program must keep (ADR 58). Each lists the offences that it finds, by resource. */

import { existsSync } from "node:fs";
import { join } from "node:path";

interface Declared {
  type: string;
  name: string;
  // biome-ignore lint/suspicious/noExplicitAny: the inputs of every resource type of @pulumi/aws.
  inputs: Record<string, any>;
}

interface Statement {
  Effect: string;
  Principal?: unknown;
  Action: string | string[];
  Resource?: string | string[];
}

/** The only wildcards: actions, and the resources that they may name with a star. */
const WILDCARDS: readonly [action: RegExp, resource: RegExp][] = [
  // These actions know no resource.
  [/^ecr:GetAuthorizationToken$/, /^\*$/],
  [/^xray:(PutTraceSegments|PutTelemetryRecords|GetSamplingRules|GetSamplingTargets)$/, /^\*$/],
  // What is in one log group, one bucket, one group of schedules.
  [/^logs:(CreateLogStream|PutLogEvents)$/, /^arn:[^*]+:\*$/],
  [/^s3:(GetObject|PutObject|DeleteObject|AbortMultipartUpload)$/, /^arn:aws:s3:::[^*/]+\/\*$/],
  [/^scheduler:CreateSchedule$/, /:schedule\/[^*/]+\/\*$/],
  // An inference profile uses a model in any region of its geography.
  [/^bedrock:InvokeModel/, /^arn:aws:bedrock:\*::foundation-model\/[^*]+$/],
  // AgentCore names its log groups itself; a runtime has endpoints.
  [/^logs:(CreateLogGroup|DescribeLogStreams)$/, /:log-group:\/aws\/bedrock-agentcore\/runtimes\/\*$/],
  [/^logs:(CreateLogStream|PutLogEvents)$/, /:log-group:\/aws\/bedrock-agentcore\/runtimes\/\*:log-stream:\*$/],
  [/^bedrock-agentcore:(InvokeAgentRuntime|StopRuntimeSession)$/, /\/runtime-endpoint\/\*$/],
];

const root = join(__dirname, "..");

const listOf = <T>(value: T | T[] | undefined): T[] => (value === undefined ? [] : ([value].flat() as T[]));

const ofType = (resources: readonly Declared[], type: RegExp) => resources.filter(resource => type.test(resource.type));

const tell = ({ type, name }: Declared, what: string) => `${type} ${name}: ${what}`;

/** All policy documents: of roles, queues, topics and buckets. */
const statementsOf = ({ inputs }: Declared): Statement[] => {
  const { policy } = inputs;
  if (typeof policy !== "string") return [];
  return (JSON.parse(policy) as { Statement: Statement[] }).Statement.filter(({ Effect }) => Effect === "Allow");
};

const noOpenIngress = (resources: readonly Declared[]): string[] => [
  ...ofType(resources, /^aws:(ec2\/securityGroupRule|vpc\/securityGroupIngressRule|lambda\/functionUrl):/).map(each =>
    tell(each, "lets strangers in"),
  ),
  ...ofType(resources, /^aws:ec2\/securityGroup:/).flatMap(each =>
    listOf(each.inputs["ingress"]).length === 0 ? [] : [tell(each, "has ingress")],
  ),
  ...ofType(resources, /^aws:lambda\/permission:/).flatMap(each =>
    /\.amazonaws\.com$/.test(each.inputs["principal"]) && each.inputs["sourceArn"] ? [] : [tell(each, "must name a service and a source")],
  ),
  ...ofType(resources, /^aws:s3\/bucket:/).flatMap(each => {
    const block = resources.find(({ type, name }) => type.startsWith("aws:s3/bucketPublicAccessBlock:") && name === each.name)?.inputs;
    const keys = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];
    return keys.every(key => block?.[key] === true) ? [] : [tell(each, "must block public access")];
  }),
  ...resources.flatMap(each =>
    statementsOf(each).some(({ Principal }) => JSON.stringify(Principal ?? "").includes('"*"')) ? [tell(each, "lets everybody in")] : [],
  ),
];

const noWildcard = (resources: readonly Declared[]): string[] =>
  resources.flatMap(each =>
    statementsOf(each).flatMap(({ Action, Resource }) => [
      ...listOf(Action).flatMap(action => (action.includes("*") ? [tell(each, `allows ${action}`)] : [])),
      ...listOf(Resource)
        .filter(resource => resource.includes("*"))
        .filter(resource => !listOf(Action).every(action => WILDCARDS.some(([may, on]) => may.test(action) && on.test(resource))))
        .map(resource => tell(each, `allows ${listOf(Action).join(", ")} on ${resource}`)),
    ]),
  );

const retention = (resources: readonly Declared[]): string[] => {
  const groups = ofType(resources, /^aws:cloudwatch\/logGroup:/);
  const names = groups.map(({ inputs }) => inputs["name"]);
  return [
    ...groups.flatMap(each => (each.inputs["retentionInDays"] > 0 ? [] : [tell(each, "keeps its lines forever")])),
    // Lambda makes a log group without an end for a function that names none.
    ...ofType(resources, /^aws:lambda\/function:/).flatMap(each =>
      names.includes(each.inputs["loggingConfig"]?.logGroup) ? [] : [tell(each, "must name a log group of the program")],
    ),
  ];
};

/** DynamoDB and S3 encrypt by themselves; what is not encrypted by itself must say so. Topics store nothing for long. */
const encryption = (resources: readonly Declared[]): string[] => [
  ...ofType(resources, /^aws:sqs\/queue:/).flatMap(each =>
    each.inputs["sqsManagedSseEnabled"] === true || each.inputs["kmsMasterKeyId"] ? [] : [tell(each, "must be encrypted")],
  ),
  ...ofType(resources, /^aws:ssm\/parameter:/).flatMap(each =>
    each.inputs["type"] === "SecureString" ? [] : [tell(each, "must be a SecureString")],
  ),
];

const tlsOnly = (resources: readonly Declared[]): string[] => [
  ...ofType(resources, /^aws:s3\/bucket:/).flatMap(each => {
    const policy = resources.find(({ type, name }) => type.startsWith("aws:s3/bucketPolicy:") && name === each.name)?.inputs["policy"];
    const refuses = (text: string) => /"Effect":"Deny"/.test(text) && /"aws:SecureTransport":"false"/.test(text);
    return typeof policy === "string" && refuses(policy) ? [] : [tell(each, "must refuse connections without TLS")];
  }),
  ...ofType(resources, /^aws:apigatewayv2\/domainName:/).flatMap(each =>
    each.inputs["domainNameConfiguration"].securityPolicy === "TLS_1_2" ? [] : [tell(each, "must require TLS 1.2")],
  ),
];

/** A queue that somebody's failed events end in has an alarm, and what is delivered to asynchronously has such a queue. */
const alarms = (resources: readonly Declared[]): string[] => {
  const watched = ofType(resources, /^aws:cloudwatch\/metricAlarm:/);
  const errors = resources.find(({ type, name }) => type.startsWith("aws:sns/topic:") && name === "errors");
  return [
    ...ofType(resources, /^aws:sqs\/queue:/)
      .filter(({ inputs }) => inputs["redrivePolicy"] === undefined)
      .flatMap(each => {
        const isWatched = watched.some(({ inputs }) => inputs["dimensions"]?.QueueName === (each.inputs["name"] ?? each.name));
        return isWatched ? [] : [tell(each, "must have an alarm")];
      }),
    ...ofType(resources, /^aws:sns\/topicSubscription:/).flatMap(each =>
      /^email/.test(each.inputs["protocol"]) || each.inputs["redrivePolicy"] ? [] : [tell(each, "must have dead letters")],
    ),
    ...ofType(resources, /^aws:scheduler\/schedule:/).flatMap(each =>
      each.inputs["target"].deadLetterConfig ? [] : [tell(each, "must have dead letters")],
    ),
    ...watched.flatMap(each =>
      errors !== undefined && listOf<string>(each.inputs["alarmActions"]).length > 0 && each.inputs["alarmDescription"]
        ? []
        : [tell(each, "must tell somebody what to do")],
    ),
  ];
};

/** Somebody whom an alarm wakes up finds a page that says what to do. Alarms that start and end containers wake nobody. */
const runbooks = (resources: readonly Declared[]): string[] =>
  ofType(resources, /^aws:cloudwatch\/metricAlarm:/)
    .filter(
      ({ inputs }) => !listOf<string>(inputs["alarmActions"]).some(action => action.includes("scaling") || /-(grow|end)$/.test(action)),
    )
    .flatMap(each => {
      const [, page] = /See (docs\/runbooks\/[\w-]+\.md)\.$/.exec(String(each.inputs["alarmDescription"])) ?? [];
      return page !== undefined && existsSync(join(root, page)) ? [] : [tell(each, "must name a runbook that exists")];
    });

/** Production keeps data. */
const protection = (resources: readonly Declared[]): string[] => [
  ...ofType(resources, /^aws:dynamodb\/table:/).flatMap(each =>
    each.inputs["deletionProtectionEnabled"] && each.inputs["pointInTimeRecovery"]?.enabled ? [] : [tell(each, "must be restorable")],
  ),
  ...ofType(resources, /^aws:s3\/bucket:/).flatMap(each => {
    const isVersioned = resources.some(({ type, name }) => type.startsWith("aws:s3/bucketVersioning:") && name === each.name);
    return isVersioned && !each.inputs["forceDestroy"] ? [] : [tell(each, "must keep old versions")];
  }),
];

const RULES = {
  "has no open ingress": noOpenIngress,
  "has no wildcard in a policy, except the named ones": noWildcard,
  "keeps no log forever": retention,
  "encrypts what it stores": encryption,
  "takes no connection without TLS": tlsOnly,
  "has an alarm for everything with dead letters": alarms,
  "has a runbook for every alarm": runbooks,
};

export type { Declared };
export { protection, RULES };
