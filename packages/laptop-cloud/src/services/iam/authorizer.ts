import type { Caller, FunctionCaller, RoleCaller, ServiceCaller } from "../../kernel/caller";
import type { Authorizer, Decision } from "../../kernel/dispatch";
import type { Inventory } from "../../kernel/inventory";
import type { AuthorizeMore, Place, PolicyDocument } from "../../kernel/service";
import type { UsageReport } from "../../kernel/usage";
import { contextOf, type Request } from "./context";
import * as denial from "./denial";
import { evaluate, type Verdict } from "./evaluation";
import { PolicyError } from "./pattern";
import { compilePolicy, type Policy } from "./policy";
import type { Identity } from "./principal";
import { type Role, rolesOf } from "./roles";
import { Usage } from "./usage";

/** An authorizer that also reports grants, used grants and denials. */
interface IamAuthorizer extends Authorizer {
  usage(): UsageReport;
}

const lambdaPrincipal = "lambda.amazonaws.com";

/**
 * Decides as IAM does within one account: an explicit Deny wins. A role needs an Allow in its own policies, or in a resource's
 * policy that names the role. A KMS key's policy must name the role, or the account, before the role's own policies count. A service that
 * acts in its own name needs an Allow in the resource's policy. A role must also trust the service that assumes it.
 *
 * Behaves as "Policy evaluation logic" (IAM user guide); differs: no permissions boundaries, session policies or organizations
 * (refused by name where they are declared). Throws `Error` with a sentence for policies and roles that do not fit together.
 */
const createAuthorizer = (inventory: Inventory, place: Place, nowMs: () => number = Date.now): IamAuthorizer => {
  let roles = rolesOf(inventory);
  let usage = new Usage(roles.all());
  /** After a reload that changes roles, counting begins again: a grant that was removed is no longer unused. */
  const followReloads = () => {
    const current = rolesOf(inventory);
    if (current === roles) return;
    roles = current;
    usage = new Usage(roles.all());
  };
  const resourcePolicies = new WeakMap<PolicyDocument, Policy>();

  const compiled = (document: PolicyDocument): Policy => {
    const known = resourcePolicies.get(document);
    if (known !== undefined) return known;
    const policy = compilePolicy("the resource's policy", document, "resource");
    resourcePolicies.set(document, policy);
    return policy;
  };

  const requestOf = (caller: Caller, action: string, resource: string, more: AuthorizeMore, role?: Role): Request => ({
    caller,
    action,
    resource,
    more,
    place,
    nowMs: nowMs(),
    principalTags: role?.tags ?? {},
  });

  const askResource = (request: Request, identity: Identity): Verdict => {
    if (request.more.resourcePolicy === undefined) return { allows: [], delegates: false };
    const { statements } = compiled(request.more.resourcePolicy);
    return evaluate(statements, request.action, request.resource, contextOf(request), identity);
  };

  /** The reason why the role can't be assumed, if there is one. */
  const distrust = (caller: FunctionCaller | RoleCaller, role: Role): string | undefined => {
    const principal = caller.principal ?? lambdaPrincipal;
    const sourceArn = caller.kind === "function" ? caller.functionArn : (caller.sourceArn ?? "");
    const request = requestOf({ kind: "service", principal, sourceArn }, "sts:AssumeRole", role.arn, {});
    const verdict = evaluate(role.trust.statements, request.action, role.arn, contextOf(request), {
      service: principal,
      region: place.region,
    });
    if (verdict.denial === undefined && verdict.allows.length > 0) return undefined;
    return denial.distrusted(role, principal, verdict);
  };

  const decideForRole = (caller: FunctionCaller | RoleCaller, action: string, resource: string, more: AuthorizeMore): Decision => {
    const role = roles.get(caller.roleArn);
    if (role === undefined) return { allowed: false, reason: denial.undeclared(caller, action, resource) };
    const distrusted = distrust(caller, role);
    if (distrusted !== undefined) return { allowed: false, reason: distrusted };

    const request = requestOf(caller, action, resource, more, role);
    const own = evaluate(role.statements, action, resource, contextOf(request));
    const itsOwn = askResource(request, { roleArn: role.arn, account: place.account });
    const refusing = own.denial ?? itsOwn.denial;
    if (refusing !== undefined) return { allowed: false, reason: denial.explicit(request, role, refusing) };
    const isLeftToRole = more.isPolicyRequired !== true || itsOwn.delegates;
    if (isLeftToRole) usage.allowed(own.allows, action, resource);
    if ((isLeftToRole && own.allows.length > 0) || itsOwn.allows.length > 0) return { allowed: true };
    if (!isLeftToRole) return { allowed: false, reason: denial.notDelegated(request, role, itsOwn.nearMiss) };
    return { allowed: false, reason: denial.ungranted(request, role, own.nearMiss ?? itsOwn.nearMiss) };
  };

  const decideForService = (caller: ServiceCaller, action: string, resource: string, more: AuthorizeMore): Decision => {
    const request = requestOf(caller, action, resource, more);
    const verdict = askResource(request, { service: caller.principal, region: place.region });
    if (verdict.denial !== undefined) return { allowed: false, reason: denial.explicit(request, undefined, verdict.denial) };
    if (verdict.allows.length > 0) return { allowed: true };
    return { allowed: false, reason: denial.uninvited(request, caller, verdict.nearMiss) };
  };

  return {
    decide: (caller, action, resource, more) => {
      if (caller.kind === "administrator") return { allowed: true };
      followReloads();
      const decision = readable(action, resource, () =>
        caller.kind === "service" ? decideForService(caller, action, resource, more) : decideForRole(caller, action, resource, more),
      );
      if (!decision.allowed) {
        const who = caller.kind === "service" ? caller.principal : (roles.get(caller.roleArn)?.declaredAs ?? caller.roleArn);
        usage.denied(who, action, resource, decision.reason);
      }
      return decision;
    },
    usage: () => {
      followReloads();
      return usage.report();
    },
  };
};

/** Roles' policies were checked at the start. A resource policy may be invalid: then it denies everything. */
const readable = (action: string, resource: string, decide: () => Decision): Decision => {
  try {
    return decide();
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return { allowed: false, reason: `${action} on ${resource} can't be decided by the resource's policy: ${error.message}` };
  }
};

export type { IamAuthorizer };
export { createAuthorizer };
