import { AwsError } from "../kernel/aws-error";
import type { Resource } from "../kernel/inventory";
import type { Cloud, Operation } from "../kernel/service";
import { policyText } from "./policy";
import { type Role, readRoles } from "./roles";

/**
 * The operations of IAM that read roles and policies.
 *
 * Each behaves as its page in the IAM API reference; differs: everything fits on one page (`Marker` is never given), policies have
 * one version, v1, and AWS managed policies can't be read.
 */
const createOperations = (cloud: Cloud): Record<string, Operation> => {
  const roles = new Map([...readRoles(cloud.inventory).values()].map(role => [role.name, role]));
  const createDate = new Date(cloud.clock.nowMs());

  const findRole = (name: string): Role => {
    const role = roles.get(name);
    if (role === undefined) throw new AwsError("NoSuchEntity", `The role with name ${name} cannot be found.`, 404);
    return role;
  };
  const findPolicy = (arn: string): Resource => {
    const policy = cloud.inventory.ofType("aws:iam/policy:Policy").find(({ outputs }) => outputs["arn"] === arn);
    if (policy === undefined) throw new AwsError("NoSuchEntity", `Policy ${arn} does not exist or is not attachable.`, 404);
    return policy;
  };
  const describeRole = ({ name }: Role) => {
    const { outputs } = cloud.inventory.ofType("aws:iam/role:Role").find(resource => resource.outputs["name"] === name)!;
    return {
      Path: outputs["path"],
      RoleName: name,
      RoleId: outputs["uniqueId"],
      Arn: outputs["arn"],
      CreateDate: createDate,
      AssumeRolePolicyDocument: encodeURIComponent(outputs["assumeRolePolicy"]),
      MaxSessionDuration: 3600,
    };
  };

  return {
    GetRole: async ({ RoleName }: { RoleName: string }, call) => {
      const role = findRole(RoleName);
      call.authorize("iam:GetRole", role.arn);
      return { Role: describeRole(role) };
    },

    ListRoles: async ({ PathPrefix = "/" }: { PathPrefix?: string }, call) => {
      call.authorize("iam:ListRoles", "*");
      const listed = [...roles.values()].map(describeRole).filter(({ Path }) => Path.startsWith(PathPrefix));
      return { Roles: listed, IsTruncated: false };
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
      if (document === undefined) throw new AwsError("NoSuchEntity", `The role policy with name ${PolicyName} cannot be found.`, 404);
      return { RoleName, PolicyName, PolicyDocument: encodeURIComponent(policyText(document)) };
    },

    ListAttachedRolePolicies: async ({ RoleName }: { RoleName: string }, call) => {
      const role = findRole(RoleName);
      call.authorize("iam:ListAttachedRolePolicies", role.arn);
      const attached = [...role.attached].map(arn => ({ PolicyName: arn.split("/").at(-1), PolicyArn: arn }));
      return { AttachedPolicies: attached, IsTruncated: false };
    },

    GetPolicy: async ({ PolicyArn }: { PolicyArn: string }, call) => {
      call.authorize("iam:GetPolicy", PolicyArn);
      const { outputs } = findPolicy(PolicyArn);
      const attachments = [...roles.values()].filter(role => role.attached.has(PolicyArn)).length;
      return {
        Policy: {
          PolicyName: outputs["name"],
          PolicyId: outputs["policyId"],
          Arn: PolicyArn,
          Path: outputs["path"],
          DefaultVersionId: "v1",
          AttachmentCount: attachments,
          IsAttachable: true,
          CreateDate: createDate,
        },
      };
    },

    GetPolicyVersion: async ({ PolicyArn, VersionId }: { PolicyArn: string; VersionId: string }, call) => {
      call.authorize("iam:GetPolicyVersion", PolicyArn);
      const { outputs } = findPolicy(PolicyArn);
      if (VersionId !== "v1") throw new AwsError("NoSuchEntity", `Policy ${PolicyArn} version ${VersionId} does not exist.`, 404);
      const Document = encodeURIComponent(outputs["policy"]);
      return { PolicyVersion: { Document, VersionId, IsDefaultVersion: true, CreateDate: createDate } };
    },
  };
};

export { createOperations };
