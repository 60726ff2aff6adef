import type { FunctionCaller } from "../../../src/kernel/caller";
import type { Declared, Place, PolicyStatement } from "../../../src/kernel/service";
import { iam } from "../../../src/services/iam";
import { createAuthorizer } from "../../../src/services/iam/authorizer";
import { declareAll } from "../../../src/testing/declare-all";

const place: Place = { region: "us-east-1", account: "000000000000", awsUrl: "http://127.0.0.1:4566", pageUrl: "http://127.0.0.1:3000" };

const trusting = (...services: string[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { Service: services }, Action: "sts:AssumeRole" }] });

const roleNamed = (name: string, inputs: Declared["inputs"] = {}): Declared => ({
  type: "aws:iam/role:Role",
  name,
  inputs: { assumeRolePolicy: trusting("lambda.amazonaws.com", "scheduler.amazonaws.com"), ...inputs },
});

const rolePolicy = (role: string, ...statements: PolicyStatement[]): Declared => ({
  type: "aws:iam/rolePolicy:RolePolicy",
  name: `${role}-policy`,
  inputs: { role, policy: JSON.stringify({ Version: "2012-10-17", Statement: statements }) },
});

const authorizerOf = (...resources: Declared[]) =>
  createAuthorizer(declareAll([iam], place, resources), place, () => Date.UTC(2026, 10, 22));

const functionWith = (role: string): FunctionCaller => ({
  kind: "function",
  function: "words-webhook",
  functionArn: `arn:aws:lambda:us-east-1:${place.account}:function:words-webhook`,
  roleArn: `arn:aws:iam::${place.account}:role/${role}`,
  environment: "e1",
});

export { authorizerOf, functionWith, place, roleNamed, rolePolicy, trusting };
