import { physicalName, refusalOf } from "../../kernel/declared";
import type { Declared, Inert, PolicyDocument, PolicyStatement, ResourceKind } from "../../kernel/service";
import { busArn, busNameOf, isName, ruleArn } from "./names";
import { parsePolicy, permissionStatement } from "./policy";
import { parseRule, type RuleDefinition } from "./rule";
import { parseTarget, type Target } from "./target";

const oneRegion: Inert = { inert: "the laptop has one region" };
const deployment: Inert = { inert: "only matters to a deployment" };

/** What belongs to one bus; the default one if none is named. */
const properties = (more: ResourceKind["properties"]): ResourceKind["properties"] => ({ region: oneRegion, eventBusName: "acts", ...more });

const eventBus: ResourceKind = {
  properties: {
    name: "acts",
    description: "acts",
    tags: "acts",
    deadLetterConfig: { inert: "only acts on encrypted buses" },
    kmsKeyIdentifier: { inert: "nothing is encrypted at rest" },
    logConfig: { inert: "deliveries show on the page instead of in logs" },
    region: oneRegion,
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
    name: "acts",
    namePrefix: "acts",
    description: "acts",
    eventPattern: "acts",
    scheduleExpression: "acts",
    isEnabled: "acts",
    state: "acts",
    tags: "acts",
    roleArn: { inert: "each target has its own role" },
    forceDestroy: deployment,
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
    rule: "acts",
    targetId: "acts",
    arn: "acts",
    roleArn: "acts",
    input: "acts",
    inputPath: "acts",
    inputTransformer: "acts",
    deadLetterConfig: "acts",
    retryPolicy: "acts",
    forceDestroy: deployment,
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
  properties: properties({ principal: "acts", statementId: "acts", action: "acts" }),
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
  properties: properties({ policy: "acts" }),
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
