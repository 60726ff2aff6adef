import { type EvaluationResult, runSimulation } from "@cloud-copilot/iam-simulate";
import fc from "fast-check";
import type { AuthorizeMore, PolicyStatement } from "../../../src/kernel/service";
import { authorizerOf, functionWith, place, roleNamed, rolePolicy } from "./inventory";

/** Compares our evaluator with iam-simulate on random policies: the decisions must be the same. */

const queue = (name: string) => `arn:aws:sqs:us-east-1:${place.account}:${name}`;
const roleArn = `arn:aws:iam::${place.account}:role/doer`;

const actions = fc.constantFrom("sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueUrl");
const actionPatterns = fc.oneof(actions, fc.constantFrom("*", "sqs:*", "SQS:sendmessage", "sqs:*Message", "sqs:Re?eive*", "sns:*"));
const resources = fc.constantFrom(queue("jobs"), queue("jobs-dead"), queue("other"));
const resourcePatterns = fc.oneof(
  resources,
  fc.constantFrom("*", "arn:aws:sqs:*:*:*", queue("jobs*"), queue("?obs"), queue("*-dead"), "arn:aws:sqs:*:*:jobs", "arn:aws:sns:*:*:*"),
);

const region = fc.constantFrom("us-east-1", "eu-west-1", "US-EAST-1", "us-*");
const conditions = fc.oneof(
  fc.constant(undefined),
  fc
    .tuple(
      fc.constantFrom("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringLike", "StringNotLike", "StringEqualsIfExists"),
      fc.array(region, { minLength: 1, maxLength: 2 }),
    )
    .map(([operator, values]) => ({ [operator]: { "aws:RequestedRegion": values } })),
  fc
    .tuple(
      fc.constantFrom("ArnLike", "ArnEquals", "ArnNotLike", "ArnNotEquals"),
      fc.constantFrom(roleArn, "arn:aws:iam::*:role/d*", "arn:aws:iam::*:role/x"),
    )
    .map(([operator, value]) => ({ [operator]: { "aws:PrincipalArn": value } })),
  fc
    .tuple(
      fc.constantFrom("Bool", "Null", "BoolIfExists"),
      fc.constantFrom("aws:SecureTransport", "aws:SourceArn"),
      fc.constantFrom("true", "false"),
    )
    .filter(([operator, key]) => key === "aws:SecureTransport" || operator === "Null")
    .map(([operator, key, value]) => ({ [operator]: { [key]: value } })),
  fc
    .tuple(
      fc.constantFrom("NumericLessThan", "NumericGreaterThanEquals", "NumericEquals"),
      fc.constantFrom("0", "1795305600", "9999999999"),
    )
    .map(([operator, value]) => ({ [operator]: { "aws:EpochTime": value } })),
);

const some = <T>(item: fc.Arbitrary<T>) => fc.array(item, { minLength: 1, maxLength: 2 });
const effect = fc.constantFrom("Allow" as const, "Allow" as const, "Deny" as const);
const withoutUndefined = (statement: PolicyStatement): PolicyStatement => JSON.parse(JSON.stringify(statement));

const identityStatement: fc.Arbitrary<PolicyStatement> = fc
  .record({
    effect,
    action: some(actionPatterns),
    resource: some(resourcePatterns),
    condition: conditions,
    notAction: fc.boolean(),
    notResource: fc.boolean(),
  })
  .map(({ effect, action, resource, condition, notAction, notResource }) =>
    withoutUndefined({
      Effect: effect,
      ...(notAction ? { NotAction: action } : { Action: action }),
      ...(notResource ? { NotResource: resource } : { Resource: resource }),
      Condition: condition,
    }),
  );

const principals = fc.constantFrom<NonNullable<PolicyStatement["Principal"]>>(
  "*",
  { AWS: "*" },
  { AWS: roleArn },
  { AWS: `arn:aws:iam::${place.account}:role/other` },
  { AWS: place.account },
  { AWS: `arn:aws:iam::${place.account}:root` },
  { Service: "sns.amazonaws.com" },
);
const resourceStatement: fc.Arbitrary<PolicyStatement> = fc
  .record({ effect, principal: principals, action: some(actionPatterns), resource: some(resourcePatterns), condition: conditions })
  .map(({ effect, principal, action, resource, condition }) =>
    withoutUndefined({ Effect: effect, Principal: principal, Action: action, Resource: resource, Condition: condition }),
  );

const decisionOfReference = async (
  action: string,
  resource: string,
  identity: PolicyStatement[],
  own: PolicyStatement[],
): Promise<EvaluationResult> => {
  const outcome = await runSimulation(
    {
      request: {
        principal: roleArn,
        action,
        resource: { resource, accountId: place.account },
        contextVariables: {
          "aws:PrincipalArn": roleArn,
          "aws:RequestedRegion": "us-east-1",
          "aws:SecureTransport": "true",
          "aws:EpochTime": String(Date.UTC(2026, 10, 22) / 1000),
        },
      },
      identityPolicies: identity.length === 0 ? [] : [{ name: "own", policy: { Version: "2012-10-17", Statement: identity } }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: own.length === 0 ? undefined : { Version: "2012-10-17", Statement: own },
    },
    { simulationMode: "Strict" },
  );
  if (outcome.resultType === "error") throw new Error(JSON.stringify(outcome));
  return outcome.overallResult;
};

describe("iam authorizer compared with iam-simulate", () => {
  it("decides the same on random policies", async () => {
    const property = fc.asyncProperty(
      actions,
      resources,
      fc.array(identityStatement, { maxLength: 3 }),
      fc.array(resourceStatement, { maxLength: 2 }),
      async (action, resource, identity, own) => {
        const authorizer = authorizerOf(roleNamed("doer"), ...(identity.length === 0 ? [] : [rolePolicy("doer", ...identity)]));
        const more: AuthorizeMore = own.length === 0 ? {} : { resourcePolicy: { Version: "2012-10-17", Statement: own } };
        const ours = authorizer.decide(functionWith("doer"), action, resource, more).allowed;
        const theirs = await decisionOfReference(action, resource, identity, own);
        if (ours !== (theirs === "Allowed")) throw new Error(`ours: ${ours}, theirs: ${theirs}`);
      },
    );
    await fc.assert(property, { numRuns: 500 });
  });
});
