import type { Declared, PolicyStatement, ResourceKind } from "../kernel/service";
import { parseFunctionName } from "./function-configuration";

/** aws:lambda/permission:Permission: one statement of a function's resource policy. */
const permissionResource: ResourceKind = {
  properties: {
    action: "acts",
    function: "acts",
    principal: "acts",
    region: { inert: "there is one region" },
    sourceAccount: "acts",
    sourceArn: "acts",
    statementId: "acts",
    statementIdPrefix: "acts",
  },
  outputs: ({ name, inputs }) => ({ id: statementIdOf(name, inputs), statementId: statementIdOf(name, inputs) }),
};

const statementIdOf = (name: string, inputs: Declared["inputs"]): string =>
  inputs["statementId"] ?? `${inputs["statementIdPrefix"] ?? ""}${name}`;

/** The function that a permission is for: its name or ARN, or the function itself, which arrives as a resource. */
const functionOf = ({ inputs }: Declared): string => {
  const given: unknown = inputs["function"];
  const name = typeof given === "string" ? given : (given as { id?: string }).id;
  return parseFunctionName(name ?? "").name;
};

const statementOf = ({ name, inputs }: Declared, functionArn: string): PolicyStatement => {
  const { principal, sourceArn, sourceAccount } = inputs;
  return {
    Sid: statementIdOf(name, inputs),
    Effect: "Allow",
    Principal: principalOf(principal),
    Action: inputs["action"],
    Resource: functionArn,
    Condition: {
      ...(sourceAccount === undefined ? {} : { StringEquals: { "AWS:SourceAccount": sourceAccount } }),
      ...(sourceArn === undefined ? {} : { ArnLike: { "AWS:SourceArn": sourceArn } }),
    },
  };
};

const principalOf = (principal: string): PolicyStatement["Principal"] => {
  if (principal === "*") return "*";
  if (principal.endsWith(".amazonaws.com")) return { Service: principal };
  return { AWS: /^\d{12}$/.test(principal) ? `arn:aws:iam::${principal}:root` : principal };
};

export { functionOf, permissionResource, statementOf };
