import { acts } from "../../../kernel/declared";
import type { Declared, PolicyStatement, ResourceKind } from "../../../kernel/service";
import { parseFunctionName } from "../function-configuration";

/** aws:lambda/permission:Permission: one statement of a function's resource policy. */
const permission: ResourceKind = {
  properties: acts("action", "function", "principal", "sourceAccount", "sourceArn", "statementId", "statementIdPrefix"),
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

interface Permission {
  statementId: string | undefined;
  action: string;
  principal: string;
  sourceArn?: string | undefined;
  sourceAccount?: string | undefined;
}

const statementOf = ({ name, inputs }: Declared, functionArn: string): PolicyStatement => {
  const { action, principal, sourceArn, sourceAccount } = inputs;
  return permissionStatement({ statementId: statementIdOf(name, inputs), action, principal, sourceArn, sourceAccount }, functionArn);
};

const permissionStatement = (
  { statementId, action, principal, sourceArn, sourceAccount }: Permission,
  functionArn: string,
): PolicyStatement => ({
  Sid: statementId,
  Effect: "Allow",
  Principal: principalOf(principal),
  Action: action,
  Resource: functionArn,
  Condition: {
    ...(sourceAccount === undefined ? {} : { StringEquals: { "AWS:SourceAccount": sourceAccount } }),
    ...(sourceArn === undefined ? {} : { ArnLike: { "AWS:SourceArn": sourceArn } }),
  },
});

const principalOf = (principal: string): PolicyStatement["Principal"] => {
  if (principal === "*") return "*";
  if (principal.endsWith(".amazonaws.com")) return { Service: principal };
  return { AWS: /^\d{12}$/.test(principal) ? `arn:aws:iam::${principal}:root` : principal };
};

export { functionOf, permission, permissionStatement, statementOf };
