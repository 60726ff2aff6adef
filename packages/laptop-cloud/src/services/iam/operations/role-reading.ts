import type { Cloud, Operation } from "../../../kernel/service";
import { noSuchEntity } from "../errors";
import { policyText } from "../policy";
import type { Role, Roles } from "../roles";
import { describeRole } from "./describe";

/** The operations of IAM that read roles. Each behaves as its page in the IAM API reference; differs: all fits on one page. */
const createRoleReading = (cloud: Cloud, roles: Roles): Record<string, Operation> => {
  const bornMs = cloud.clock.nowMs();
  const findRole = (name: string): Role => {
    const role = roles.named(name);
    if (role === undefined) throw noSuchEntity(`The role with name ${name} cannot be found.`);
    return role;
  };

  return {
    GetRole: async ({ RoleName }: { RoleName: string }, call) => {
      const role = findRole(RoleName);
      call.authorize("iam:GetRole", role.arn);
      return { Role: describeRole(role, bornMs) };
    },

    ListRoles: async ({ PathPrefix = "/" }: { PathPrefix?: string }, call) => {
      call.authorize("iam:ListRoles", "*");
      const listed = roles.all().filter(({ path }) => path.startsWith(PathPrefix));
      return { Roles: listed.map(role => describeRole(role, bornMs)), IsTruncated: false };
    },

    ListRolePolicies: async ({ RoleName }: { RoleName: string }, call) => {
      const role = findRole(RoleName);
      call.authorize("iam:ListRolePolicies", role.arn);
      return { PolicyNames: [...role.inline.keys()], IsTruncated: false };
    },

    GetRolePolicy: async ({ RoleName, PolicyName }: { RoleName: string; PolicyName: string }, call) => {
      const role = findRole(RoleName);
      call.authorize("iam:GetRolePolicy", role.arn);
      const document = role.inline.get(PolicyName);
      if (document === undefined) throw noSuchEntity(`The role policy with name ${PolicyName} cannot be found.`);
      return { RoleName, PolicyName, PolicyDocument: encodeURIComponent(policyText(document)) };
    },

    ListAttachedRolePolicies: async ({ RoleName }: { RoleName: string }, call) => {
      const role = findRole(RoleName);
      call.authorize("iam:ListAttachedRolePolicies", role.arn);
      const attached = [...role.attached].map(arn => ({ PolicyName: arn.split("/").at(-1), PolicyArn: arn }));
      return { AttachedPolicies: attached, IsTruncated: false };
    },
  };
};

export { createRoleReading };
