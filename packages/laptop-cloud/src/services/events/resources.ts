import { acts, inert, physicalName, refusalOf } from "../../kernel/declared";
import type { Declared, PolicyDocument, PolicyStatement, ResourceKind } from "../../kernel/service";
import { busArn, busNameOf, isName, ruleArn } from "./names";
import { parsePolicy, permissionStatement } from "./policy";
import { parseRule, type RuleDefinition } from "./rule";
import { parseTarget, type Target } from "./target";

const deployment = "only matters to a deployment";

/** What belongs to one bus; the default one if none is named. */
const properties = (more: ResourceKind["properties"]): ResourceKind["properties"] => ({ ...acts("eventBusName"), ...more });

const eventBus: ResourceKind = {
  properties: {
    ...acts("name", "description", "tags"),
    ...inert("only acts on encrypted buses", "deadLetterConfig"),
    ...inert("nothing is encrypted at rest", "kmsKeyIdentifier"),
    ...inert("deliveries show on the page instead of in logs", "logConfig"),
  },
  check: declared =>
    isName(physicalName(declared), 256)
      ? undefined
      : `the bus's name is ${JSON.stringify(physicalName(declared))}, but may contain only letters, digits, . - and _.`,
  outputs: (declared, place) => {
    const name = physicalName(declared);
    return { id: name, name, arn: busArn(name, place), tagsAll: declared.inputs["tags"] ?? {} };
  },
};

const eventRule: ResourceKind = {
  properties: properties({
    ...acts("name", "namePrefix", "description", "eventPattern", "scheduleExpression", "isEnabled", "state", "tags"),
    ...inert("each target has its own role", "roleArn"),
    ...inert(deployment, "forceDestroy"),
  }),
  check: declared => refusalOf(() => readRule(declared)),
  outputs: (declared, place) => {
    const { Name, EventBusName } = readRule(declared);
    const id = declared.inputs["eventBusName"] === undefined ? Name : `${EventBusName}/${Name}`;
    const eventBusName = declared.inputs["eventBusName"] ?? EventBusName;
    return { id, name: Name, eventBusName, arn: ruleArn(EventBusName, Name, place), tagsAll: declared.inputs["tags"] ?? {} };
  },
};

/** A declared rule in the format of PutRule. Throws `AwsError`. */
const readRule = (declared: Declared): RuleDefinition => {
  const { eventBusName, eventPattern, scheduleExpression, description, isEnabled, state } = declared.inputs;
  return parseRule({
    Name: physicalName(declared),
    EventBusName: eventBusName,
    EventPattern: eventPattern,
    ScheduleExpression: scheduleExpression,
    Description: description,
    State: state ?? (isEnabled === false ? "DISABLED" : "ENABLED"),
  });
};

const eventTarget: ResourceKind = {
  properties: properties({
    ...acts("rule", "targetId", "arn", "roleArn", "input", "inputPath", "inputTransformer", "deadLetterConfig", "retryPolicy"),
    ...inert(deployment, "forceDestroy"),
  }),
  check: declared => refusalOf(() => readTarget(declared)),
  outputs: declared => {
    const { eventBusName, rule } = declared.inputs;
    const { Id } = readTarget(declared);
    return { id: [busNameOf(eventBusName), rule, Id].join("-"), targetId: Id, eventBusName: eventBusName ?? "default" };
  },
};

/** A declared target in the format of PutTargets. Throws `AwsError`. */
const readTarget = ({ name, inputs }: Declared): Target => {
  const { inputTransformer, deadLetterConfig, retryPolicy } = inputs;
  return parseTarget({
    Id: inputs["targetId"] ?? name,
    Arn: inputs["arn"],
    RoleArn: inputs["roleArn"],
    Input: inputs["input"],
    InputPath: inputs["inputPath"],
    InputTransformer: inputTransformer && { InputPathsMap: inputTransformer.inputPaths, InputTemplate: inputTransformer.inputTemplate },
    DeadLetterConfig: deadLetterConfig && { Arn: deadLetterConfig.arn },
    RetryPolicy: retryPolicy && {
      MaximumEventAgeInSeconds: retryPolicy.maximumEventAgeInSeconds,
      MaximumRetryAttempts: retryPolicy.maximumRetryAttempts,
    },
  });
};

const eventPermission: ResourceKind = {
  properties: properties(acts("principal", "statementId", "action")),
  check: declared => refusalOf(() => readStatement(declared, "")),
  outputs: ({ inputs }) => ({ id: `${busNameOf(inputs["eventBusName"])}/${inputs["statementId"]}` }),
};

/** A declared permission as a statement of the bus's policy. Throws `AwsError`. */
const readStatement = ({ inputs }: Declared, arn: string): PolicyStatement =>
  permissionStatement({
    StatementId: inputs["statementId"],
    Principal: inputs["principal"],
    Action: inputs["action"],
    busArn: arn,
  });

const eventBusPolicy: ResourceKind = {
  properties: properties(acts("policy")),
  check: declared => refusalOf(() => readPolicy(declared)),
  outputs: ({ inputs }) => ({ id: busNameOf(inputs["eventBusName"]) }),
};

/** Throws `AwsError`. */
const readPolicy = ({ inputs }: Declared): PolicyDocument => {
  const policy: unknown = inputs["policy"];
  return parsePolicy(typeof policy === "string" ? policy : JSON.stringify(policy));
};

/** The resource types of EventBridge that are imitated. */
const resources: Record<string, ResourceKind> = {
  "aws:cloudwatch/eventBus:EventBus": eventBus,
  "aws:cloudwatch/eventBusPolicy:EventBusPolicy": eventBusPolicy,
  "aws:cloudwatch/eventPermission:EventPermission": eventPermission,
  "aws:cloudwatch/eventRule:EventRule": eventRule,
  "aws:cloudwatch/eventTarget:EventTarget": eventTarget,
};

export { readPolicy, readRule, readStatement, readTarget, resources };
