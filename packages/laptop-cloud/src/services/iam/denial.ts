import type { FunctionCaller, RoleCaller, ServiceCaller } from "../../kernel/caller";
import type { PolicyStatement } from "../../kernel/service";
import { contextOf, type Request } from "./context";
import type { Verdict } from "./evaluation";
import type { Statement } from "./policy";
import type { Role } from "./roles";

/** Messages for denied requests. They begin like AWS's, and end with the missing statement, ready to paste. */

/** No policy of the role allows it. */
const ungranted = (request: Request, role: Role, nearMiss: Verdict["nearMiss"]): string =>
  `${opening(request)} because no identity-based policy allows the ${request.action} action. ` +
  (nearMiss === undefined
    ? `The role "${role.declaredAs}" lacks ${statement({ Effect: "Allow", Action: request.action, Resource: request.resource })}`
    : almost(request, nearMiss));

/** The resource's policy, without which the role's own policies don't count, allows it neither to the role nor to the account. */
const notDelegated = (request: Request, role: Role, nearMiss: Verdict["nearMiss"]): string => {
  const Principal = { AWS: role.arn };
  return (
    `${opening(request)} because no resource-based policy allows the ${request.action} action. ` +
    (nearMiss === undefined
      ? `The resource's policy lacks ${statement({ Effect: "Allow", Principal, Action: request.action, Resource: "*" })}`
      : almost(request, nearMiss))
  );
};

/** A statement forbids it. */
const explicit = (request: Request, role: Role | undefined, refusing: Statement): string =>
  `${opening(request)} with an explicit deny in ${refusing.principals === undefined ? "an identity-based" : "a resource-based"} policy: ` +
  `statement ${refusing.title} of ${refusing.policy}${role === undefined ? "" : ` (role "${role.declaredAs}")`}.`;

/** A service acts in its own name, and the resource policy does not allow it. */
const uninvited = (request: Request, caller: ServiceCaller, nearMiss: Verdict["nearMiss"]): string =>
  `${opening(request)} because no resource-based policy allows the ${request.action} action. ` +
  (nearMiss === undefined
    ? `The resource's policy lacks ${statement({
        Effect: "Allow",
        Principal: { Service: caller.principal },
        Action: request.action,
        Resource: request.resource,
        Condition: { ArnLike: { "aws:SourceArn": caller.sourceArn } },
      })}`
    : almost(request, nearMiss));

/** The role does not exist. */
const undeclared = (caller: FunctionCaller | RoleCaller, action: string, resource: string): string =>
  `${assumedRole(caller)} is not authorized to perform: ${action} on resource: ${resource} because the program declares no role ${caller.roleArn}.`;

/** The trust policy does not allow the service to assume the role. */
const distrusted = (role: Role, principal: string, { denial, nearMiss }: Verdict): string => {
  const opening = `${principal} is not authorized to perform: sts:AssumeRole on resource: ${role.arn}`;
  if (denial !== undefined) return `${opening} with an explicit deny: statement ${denial.title} of ${denial.policy}.`;
  if (nearMiss !== undefined)
    return `${opening}: statement ${nearMiss.statement.title} of ${nearMiss.statement.policy} would allow it, but for its condition ${nearMiss.condition.operator} on ${nearMiss.condition.key}.`;
  const missing = statement({ Effect: "Allow", Principal: { Service: principal }, Action: "sts:AssumeRole" });
  return `${opening}. The trust policy (assumeRolePolicy) of the role "${role.declaredAs}" lacks ${missing}`;
};

const opening = ({ caller, action, resource }: Request) =>
  `${caller.kind === "function" || caller.kind === "role" ? assumedRole(caller) : caller.kind === "service" ? `Service: ${caller.principal} (for ${caller.sourceArn})` : "The administrator"} is not authorized to perform: ${action} on resource: ${resource}`;

const assumedRole = (caller: FunctionCaller | RoleCaller) => {
  const session = caller.kind === "function" ? caller.function : caller.principal;
  return `User: ${caller.roleArn.replace(":iam:", ":sts:").replace(/:role\/(?:.*\/)?/, ":assumed-role/")}/${session}`;
};

const almost = (request: Request, { statement, condition }: NonNullable<Verdict["nearMiss"]>) => {
  const found = contextOf(request).get(condition.key.toLowerCase());
  return (
    `Statement ${statement.title} of ${statement.policy} would allow it, but for its condition ${condition.operator} on ${condition.key}, ` +
    `which is ${found === undefined ? "absent" : JSON.stringify(found.length === 1 ? found[0] : found)} in this request.`
  );
};

const statement = (missing: PolicyStatement) => JSON.stringify(missing);

export { distrusted, explicit, notDelegated, undeclared, ungranted, uninvited };
